import { realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { AgentTargetDescription } from "../../schemas/agent-target.ts";
import { isSystemError } from "../../schemas/system-error.ts";
import { markdownText, mcpValue, ofKind } from "./claude-folder.ts";
import { componentLabel } from "./component-label.ts";
import type { ConfigEdit } from "./config-file.ts";
import { findFolder } from "./find-agent.ts";
import { lossesOf, lostServer } from "./losses.ts";
import type { Placement } from "./placement.ts";
import { PlainNames } from "./plain-names.ts";
import { programOnPath } from "./program-on-path.ts";
import { skillPlacements } from "./skills-folder.ts";
import type { AgentPlugin, AgentTarget, Expresses, FoundAgent, Machine, Rendering } from "./target.ts";

/**
 * The target that a plugin tells of, as data: skills, commands and agents in folders, MCP servers in one JSON file, all of
 * it inside the agent's own folder, links followed. It is written into only when a person names it.
 */
export function contributedTarget(description: AgentTargetDescription, plugin: string): AgentTarget {
  const { name, title } = description;
  const expresses = expressesOf(description);
  return {
    name,
    title,
    plugin,
    expresses,
    projects: { lost: "it holds plugins for the person only" },
    byDefault: false,
    find: (machine) => findContributed(description, machine),
    render: (all, { agent: { folder } }) => {
      const plugins = all.filter((one) => one.enabled);
      const rendering = render(plugins, description, folder);
      const losses = lossesOf(plugins, {
        title,
        expresses,
        loses: (one) => lostServer(one, title, ["stdio", "http", "sse", "ws"]),
        drops: () => ["options"],
      });
      return inside({ ...rendering, registrations: [], losses }, folder, title);
    },
  };
}

function expressesOf({ skills, commands, agents, mcp, losses = {} }: AgentTargetDescription): Expresses {
  const lost = Object.fromEntries(Object.entries(losses).map(([kind, reason]) => [kind, { lost: reason }]));
  return {
    ...lost,
    ...(skills !== undefined && { skill: "native", command: "translated" }),
    ...(commands !== undefined && { command: "native" }),
    ...(agents !== undefined && { agent: "native" }),
    ...(mcp !== undefined && { mcp: "translated" }),
  };
}

function findContributed({ program, folder }: AgentTargetDescription, machine: Machine): FoundAgent | undefined {
  const path = join(machine.homeDirectory, folder);
  if (program === undefined) return findFolder(path);
  const found = programOnPath(machine.environment, program);
  return found === undefined ? undefined : { program: found, folder: path };
}

function render(
  plugins: readonly AgentPlugin[],
  { skills, commands, agents, mcp }: AgentTargetDescription,
  folder: string,
): Pick<Rendering, "placements" | "edits"> {
  const names = { command: new PlainNames(), agent: new PlainNames(), mcp: new PlainNames() };
  const file = (path: string, plugin: AgentPlugin, text: () => string): Placement => ({
    path,
    key: plugin.key,
    plugin: plugin.id,
    content: { kind: "file", text },
  });
  return {
    placements: [
      ...(skills === undefined
        ? []
        : skillPlacements(plugins, join(folder, skills), { commands: commands === undefined })),
      ...plugins.flatMap((plugin) => [
        ...(commands === undefined ? [] : ofKind(plugin, "command")).map((one) =>
          file(join(folder, commands ?? "", `${names.command.take(plugin, one.name)}.md`), plugin, () =>
            markdownText(one, plugin),
          ),
        ),
        ...(agents === undefined ? [] : ofKind(plugin, "agent")).map((one) =>
          file(join(folder, agents ?? "", `${names.agent.take(plugin, one.name)}.md`), plugin, () =>
            markdownText(one, plugin),
          ),
        ),
      ]),
    ],
    edits:
      mcp === undefined
        ? []
        : plugins.flatMap((plugin) =>
            ofKind(plugin, "mcp").flatMap((server): readonly ConfigEdit[] => {
              const value = mcpValue([server], plugin)[server.name];
              if (value === undefined) return [];
              const path = [...mcp.member, names.mcp.take(plugin, server.name)];
              const component = componentLabel(server);
              return [{ file: join(folder, mcp.file), path, value, plugin: plugin.id, component }];
            }),
          ),
  };
}

/** The rendering without what a link would lead out of the agent's folder, and the losses of that. */
function inside(rendering: Rendering, folder: string, title: string): Rendering {
  const root = realPath(folder);
  const isInside = (path: string): boolean => {
    const real = realPath(path);
    return real === root || real.startsWith(`${root}${sep}`);
  };
  const reason = (path: string): string => `\`${path}\` leads out of the folder of ${title}`;
  const outside = rendering.placements.filter(({ path }) => !isInside(dirname(path)));
  const edits = rendering.edits.filter(({ file }) => !isInside(file));
  return {
    ...rendering,
    placements: rendering.placements.filter((one) => !outside.includes(one)),
    edits: rendering.edits.filter((one) => !edits.includes(one)),
    losses: [
      ...rendering.losses,
      ...outside.map(({ path, plugin = "" }) => ({ plugin, component: undefined, reason: reason(path) })),
      ...edits.map(({ file, plugin, component }) => ({ plugin, component, reason: reason(file) })),
    ],
  };
}

/** The real path of what exists of a path, and the rest of it as it is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isSystemError(error, "ENOENT") || path === dirname(path)) throw error;
    return join(realPath(dirname(path)), path.slice(dirname(path).length));
  }
}
