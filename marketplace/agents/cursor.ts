import { join } from "node:path";
import type { Contribution, HookContribution } from "../../schemas/plugin-manifest.ts";
import { jsonFile, manifestFacts, markdownText, mcpValue, ofKind, skillFiles } from "./claude-folder.ts";
import { findFolder } from "./find-agent.ts";
import { hookCommand } from "./hook-command.ts";
import { lossesOf, type LossRules, lossOf, lostHook, lostServer, uniquelyNamed } from "./losses.ts";
import { PlainNames } from "./plain-names.ts";
import type { PlacedFile, Placement } from "./placement.ts";
import type { AgentPlugin, AgentTarget, Expresses } from "./target.ts";
import { CURSOR_FOLDER } from "./programs.ts";
import { renamedMatcher } from "./tool-names.ts";
import { withVariables } from "./variables.ts";

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
      losses: [...losses, ...lossesOf(plugins, RULES)],
    };
  },
};

const RULES: LossRules = {
  title: TITLE,
  expresses: EXPRESSES,
  loses: (one) =>
    lostServer(one, TITLE, ["stdio", "http", "sse"]) ?? lostHook(one, TITLE, (event) => EVENTS[event] !== undefined),
  drops: () => [
    "condition",
    "once",
    "async",
    "headers helper",
    "oauth",
    "tools",
    "commands in its text",
    "hooks",
    "defaults of variables",
    "options",
  ],
};

function files(plugin: AgentPlugin): readonly PlacedFile[] {
  const isHeld = (one: Contribution): boolean => lossOf(one, plugin, RULES) === undefined;
  const hooks = ofKind(plugin, "hook").filter(isHeld);
  const servers = ofKind(plugin, "mcp").filter(isHeld);
  const names = { command: new PlainNames(), agent: new PlainNames() };
  return [
    jsonFile(".cursor-plugin/plugin.json", manifestFacts(plugin)),
    ...ofKind(plugin, "skill").flatMap((skill) => skillFiles(skill, plugin, `skills/${skill.name}`)),
    ...ofKind(plugin, "command").map((one) => ({
      path: `commands/${names.command.take(plugin, one.name)}.md`,
      content: { text: markdownText(one, plugin) },
    })),
    ...ofKind(plugin, "agent").map((one) => ({
      path: `agents/${names.agent.take(plugin, one.name)}.md`,
      content: { text: markdownText(one, plugin) },
    })),
    ...(hooks.length > 0 ? [jsonFile("hooks/hooks.json", hooksOf(hooks, plugin))] : []),
    ...(servers.length > 0 ? [jsonFile("mcp.json", { mcpServers: variables(mcpValue(servers, plugin)) })] : []),
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

/** `${NAME}` of public files is `${env:NAME}` there; a default has no place. */
function variables(value: unknown): unknown {
  return withVariables(value, ({ name }) => `\${env:${name}}`);
}
