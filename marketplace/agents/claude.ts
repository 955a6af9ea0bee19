import { join } from "node:path";
import * as z from "zod";
import type { Contribution } from "../../schemas/plugin-manifest.ts";
import type { AgentCommand } from "./agent-command.ts";
import { claudeFiles } from "./claude-folder.ts";
import { findProgram } from "./find-agent.ts";
import { generatedMarketplace } from "./generated-marketplace.ts";
import { lossesOf, uniquelyNamed } from "./losses.ts";
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

const TITLE = "Claude Code";

const EXPRESSES: Expresses = {
  skill: "native",
  command: "native",
  agent: "native",
  hook: "native",
  mcp: "native",
  lsp: "native",
  monitor: "native",
  "output-style": "native",
  workflow: "native",
  theme: "native",
  mod: "native",
  bin: "native",
};

/** Where Claude Code keeps its settings and plugins. */
export function claudeFolder(machine: Machine): string {
  return machine.environment["CLAUDE_CONFIG_DIR"] ?? join(machine.homeDirectory, ".claude");
}

/** Claude Code reads trees as they are: a local marketplace is a folder that it looks into at every start. */
export const claude: AgentTarget = {
  name: "claude",
  title: TITLE,
  expresses: EXPRESSES,
  projects: true,
  byDefault: true,
  find: (machine) => findProgram(machine, "claude", /^@anthropic-ai\/claude-code$/u, claudeFolder(machine)),
  render: (all, place) => {
    const { plugins, losses } = uniquelyNamed(all);
    return {
      placements: generatedMarketplace(plugins, place, {
        catalog: ".claude-plugin/marketplace.json",
        isTree,
        files: claudeFiles,
      }),
      edits: [],
      registrations: registrationsOf(plugins),
      losses: [
        ...losses,
        ...lossesOf(plugins, { title: TITLE, expresses: EXPRESSES, loses: lostInRewriting, hasSettings: true }),
      ],
    };
  },
  door: {
    configFiles: ({ agent, root }) => [
      root === "user" ? join(agent.folder, "settings.json") : join(root, ".claude", "settings.local.json"),
    ],
    listed,
    register,
  },
};

/** Its dependencies are carried over as plugins of their own, under one marketplace, so a tree that declares some is rewritten. */
function isTree({ whole, manifest }: AgentPlugin): boolean {
  return whole && manifest.format === "claude-code" && manifest.dependencies.length === 0;
}

const REWRITABLE: ReadonlySet<string> = new Set(["workflow", "theme", "mod"]);

/** A plugin that has to be rewritten keeps what has a place in the rewritten form. */
function lostInRewriting({ kind }: Contribution, plugin: AgentPlugin): string | undefined {
  return REWRITABLE.has(kind) && !isTree(plugin) ? "only a tree that needs no rewriting can bring it" : undefined;
}

const installed = z.array(
  z.looseObject({
    id: z.string(),
    version: z.string().optional(),
    scope: z.string(),
    enabled: z.boolean(),
    projectPath: z.string().optional(),
  }),
);
const marketplaces = z.array(z.looseObject({ name: z.string() }));

async function listed(
  { root, marketplace }: Place,
  command: AgentCommand,
): Promise<ReadonlyMap<string, ListedRegistration>> {
  const scope = scopeOf(root);
  const suffix = `@${marketplace}`;
  return new Map(
    printed(installed, await command(["plugin", "list", "--json"]), TITLE)
      .filter(({ id, scope: at, projectPath }) => {
        const isHere = scope === "user" || projectPath === undefined || projectPath === root;
        return id.endsWith(suffix) && at === scope && isHere;
      })
      .map((one) => [one.id.slice(0, -suffix.length), one]),
  );
}

function scopeOf(root: string): "user" | "local" {
  return root === "user" ? "user" : "local";
}

async function register(
  wanted: readonly Registration[],
  had: ReadonlyMap<string, Registration>,
  place: Place,
  command: AgentCommand,
): Promise<void> {
  const scope = scopeOf(place.root);
  const plugin = (verb: string, name: string): Promise<string> =>
    command(["plugin", verb, `${name}@${place.marketplace}`, "--scope", scope, "--json"]);
  const isAdded = printed(marketplaces, await command(["plugin", "marketplace", "list", "--json"]), TITLE).some(
    ({ name }) => name === place.marketplace,
  );
  if (wanted.length === 0) {
    // It takes its plugins with it.
    if (isAdded) await command(["plugin", "marketplace", "remove", place.marketplace]);
    return;
  }
  // A call that failed can have left it half added; adding it again completes it.
  if (!isAdded || had.size === 0) {
    await command(["plugin", "marketplace", "add", place.own, "--scope", scope, "--json"]);
  }
  const holds = await listed(place, command);
  for (const name of holds.keys()) {
    if (!wanted.some((one) => one.name === name)) await plugin("uninstall", name);
  }
  for (const { name, version, enabled, key } of wanted) {
    const held = holds.get(name);
    if (held === undefined) await plugin("install", name);
    else if (held.version !== version || had.get(name)?.key !== key) await plugin("update", name);
    if ((held?.enabled ?? true) !== enabled) await plugin(enabled ? "enable" : "disable", name);
  }
}
