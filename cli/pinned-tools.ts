import { basename, join } from "node:path";
import { type OwnedPins, pinsOf } from "../builtin-plugins/mcp-bridge/pins.ts";
import { surfaceDigest } from "../builtin-plugins/mcp-bridge/surface-digest.ts";
import type { Home } from "../marketplace/home.ts";
import type { Change, Target } from "../marketplace/install/change.ts";
import { loadRoot } from "../marketplace/install/root-state.ts";
import type { ToolPins } from "../marketplace/install/tool-pins.ts";
import { Store } from "../marketplace/store/store.ts";
import { CodedError } from "../schemas/errors.ts";
import { type GenerationPlugin, runTree } from "../schemas/generation.ts";
import { lockedNameProblem, type LockedTools } from "../schemas/locked-tools.ts";
import type { Digest } from "../schemas/lockfile.ts";
import { dataFolderName } from "../schemas/names.ts";
import { BUILTIN } from "./builtin-word.ts";

/**
 * What tools of MCP servers said when they were first used here, or when a person said yes to them since, as a change of the lock of
 * a root. Throws `E_NOT_FOUND` where nothing is pinned.
 */
export function pinnedTools(home: Home, target: Target): Extract<Change, { readonly verb: "lock-tools" }> {
  const store = new Store(home);
  const locked = [...loadRoot(home, target).installed.values()].filter(({ scope }) => scope !== "local");
  const serving = locked.flatMap((plugin) => {
    const servers = serversOf(plugin, store);
    return servers.length === 0 ? [] : [{ plugin, servers }];
  });
  if (serving.length === 0)
    throw new CodedError("E_NOT_FOUND", "no plugin of this lock brings an MCP server", {
      hint: "`plugin list` shows what is installed; `--scope` chooses another root",
    });
  const known = pinsOf(join(home.data, dataFolderName(`mcp-bridge@${BUILTIN}`)));
  const pins = new Map<string, ToolPins>();
  const notes: string[] = [];
  let isUsed = false;
  for (const { plugin, servers } of serving) {
    const tools: Record<string, Readonly<Record<string, Digest>>> = {};
    for (const server of servers) {
      const found = pinsFor(plugin, server, known);
      isUsed ||= found !== undefined;
      const own = found === undefined ? {} : toolsOf(plugin, found, notes);
      if (found === undefined) notes.push(`${named(plugin, server)} was not used here yet, so nothing of it is pinned`);
      if (Object.keys(own).length > 0) tools[server] = own;
    }
    if (Object.keys(tools).length > 0) pins.set(plugin.id, { tree: plugin.tree, tools });
  }
  if (isUsed) return { verb: "lock-tools", pins, notes };
  const all = serving.flatMap(({ plugin, servers }) => servers.map((server) => named(plugin, server)));
  throw new CodedError("E_NOT_FOUND", `nothing is pinned yet of ${all.slice(0, MAX_NAMED).join(", ")}`, {
    hint: "use the servers once in a session first",
  });
}

const MAX_NAMED = 5;

/** The servers of a plugin that can be used. */
function serversOf({ manifest, enabled, disabledComponents }: GenerationPlugin, store: Store): readonly string[] {
  const read = enabled ? store.findManifest(manifest) : undefined;
  if (read === undefined || read === "damaged") return [];
  const names = read.contributions.flatMap((one) => (one.kind === "mcp" ? [one.name] : []));
  return [...new Set(names)].filter((name) => !disabledComponents.includes(`mcp/${name}`)).sort();
}

/** The pins of the very files that are installed; of several, for other options, those that were used last. */
function pinsFor(plugin: GenerationPlugin, server: string, known: readonly OwnedPins[]): OwnedPins | undefined {
  if (lockedNameProblem(server) !== undefined) return undefined;
  return known.find(
    (one) => one.plugin === plugin.id && one.server === server && basename(one.directory) === runTree(plugin),
  );
}

function toolsOf(plugin: GenerationPlugin, pins: OwnedPins, notes: string[]): LockedTools[string] {
  const before = new Map(Object.entries(plugin.tools?.[pins.server] ?? {}));
  const tools: Record<string, Digest> = {};
  for (const tool of pins.tools) {
    const [problem, digest, old] = [lockedNameProblem(tool.name), surfaceDigest(tool), before.get(tool.name)];
    if (problem !== undefined)
      notes.push(
        `a tool of ${named(plugin, pins.server)} ${problem} and is not locked: \`${tool.name.slice(0, 100)}\``,
      );
    else if (old === undefined || old === digest || pins.accepted.has(tool.name)) tools[tool.name] = digest;
    else
      notes.push(
        `\`${tool.name}\` of ${named(plugin, pins.server)} stays locked as it is: it said something else here, and nobody said yes to that; \`/mcp changes\` in a session shows it`,
      );
  }
  return tools;
}

function named({ id }: GenerationPlugin, server: string): string {
  return `MCP server \`${server}\` of \`${id}\``;
}
