import { join } from "node:path";
import * as z from "zod";
import type { Contribution, McpContribution } from "../../schemas/plugin-manifest.ts";
import type { AgentCommand } from "./agent-command.ts";
import { hooksValue, jsonFile, manifestFacts, ofKind } from "./claude-folder.ts";
import { codexServer } from "./codex-server.ts";
import { agentPrompt, allSkills } from "./command-skill.ts";
import type { ComponentPart } from "./component-part.ts";
import { findProgram } from "./find-agent.ts";
import { generatedMarketplace } from "./generated-marketplace.ts";
import { lossesOf, type LossRules, lossOf, lostHook, lostServer, uniquelyNamed } from "./losses.ts";
import { PlainNames } from "./plain-names.ts";
import { placedValue } from "./placeholders.ts";
import type { PlacedFile, Placement } from "./placement.ts";
import { printed } from "./printed.ts";
import { registrationsOf } from "./registration.ts";
import { variablesOf } from "./variables.ts";
import type {
  AgentPlugin,
  AgentTarget,
  Expresses,
  FoundAgent,
  Place,
  Registration,
  ListedRegistration,
  Machine,
} from "./target.ts";

const TITLE = "OpenAI Codex";

const EXPRESSES: Expresses = {
  skill: "native",
  command: "translated",
  agent: "translated",
  hook: "translated",
  mcp: "translated",
  lsp: { lost: `${TITLE} starts no language servers` },
  "output-style": { lost: `${TITLE} has no output styles` },
  monitor: { lost: `${TITLE} has no monitors` },
  bin: { lost: `${TITLE} puts no programs of plugins on the search path` },
};

/** The hook events that it raises under the names of public hooks files. */
const EVENTS: ReadonlySet<string> = new Set([
  "PreToolUse",
  "PermissionRequest",
  "PostToolUse",
  "PreCompact",
  "PostCompact",
  "SessionStart",
  "SessionEnd",
  "UserPromptSubmit",
  "SubagentStart",
  "SubagentStop",
  "Stop",
]);

/** Where Codex keeps its configuration and plugins. */
export function codexFolder(machine: Machine): string {
  return machine.environment["CODEX_HOME"] ?? join(machine.homeDirectory, ".codex");
}

/** Codex copies plugins of a marketplace into its own cache; agents of plugins it reads from its agents folder alone. */
export const codex: AgentTarget = {
  name: "codex",
  title: TITLE,
  expresses: EXPRESSES,
  projects: { lost: "it holds plugins for the person only" },
  byDefault: true,
  find: (machine) => findProgram(machine, "codex", /^@openai\/codex/u, codexFolder(machine)),
  render: (all, place) => {
    const { plugins, losses } = uniquelyNamed(all.filter((plugin) => plugin.enabled));
    const form = { catalog: ".claude-plugin/marketplace.json", isTree: () => false, files };
    return {
      placements: [
        ...generatedMarketplace(plugins, place, form),
        ...plugins.flatMap((plugin) => agentPlacements(plugin, place.agent)),
      ],
      edits: [],
      registrations: registrationsOf(plugins),
      losses: [...losses, ...lossesOf(plugins, RULES)],
    };
  },
  door: { configFiles: ({ agent }) => [join(agent.folder, "config.toml")], listed, register },
};

const RULES: LossRules = {
  title: TITLE,
  expresses: EXPRESSES,
  loses: (one) => lostServer(one, TITLE, ["stdio", "http"]) ?? lostHook(one, TITLE, (event) => EVENTS.has(event)),
  drops: (one) => [
    ...DROPS,
    ...(one.kind === "mcp" && variablesOf(codexServer(one)).length > 0 ? (["variables"] as const) : []),
  ],
};

const DROPS: readonly ComponentPart[] = [
  "condition",
  "once",
  "headers helper",
  "defaults of variables",
  "oauth",
  "tools",
  "commands in its text",
  "hooks",
  "options",
];

