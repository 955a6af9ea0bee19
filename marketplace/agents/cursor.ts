import { join } from "node:path";
import type { Contribution, HookContribution } from "../../schemas/plugin-manifest.ts";
import { jsonFile, manifestFacts, markdownText, mcpValue, ofKind, skillFiles } from "./claude-folder.ts";
import { findFolder } from "./find-agent.ts";
import { hookCommand } from "./hook-command.ts";
import { kindLosses, lossesOf, uniquelyNamed } from "./losses.ts";
import type { PlacedFile, Placement } from "./placement.ts";
import type { AgentPlugin, AgentTarget, Expresses } from "./target.ts";
import { CURSOR_FOLDER } from "./programs.ts";
import { renamedMatcher } from "./tool-names.ts";

const TITLE = "Cursor";

const EXPRESSES: Expresses = {
  skill: "native",
  command: "native",
  agent: "native",
  hook: "translated",
  mcp: "native",
  lsp: { lost: "the editor has language servers of its own" },
  "output-style": { lost: "Cursor has no output styles" },
  monitor: { lost: "Cursor has no monitors" },
  bin: { lost: "Cursor puts no programs of plugins on the search path" },
};

/** Its events that answer to those of public hooks files. */
const EVENTS: Readonly<Record<string, string>> = {
  PreToolUse: "preToolUse",
  PostToolUse: "postToolUse",
  PostToolUseFailure: "postToolUseFailure",
  UserPromptSubmit: "beforeSubmitPrompt",
  SessionStart: "sessionStart",
  SessionEnd: "sessionEnd",
  SubagentStart: "subagentStart",
  SubagentStop: "subagentStop",
  PreCompact: "preCompact",
  Stop: "stop",
};

const TOOLS: Readonly<Record<string, string>> = { Bash: "Shell", Edit: "Write", MultiEdit: "Write", Agent: "Task" };

/** Cursor loads every folder below `plugins/local` at its next start. */
export const cursor: AgentTarget = {
  name: "cursor",
  title: TITLE,
  expresses: EXPRESSES,
  projects: { lost: "it holds local plugins for the person only" },
  byDefault: true,
  find: ({ homeDirectory }) => findFolder(join(homeDirectory, CURSOR_FOLDER)),
  render: (all, { agent: { folder } }) => {
    const { plugins, losses } = uniquelyNamed(all.filter((plugin) => plugin.enabled));
    return {
      placements: plugins.map((plugin): Placement => ({
        path: join(folder, "plugins", "local", plugin.name),
        key: plugin.key,
        plugin: plugin.id,
        content: { kind: "folder", files: () => files(plugin) },
      })),
      edits: [],
      registrations: [],
      losses: [...losses, ...kindLosses(plugins, EXPRESSES, TITLE), ...lossesOf(plugins, lostHook)],
    };
  },
};

function lostHook(one: Contribution): string | undefined {
  if (one.kind !== "hook") return undefined;
  if (EVENTS[one.event] === undefined) return "Cursor raises no such event";
  return one.handler.type === "command" ? undefined : `Cursor runs no \`${one.handler.type}\` handlers`;
}

function files(plugin: AgentPlugin): readonly PlacedFile[] {
  const hooks = ofKind(plugin, "hook").filter((hook) => lostHook(hook) === undefined);
  const servers = ofKind(plugin, "mcp");
  return [
    jsonFile(".cursor-plugin/plugin.json", manifestFacts(plugin)),
    ...ofKind(plugin, "skill").flatMap((skill) => skillFiles(skill, plugin, `skills/${skill.name}`)),
    ...ofKind(plugin, "command").map((one) => ({
      path: `commands/${one.name.replaceAll(":", "-")}.md`,
      content: { text: markdownText(one, plugin) },
    })),
    ...ofKind(plugin, "agent").map((one) => ({
      path: `agents/${one.name.replaceAll(":", "-")}.md`,
      content: { text: markdownText(one, plugin) },
    })),
    ...(hooks.length > 0 ? [jsonFile("hooks/hooks.json", hooksOf(hooks, plugin))] : []),
    ...(servers.length > 0 ? [jsonFile("mcp.json", { mcpServers: mcpValue(servers, plugin) })] : []),
  ];
}

function hooksOf(hooks: readonly HookContribution[], plugin: AgentPlugin): unknown {
  const events: Record<string, unknown[]> = {};
  for (const { event, matcher, handler, timeoutSeconds } of hooks) {
    const name = EVENTS[event];
    if (name === undefined || handler.type !== "command") continue;
    (events[name] ??= []).push({
      command: hookCommand(handler, plugin),
      ...(matcher !== undefined && { matcher: renamedMatcher(matcher, TOOLS) }),
      ...(timeoutSeconds !== undefined && { timeout: timeoutSeconds }),
    });
  }
  return { version: 1, hooks: events };
}
