import { resolve } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { reachable } from "../plan/graph.ts";
import type { Services } from "../services.ts";
import type { Desired } from "./desired.ts";
import { searchEntry } from "./entries.ts";
import { joinId, LOCAL_MARKET, splitId } from "./ids.ts";
import { openFolder } from "./local-folder.ts";
import { notInstalled } from "./not-installed.ts";
import type { RootState } from "./root-state.ts";
import { withRenames } from "./wanted.ts";

/**
 * What `update` wants: newer versions of the ids, or of everything; wanted plugins under the names that their marketplaces
 * give them today. What has no source any more stays as it is (attacks.md MK14), which is an error only when it was named.
 */
export async function desireUpdate(
  keep: Desired,
  ids: readonly string[],
  state: RootState,
  catalogs: Catalogs,
  services: Services,
): Promise<Desired> {
  for (const id of ids) if (!state.installed.has(id)) throw notInstalled(id, state.installed.keys());
  const subjects = reachable(state.installed, ids.length === 0 ? state.installed.keys() : ids);
  const notes = [...(await refreshMarkets(subjects, catalogs))];
  const renames = new Map<string, string>();
  const unlocked = new Set<string>();
  for (const id of subjects) {
    const fate = await fateOf(id, [keep.shared, keep.local], state.base, catalogs, services);
    if (fate.kind === "gone") {
      if (ids.includes(id)) throw fate.error;
      notes.push(`\`${id}\` stays as it is: ${fate.error.message}`);
      continue;
    }
    unlocked.add(id);
    if (fate.kind === "listed") continue;
    renames.set(id, fate.id);
    notes.push(`\`${id}\` is now called \`${fate.id}\``);
  }
  const { shared, local } = keep;
  return {
    ...keep,
    shared: withRenames(shared, renames),
    local: local === undefined ? undefined : withRenames(local, renames),
    asked: new Set(ids.map((id) => renames.get(id) ?? id)),
    unlocked,
    renames,
    notes,
  };
}

type Fate =
  | { readonly kind: "listed" }
  | { readonly kind: "renamed"; readonly id: string }
  | { readonly kind: "gone"; readonly error: CodedError };

async function fateOf(
  id: string,
  intents: readonly (Intent | undefined)[],
  base: string,
  catalogs: Catalogs,
  services: Services,
): Promise<Fate> {
  const { name, market } = splitId(id);
  if (market === LOCAL_MARKET) {
    const path = intents.find((intent) => intent?.plugins[id]?.path !== undefined)?.plugins[id]?.path;
    if (path === undefined || openFolder(resolve(base, path), services) !== undefined) return { kind: "listed" };
    return { kind: "gone", error: gone(id, `its folder \`${path}\` does not exist`) };
  }
  if (!catalogs.has(market)) return { kind: "gone", error: gone(id, `the marketplace \`${market}\` was not added`) };
  const found = searchEntry(await catalogs.get(market), name);
  if (found.kind === "absent") return { kind: "gone", error: gone(id, found.error.message) };
  return found.renamedFrom === undefined
    ? { kind: "listed" }
    : { kind: "renamed", id: joinId(found.entry.name, market) };
}

function gone(id: string, reason: string): CodedError {
  return new CodedError("E_NOT_FOUND", reason, {
    hint: `what is installed stays; \`plugin remove ${id}\` removes it`,
    data: { id },
  });
}

async function refreshMarkets(ids: Iterable<string>, catalogs: Catalogs): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const market of new Set([...ids].map((id) => splitId(id).market))) {
    if (!catalogs.has(market)) continue;
    const { note } = await catalogs.refreshForAdd(market, { always: true });
    if (note !== undefined) notes.push(note);
  }
  return notes;
}
