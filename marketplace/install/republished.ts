import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { LockedSource, Lockfile } from "../../schemas/lockfile.ts";
import { differs, republished } from "../packages/packages.ts";
import type { Selected } from "./selected.ts";

/**
 * Refuses a release that has other bytes now than when it was locked or installed (attacks NP03): the same version of a package is no
 * update. Throws `E_INTEGRITY` with both digests.
 */
export function refuseRepublished(
  selections: ReadonlyMap<string, Selected>,
  lock: Lockfile,
  installed: ReadonlyMap<string, GenerationPlugin>,
): void {
  for (const selected of selections.values()) {
    if (selected.kind !== "chosen") continue;
    for (const old of [lock.plugins[selected.id], installed.get(selected.id)]) {
      const problem = old === undefined ? undefined : republication(old.source, selected.choice.offer.source);
      if (problem !== undefined) throw problem;
    }
  }
}

/** The refusal of a source that is the same release as an earlier one with other bytes; `undefined` when it is not. */
export function republication(before: LockedSource, now: LockedSource): Error | undefined {
  if (before.kind !== "npm" || now.kind !== "npm") return undefined;
  const isSame = before.package === now.package && before.version === now.version && before.registry === now.registry;
  return isSame && differs(before.integrity, now.integrity) ? republished(before, now.integrity) : undefined;
}
