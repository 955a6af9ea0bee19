import { existsSync } from "node:fs";
import { join } from "node:path";
import { splitFrontMatter } from "../../schemas/frontmatter-split.ts";
import type { CommandContribution, LspContribution, McpContribution } from "../../schemas/plugin-manifest.ts";
import { markdownText, ofKind } from "./claude-folder.ts";
import { agentPrompt } from "./command-skill.ts";
import { componentLabel } from "./component-label.ts";
import type { ConfigEdit } from "./config-file.ts";
import { findProgram } from "./find-agent.ts";
import { lossesOf, type LossRules, lostServer } from "./losses.ts";
import { placedValue } from "./placeholders.ts";
import type { Placement } from "./placement.ts";
import { PlainNames } from "./plain-names.ts";
import { skillPlacements } from "./skills-folder.ts";
import type { AgentPlugin, AgentTarget, Expresses, Place, Machine } from "./target.ts";
import { withVariables } from "./variables.ts";

const TITLE = "opencode";

const EXPRESSES: Expresses = {
  skill: "native",
  command: "translated",
  agent: "translated",
  mcp: "translated",
  lsp: "translated",
  hook: { lost: "hooks of opencode are modules that it loads, not commands" },
  "output-style": { lost: "opencode has no output styles" },
  monitor: { lost: "opencode has no monitors" },
  bin: { lost: "opencode puts no programs of plugins on the search path" },
};

/** Where opencode keeps its configuration. */
export function opencodeFolder(machine: Machine): string {
  return join(machine.environment["XDG_CONFIG_HOME"] ?? join(machine.homeDirectory, ".config"), "opencode");
}

/** opencode reads folders and one configuration file; its own plugins are JavaScript modules. */
export const opencode: AgentTarget = {
  name: "opencode",
  title: TITLE,
  expresses: EXPRESSES,
  projects: { lost: "its folders in a project are shared with the team, and the paths here are this machine's" },
  byDefault: true,
  find: (machine) => findProgram(machine, "opencode", /^opencode/u, opencodeFolder(machine)),
  render: (all, place) => {
    const plugins = all.filter((plugin) => plugin.enabled);
    const { folder } = place.agent;
    const names = { command: new PlainNames(), agent: new PlainNames(), mcp: new PlainNames(), lsp: new PlainNames() };
    return {
      placements: [
        ...skillPlacements(plugins, join(folder, "skills"), { commands: false }),
        ...plugins.flatMap((plugin) => [
          ...ofKind(plugin, "command").map((command) => {
            const path = join(folder, "commands", `${names.command.take(plugin, command.name)}.md`);
            return filePlacement(path, plugin, () => commandText(command, plugin));
          }),
          ...ofKind(plugin, "agent").map((agent) => {
            const path = join(folder, "agents", `${names.agent.take(plugin, agent.name)}.md`);
            const head = `---\ndescription: ${JSON.stringify(agent.description)}\nmode: subagent\n---\n\n`;
            return filePlacement(path, plugin, () => head + agentPrompt(agent, plugin));
          }),
        ]),
      ],
      edits: plugins.flatMap((plugin) => [
        ...ofKind(plugin, "mcp").flatMap((server) => {
          const value = mcpMember(server);
          return value === undefined
            ? []
            : [edit(place, plugin, server, ["mcp", names.mcp.take(plugin, server.name)], value)];
        }),
        ...ofKind(plugin, "lsp").map((server) =>
          edit(place, plugin, server, ["lsp", names.lsp.take(plugin, server.name)], lspMember(server)),
        ),
      ]),
      registrations: [],
      losses: lossesOf(plugins, RULES),
    };
  },
};

function filePlacement(path: string, plugin: AgentPlugin, text: () => string): Placement {
  return { path, key: plugin.key, plugin: plugin.id, content: { kind: "file", text } };
}

/** Positions count from 1 there and from 0 in public commands. */
function commandText(command: CommandContribution, plugin: AgentPlugin): string {
  const body = splitFrontMatter(markdownText(command, plugin)).body.replaceAll(
    /\$ARGUMENTS\[(\d+)\]/gu,
    (_, position: string) => `$${String(Number(position) + 1)}`,
  );
  return `---\ndescription: ${JSON.stringify(command.description)}\n---\n\n${body}`;
}

function edit(
  { agent: { folder } }: Place,
  plugin: AgentPlugin,
  server: McpContribution | LspContribution,
  path: readonly string[],
  value: unknown,
): ConfigEdit {
  const commented = join(folder, "opencode.jsonc");
  const file = existsSync(commented) ? commented : join(folder, "opencode.json");
  return {
    file,
    path,
    value: variables(placedValue(value, plugin)),
    plugin: plugin.id,
    component: componentLabel(server),
  };
}

function mcpMember({ config, timeoutMs }: McpContribution): unknown {
  const time = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  switch (config.transport) {
    case "stdio":
      return {
        type: "local",
        command: [config.command, ...config.args],
        enabled: true,
        ...(Object.keys(config.env).length > 0 && { environment: config.env }),
        ...time,
      };
    case "http":
    case "sse":
      return {
        type: "remote",
        url: config.url,
        enabled: true,
        ...(Object.keys(config.headers).length > 0 && { headers: config.headers }),
        ...time,
      };
    default:
      return undefined;
  }
}

function lspMember({ command, args, env, extensionToLanguage }: LspContribution): unknown {
  return {
    command: [command, ...args],
    extensions: Object.keys(extensionToLanguage),
    ...(Object.keys(env).length > 0 && { env }),
  };
}

const RULES: LossRules = {
  title: TITLE,
  expresses: EXPRESSES,
  loses: (one) => lostServer(one, TITLE, ["stdio", "http", "sse"]),
  drops: ({ kind }) => [
    "headers helper",
    "oauth",
    "tools",
    "hooks",
    "defaults of variables",
    "options",
    // Its own commands know the same form.
    ...(kind === "skill" ? (["commands in its text"] as const) : []),
  ],
};

/** `${NAME}` of public files is `{env:NAME}` there; a default has no place. */
function variables(value: unknown): unknown {
  return withVariables(value, ({ name }) => `{env:${name}}`);
}
