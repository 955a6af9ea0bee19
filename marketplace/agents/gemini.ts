import { join } from "node:path";
import * as z from "zod";
import { splitFrontMatter } from "../../schemas/frontmatter-split.ts";
import type { CommandContribution, HookContribution, McpContribution } from "../../schemas/plugin-manifest.ts";
import type { AgentCommand } from "./agent-command.ts";
import { jsonFile, markdownText, ofKind, skillFiles } from "./claude-folder.ts";
import { agentPrompt } from "./command-skill.ts";
import { findProgram } from "./find-agent.ts";
import { hookCommand } from "./hook-command.ts";
import { lossesOf, type LossRules, lossOf, lostHook, lostServer, uniquelyNamed } from "./losses.ts";
import { PlainNames } from "./plain-names.ts";
import { placedValue } from "./placeholders.ts";
import type { PlacedFile, Placement } from "./placement.ts";
import { printed } from "./printed.ts";
import { registrationsOf } from "./registration.ts";
import type {
  AgentPlugin,
  AgentTarget,
  Expresses,
  Place,
  Registration,
  ListedRegistration,
  Machine,
} from "./target.ts";
import { renamedMatcher } from "./tool-names.ts";

const TITLE = "Gemini CLI";

const EXPRESSES: Expresses = {
  skill: "native",
  command: "translated",
  agent: "translated",
  hook: "translated",
  mcp: "translated",
  lsp: { lost: `${TITLE} starts no language servers` },
  "output-style": { lost: `${TITLE} has no output styles` },
  monitor: { lost: `${TITLE} has no monitors` },
  bin: { lost: `${TITLE} puts no programs of extensions on the search path` },
};

/** As `gemini hooks migrate` maps the events of public hooks files. */
const EVENTS: Readonly<Record<string, string>> = {
  PreToolUse: "BeforeTool",
  PostToolUse: "AfterTool",
  UserPromptSubmit: "BeforeAgent",
  Stop: "AfterAgent",
  SessionStart: "SessionStart",
  SessionEnd: "SessionEnd",
  PreCompact: "PreCompress",
  Notification: "Notification",
};

const TOOLS: Readonly<Record<string, string>> = {
  Bash: "run_shell_command",
  Read: "read_file",
  Write: "write_file",
  Edit: "replace",
  MultiEdit: "replace",
  Glob: "glob",
  Grep: "grep_search",
  LS: "list_directory",
  WebFetch: "web_fetch",
  WebSearch: "google_web_search",
};

/** Where Gemini CLI keeps its settings and extensions. */
export function geminiFolder(machine: Machine): string {
  return join(machine.environment["GEMINI_CLI_HOME"] ?? machine.homeDirectory, ".gemini");
}

/** Gemini CLI links a folder as an extension and reads it at every start. */
export const gemini: AgentTarget = {
  name: "gemini",
  title: TITLE,
  expresses: EXPRESSES,
  projects: { lost: "it holds extensions for the person only" },
  byDefault: true,
  find: (machine) => findProgram(machine, "gemini", /^@google\/gemini-cli$/u, geminiFolder(machine)),
  render: (all, { own }) => {
    const { plugins, losses } = uniquelyNamed(all.filter((plugin) => plugin.enabled));
    return {
      placements: plugins.map((plugin): Placement => ({
        path: join(own, plugin.name),
        key: plugin.key,
        plugin: plugin.id,
        content: { kind: "folder", files: () => files(plugin) },
      })),
      edits: [],
      registrations: registrationsOf(plugins),
      losses: [...losses, ...lossesOf(plugins, RULES)],
    };
  },
  door: {
    configFiles: ({ agent: { folder } }) => [join(folder, "extensions", "extension-enablement.json")],
    listed,
    register,
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
    "options",
  ],
};

