import { CodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { Lockfile, LockedSource } from "../../schemas/lockfile.ts";
import type { PluginSources } from "../sources/offer.ts";
import { canonicalJson } from "../../schemas/canonical-json.ts";
import type { Bundle } from "./read-bundle.ts";

/** Sources that take what a bundle locks out of it, and everything else from where it lies. `lock` is the bundle's, with absolute paths. */
export function bundledSources(
  sources: PluginSources,
  { trees }: Pick<Bundle, "trees">,
  lock: Lockfile | undefined,
): PluginSources {
  const held = new Set(Object.values(lock?.plugins ?? {}).map(({ source }) => canonicalJson(source)));
  const isHeld = (source: LockedSource): boolean => held.has(canonicalJson(source));
  return {
    prefetch: (wanted) => sources.prefetch(wanted),
    offers: (snapshot, entry) => sources.offers(snapshot, entry),
    peek: (snapshot, entry, offer) => sources.peek(snapshot, entry, offer),
    open: (wanted) => sources.open(wanted),
    prepareLocked: (wanted) => sources.prepareLocked(wanted.filter((source) => !isHeld(source))),
    openLocked: async (source, id): Promise<FileTree> => {
      const locked = lock?.plugins[id];
      if (locked === undefined || canonicalJson(locked.source) !== canonicalJson(source))
        return await sources.openLocked(source, id);
      const tree = trees.get(locked.tree);
      if (tree !== undefined) return tree;
      throw new CodedError("E_INTEGRITY", `the bundle lacks the files of \`${id}\``, {
        hint: "export the bundle anew",
      });
    },
    close: () => sources.close(),
  };
}