function files(plugin: AgentPlugin): readonly PlacedFile[] {
  const isHeld = (one: Contribution): boolean => lossOf(one, plugin, RULES) === undefined;
  const hooks = ofKind(plugin, "hook").filter(isHeld);
  const servers = ofKind(plugin, "mcp").filter(isHeld);
  const skills = allSkills(plugin);
  return [
    jsonFile(".codex-plugin/plugin.json", {
      ...manifestFacts(plugin),
      ...(skills.length > 0 && { skills: "./skills/" }),
      ...(servers.length > 0 && { mcpServers: "./.mcp.json" }),
      ...(hooks.length > 0 && { hooks: "./hooks/hooks.json" }),
    }),
    ...skills,
    ...(hooks.length > 0 ? [jsonFile("hooks/hooks.json", hooksValue(hooks, plugin, { lines: true }))] : []),
    ...(servers.length > 0 ? [jsonFile(".mcp.json", { mcpServers: serversOf(servers, plugin) })] : []),
  ];
}

function serversOf(servers: readonly McpContribution[], plugin: AgentPlugin): Readonly<Record<string, unknown>> {
  return Object.fromEntries(servers.map((server) => [server.name, placedValue(codexServer(server), plugin)]));
}

/** Agents as files of their own, named after their plugin; a JSON text is a valid TOML text. */
function agentPlacements(plugin: AgentPlugin, { folder }: FoundAgent): readonly Placement[] {
  const names = new PlainNames();
  return ofKind(plugin, "agent").map((agent) => {
    const name = `${plugin.name}-${names.take(plugin, agent.name)}`;
    const text = (): string =>
      [
        `name = ${JSON.stringify(name)}`,
        `description = ${JSON.stringify(agent.description)}`,
        `developer_instructions = ${JSON.stringify(agentPrompt(agent, plugin))}`,
        "",
      ].join("\n");
    return {
      path: join(folder, "agents", `${name}.toml`),
      key: plugin.key,
      plugin: plugin.id,
      content: { kind: "file", text },
    };
  });
}

const plugins = z.looseObject({
  installed: z.array(
    z.looseObject({ name: z.string(), version: z.string().nullish(), enabled: z.boolean().optional() }),
  ),
});
const marketplaces = z.looseObject({ marketplaces: z.array(z.looseObject({ name: z.string() })) });

async function isAdded(marketplace: string, command: AgentCommand): Promise<boolean> {
  const output = await command(["plugin", "marketplace", "list", "--json"]);
  return printed(marketplaces, output, TITLE).marketplaces.some(({ name }) => name === marketplace);
}

async function listed({ marketplace }: Place, command: AgentCommand): Promise<ReadonlyMap<string, ListedRegistration>> {
  if (!(await isAdded(marketplace, command))) return new Map();
  const output = await command(["plugin", "list", "--marketplace", marketplace, "--json"]);
  return new Map(
    printed(plugins, output, TITLE).installed.map(({ name, version, enabled }) => [
      name,
      { ...(typeof version === "string" && { version }), enabled: enabled ?? true },
    ]),
  );
}

async function register(
  wanted: readonly Registration[],
  had: ReadonlyMap<string, Registration>,
  place: Place,
  command: AgentCommand,
): Promise<void> {
  const { marketplace, own } = place;
  const isThere = await isAdded(marketplace, command);
  if (!isThere && wanted.length === 0) return;
  if (!isThere) await command(["plugin", "marketplace", "add", own, "--json"]);
  const holds = await listed(place, command);
  const stale = [...holds].filter(([name, { version }]) => {
    const now = wanted.find((one) => one.name === name);
    return now === undefined || now.version !== version || had.get(name)?.key !== now.key;
  });
  // It copies a plugin when it is added and never looks again.
  for (const [name] of stale) await command(["plugin", "remove", `${name}@${marketplace}`]);
  for (const { name } of wanted) {
    if (!holds.has(name) || stale.some(([one]) => one === name)) {
      await command(["plugin", "add", `${name}@${marketplace}`, "--json"]);
    }
  }
  if (wanted.length === 0) await command(["plugin", "marketplace", "remove", marketplace]);
}