function files(plugin: AgentPlugin): readonly PlacedFile[] {
  const { name, version, manifest } = plugin;
  const hooks = ofKind(plugin, "hook").filter((hook) => lossOf(hook, plugin, RULES) === undefined);
  const names = new PlainNames();
  const servers = ofKind(plugin, "mcp").flatMap((server) => {
    const value = serverOf(server);
    return value === undefined ? [] : [[server.name, placedValue(value, plugin)] as const];
  });
  return [
    jsonFile("gemini-extension.json", {
      name,
      version,
      ...(manifest.description !== undefined && { description: manifest.description }),
      ...(servers.length > 0 && { mcpServers: Object.fromEntries(servers) }),
    }),
    ...ofKind(plugin, "skill").flatMap((skill) => skillFiles(skill, plugin, `skills/${skill.name}`)),
    ...ofKind(plugin, "command").map((command) => ({
      path: `commands/${command.name.replaceAll(":", "/")}.toml`,
      content: { text: commandText(command, plugin) },
    })),
    ...ofKind(plugin, "agent").map((agent) => {
      const own = names.take(plugin, agent.name);
      const head = `---\nname: ${JSON.stringify(own)}\ndescription: ${JSON.stringify(agent.description)}\n---\n\n`;
      return { path: `agents/${own}.md`, content: { text: head + agentPrompt(agent, plugin) } };
    }),
    ...(hooks.length > 0 ? [jsonFile("hooks/hooks.json", hooksOf(hooks, plugin))] : []),
  ];
}

/** A JSON text is a valid TOML text. */
function commandText(command: CommandContribution, plugin: AgentPlugin): string {
  const { body } = splitFrontMatter(markdownText(command, plugin));
  const prompt = body.replaceAll(/\$ARGUMENTS(?:\[\d+\])?/gu, "{{args}}");
  return `description = ${JSON.stringify(command.description)}\nprompt = ${JSON.stringify(prompt)}\n`;
}

function serverOf({ config, timeoutMs }: McpContribution): unknown {
  const timeout = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  switch (config.transport) {
    case "stdio":
      return { command: config.command, args: config.args, env: config.env, ...timeout };
    case "http":
      return { httpUrl: config.url, headers: config.headers, ...timeout };
    case "sse":
      return { url: config.url, headers: config.headers, ...timeout };
    default:
      return undefined;
  }
}

/** Times are milliseconds there. */
function hooksOf(hooks: readonly HookContribution[], plugin: AgentPlugin): unknown {
  const events: Record<string, unknown[]> = {};
  for (const { event, matcher, handler, timeoutSeconds } of hooks) {
    const name = EVENTS[event];
    if (name === undefined || handler.type !== "command") continue;
    (events[name] ??= []).push({
      ...(matcher !== undefined && { matcher: renamedMatcher(matcher, TOOLS) }),
      hooks: [
        {
          type: "command",
          command: hookCommand(handler, plugin),
          ...(timeoutSeconds !== undefined && { timeout: timeoutSeconds * 1000 }),
        },
      ],
    });
  }
  return { hooks: events };
}

const extensions = z.array(
  z.looseObject({
    name: z.string(),
    version: z.string().optional(),
    path: z.string(),
    isActive: z.boolean().optional(),
  }),
);

async function listed({ own }: Place, command: AgentCommand): Promise<ReadonlyMap<string, ListedRegistration>> {
  const output = await command(["extensions", "list", "--output-format", "json"]);
  const found =
    output.trim() === "" || !output.includes("[") ? [] : printed(extensions, output.slice(output.indexOf("[")), TITLE);
  return new Map(
    found
      .filter(({ path }) => path.startsWith(`${own}/`))
      .map(({ name, version, isActive }) => [name, { version, enabled: isActive ?? true }]),
  );
}

async function register(
  wanted: readonly Registration[],
  _had: ReadonlyMap<string, Registration>,
  place: Place,
  command: AgentCommand,
): Promise<void> {
  const { own } = place;
  const linked = [...(await listed(place, command)).keys()];
  const gone = linked.filter((name) => !wanted.some((one) => one.name === name));
  if (gone.length > 0) await command(["extensions", "uninstall", ...gone]);
  // It reads a linked folder anew at every start, so a newer version needs no word.
  for (const { name } of wanted) {
    if (!linked.includes(name)) await command(["extensions", "link", join(own, name), "--consent"]);
  }
}
