import valid from "semver/functions/valid.js";
import { CodedError } from "../../schemas/errors.ts";
import type { LockedPlugin, Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { reachable } from "../plan/graph.ts";
import type { Desired } from "./desired.ts";
import { strays, unanswered } from "./lock-agreement.ts";
import type { RootState } from "./root-state.ts";
import type { Selected, Selection } from "./selected.ts";
import { select, type SelectOptions } from "./selection.ts";

/** The plugins that were added by path: a private pick is solved beside them, and only the intent knows where they lie. */
function withPaths({ plugins }: Intent): Intent["plugins"] {
  return Object.fromEntries(Object.entries(plugins).filter(([, plugin]) => plugin.path !== undefined));
}

/**
 * Selects a project's private picks on top of its shared set. Their lock is what this machine runs; `--frozen` takes them from
 * there alone, so that a file which came with the repository brings nothing in. Throws `E_FROZEN` and what `select` throws.
 */
export async function selectLocal(
  state: RootState,
  desired: Desired,
  shared: Selection,
  options: Pick<SelectOptions, "services" | "catalogs" | "sources">,
): Promise<Selection> {
  const { local } = desired;
  if (local === undefined || Object.keys(local.plugins).length === 0) return { plugins: new Map(), cycles: [] };
  const locked: Record<string, LockedPlugin> = {};
  for (const plugin of state.installed.values()) {
    if (plugin.scope !== "local") continue;
    const { version, source, tree, manifest, reader, dependencies, entry } = plugin;
    locked[plugin.id] = { version, source, tree, manifest, reader, dependencies, entry };
  }
  const fixed = new Map<string, string>();
  const lock: Lockfile = { schema: 1, marketplaces: {}, plugins: locked };
  for (const [id, selected] of shared.plugins) {
    if (selected.kind === "locked") locked[id] = selected.locked;
    const chosen = selected.kind !== "locked" && valid(selected.version) !== null;
    fixed.set(id, chosen ? selected.version : "*");
  }
  const strayed = strays(local, lock, state.base);
  if (desired.frozen) return frozenPicks(local, lock, unanswered(local, lock) ?? strayed.values().next().value, state);
  const selection = await select({
    ...options,
    intent: { ...local, plugins: { ...withPaths(desired.shared), ...local.plugins } },
    intentFile: state.local?.path ?? "",
    base: state.base,
    lock,
    lockFile: state.shared.lock.path,
    unlocked: new Set([...desired.unlocked, ...strayed.keys()]),
    asked: desired.asked,
    fixed,
    mode: "newest",
    running: state.installed,
  });
  for (const [id, selected] of shared.plugins) {
    const own = selection.plugins.get(id);
    if (own !== undefined && own.version !== selected.version) {
      throw new CodedError(
        "E_UNSATISFIABLE",
        `a private pick needs \`${id}\` ${own.version}, but the project is locked to ${selected.version}`,
        {
          where: state.local?.path,
          hint: "`plugin update` moves the project, or remove the private pick",
        },
      );
    }
  }
  return selection;
}

function frozenPicks(local: Intent, lock: Lockfile, problem: string | undefined, state: RootState): Selection {
  if (problem !== undefined) {
    throw new CodedError("E_FROZEN", `the private picks are not what this machine runs: ${problem}`, {
      where: state.local?.path,
      hint: "run `plugin sync` without `--frozen`; a file of private picks does not belong into a repository",
    });
  }
  const nodes = new Map(Object.entries(lock.plugins).map(([id, plugin]) => [id, { id, ...plugin }]));
  const plugins = new Map<string, Selected>();
  for (const id of reachable(nodes, Object.keys(local.plugins))) {
    const locked = lock.plugins[id];
    if (locked !== undefined) plugins.set(id, { kind: "locked", id, version: locked.version, locked });
  }
  return { plugins, cycles: [] };
}
