import { join } from "node:path";
import * as z from "zod";
import type { Contribution } from "../../schemas/plugin-manifest.ts";
import type { AgentCommand } from "./agent-command.ts";
import { hooksValue, jsonFile, lspValue, manifestFacts, markdownText, mcpValue, ofKind } from "./claude-folder.ts";
import { allSkills } from "./command-skill.ts";
import { findProgram } from "./find-agent.ts";
import { generatedMarketplace } from "./generated-marketplace.ts";
import { lossesOf, type LossRules, lossOf, lostHook, lostServer, uniquelyNamed } from "./losses.ts";
import { PlainNames } from "./plain-names.ts";
import type { PlacedFile } from "./placement.ts";
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

const TITLE = "GitHub Copilot CLI";

const EXPRESSES: Expresses = {
  skill: "native",
  command: "translated",
  agent: "native",
  hook: "native",
  mcp: "native",
  lsp: "native",
  "output-style": { lost: `${TITLE} has no output styles` },
  monitor: { lost: `${TITLE} has no monitors` },
  bin: { lost: `${TITLE} puts no programs of plugins on the search path` },
};

/** Events of public hooks files that it raises under the same names. */
const EVENTS: ReadonlySet<string> = new Set([
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
  "UserPromptSubmit",
  "SessionStart",
  "SessionEnd",
  "SubagentStart",
  "SubagentStop",
  "PreCompact",
  "PermissionRequest",
  "Notification",
  "Stop",
]);

/** Where Copilot CLI keeps its settings and plugins. */
export function copilotFolder(machine: Machine): string {
  return machine.environment["COPILOT_HOME"] ?? join(machine.homeDirectory, ".copilot");
}

/** Copilot loads plugins of a local marketplace from their folder, live. */
export const copilot: AgentTarget = {
  name: "copilot",
  title: TITLE,
  expresses: EXPRESSES,
  projects: { lost: "it holds plugins for the person only" },
  byDefault: true,
  find: (machine) => findProgram(machine, "copilot", /^@github\/copilot/u, copilotFolder(machine)),
  render: (all, place) => {
    const { plugins, losses } = uniquelyNamed(all);
    const form = { catalog: ".claude-plugin/marketplace.json", isTree: () => false, files };
    return {
      placements: generatedMarketplace(plugins, place, form),
      edits: [],
      registrations: registrationsOf(plugins),
      losses: [...losses, ...lossesOf(plugins, RULES)],
    };
  },
  door: { configFiles: ({ agent: { folder } }) => [join(folder, "settings.json")], listed, register },
};

const RULES: LossRules = {
  title: TITLE,
  expresses: EXPRESSES,
  loses: (one) =>
    lostServer(one, TITLE, ["stdio", "http", "sse"]) ??
    lostHook(one, TITLE, (event) => EVENTS.has(event), ["http"]) ??
    unsafeHook(one),
  drops: () => ["condition", "once", "async", "headers helper", "oauth", "commands in its text", "hooks", "options"],
};

/** It refuses answers to these events, and variables for them, over a line that is not safe. */
function unsafeHook(one: Contribution): string | undefined {
  if (one.kind !== "hook" || one.handler.type !== "http" || !one.handler.url.startsWith("http:")) return undefined;
  const decides = one.event === "PreToolUse" || one.event === "PermissionRequest";
  return decides || one.handler.allowedEnvVars !== undefined ? `${TITLE} asks for \`https\` there` : undefined;
}

function files(plugin: AgentPlugin): readonly PlacedFile[] {
  const isHeld = (one: Contribution): boolean => lossOf(one, plugin, RULES) === undefined;
  const hooks = ofKind(plugin, "hook").filter(isHeld);
  const [servers, languages] = [ofKind(plugin, "mcp").filter(isHeld), ofKind(plugin, "lsp")];
  const names = new PlainNames();
  return [
    jsonFile(".claude-plugin/plugin.json", manifestFacts(plugin)),
    ...allSkills(plugin),
    ...ofKind(plugin, "agent").map((one) => ({
      path: `agents/${names.take(plugin, one.name)}.agent.md`,
      content: { text: markdownText(one, plugin) },
    })),
    ...(hooks.length > 0 ? [jsonFile("hooks/hooks.json", hooksValue(hooks, plugin, { lines: true }))] : []),
    ...(servers.length > 0 ? [jsonFile(".mcp.json", { mcpServers: mcpValue(servers, plugin) })] : []),
    ...(languages.length > 0 ? [jsonFile(".lsp.json", lspValue(languages, plugin))] : []),
  ];
}

const plugins = z.array(
  z.looseObject({ name: z.string(), marketplace: z.string(), version: z.string().optional(), enabled: z.boolean() }),
);

async function listed({ marketplace }: Place, command: AgentCommand): Promise<ReadonlyMap<string, ListedRegistration>> {
  return new Map(
    printed(plugins, await command(["plugin", "list", "--json"]), TITLE)
      .filter((one) => one.marketplace === marketplace)
      .map((one) => [one.name, one]),
  );
}

async function register(
  wanted: readonly Registration[],
  _had: ReadonlyMap<string, Registration>,
  place: Place,
  command: AgentCommand,
): Promise<void> {
  const { marketplace, own } = place;
  const isAdded = (await command(["plugin", "marketplace", "list"])).includes(marketplace);
  if (wanted.length === 0) {
    if (isAdded) await command(["plugin", "marketplace", "remove", marketplace, "--force"]);
    return;
  }
  if (!isAdded) await command(["plugin", "marketplace", "add", own]);
  const on = new Set([...(await listed(place, command))].flatMap(([name, { enabled }]) => (enabled ? [name] : [])));
  const wantedOn = wanted.filter(({ enabled }) => enabled).map(({ name }) => name);
  // A plugin of a folder is installed by being switched on, and needs no update: it is read where it lies.
  for (const name of on) if (!wantedOn.includes(name)) await command(["plugin", "uninstall", `${name}@${marketplace}`]);
  for (const name of wantedOn) if (!on.has(name)) await command(["plugin", "install", `${name}@${marketplace}`]);
}
