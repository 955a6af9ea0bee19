import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import { republication } from "../packages/packages.ts";
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
