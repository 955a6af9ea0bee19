import { chmodSync, mkdirSync, mkdtempSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../../home.ts";
import { removeTree } from "../../store/disk-tree.ts";
import { ownMark } from "../../store/process-mark.ts";
import { Store } from "../../store/store.ts";
import { runTree, treesOf } from "../../../schemas/generation.ts";
import { isDigest, type Digest } from "../../../schemas/lockfile.ts";
import type { Check, Finding, Repair, Scene } from "../finding.ts";

/** Every byte of every tree: those that run, and those that the store keeps to return to. */
export const trees: Check = { name: "trees", find: (scene) => verifiedTrees(scene).findings };

/** Hashes trees again; with `only`, those of the plugins that run from these. */
export function verifiedTrees(
  { services: { home }, generation, mendRoot }: Scene,
  only?: ReadonlySet<string>,
): { readonly checked: number; readonly findings: readonly Finding[] } {
  const store = new Store(home);
  const seen = new Map<Digest, ReturnType<Store["verify"]>>();
  const findings: Finding[] = [];
  for (const [root, { plugins }] of Object.entries(generation?.roots ?? {})) {
    const repair = { does: `fetch damaged plugins of ${root} again`, isOurs: true, run: () => mendRoot(root, "trees") };
    for (const plugin of plugins.filter((one) => only?.has(runTree(one)) !== false)) {
      for (const tree of treesOf(plugin)) {
        const verdict = seen.get(tree) ?? store.verify(tree);
        seen.set(tree, verdict);
        for (const problem of verdict.problems)
          findings.push({ ...problem, check: "trees", root, plugin: plugin.id, repair });
      }
    }
  }
  for (const tree of only === undefined ? store.trees() : []) {
    if (seen.has(tree)) continue;
    const verdict = store.verify(tree);
    seen.set(tree, verdict);
    const [problem] = verdict.problems;
    if (problem !== undefined) findings.push({ ...problem, check: "trees", ...unusedTree(home, tree) });
  }
  return { checked: seen.size, findings };
}

function unusedTree(home: Home, tree: Digest): Partial<Finding> & { readonly repair: Repair } {
  return {
    file: join(home.trees, tree),
    hint: "no plugin that is installed needs it; whoever needs it again fetches it again",
    repair: { does: "delete damaged trees that nothing runs", isOurs: true, run: () => discard(home, tree) },
  };
}

/** Renamed aside first, so that never a half tree has the name. */
function discard(home: Home, tree: Digest): void {
  if (!isDigest(tree)) return;
  mkdirSync(home.staging, { recursive: true, mode: 0o700 });
  const trash = mkdtempSync(join(home.staging, `${ownMark()}-`));
  chmodSync(join(home.trees, tree), 0o700);
  renameSync(join(home.trees, tree), join(trash, "tree"));
  removeTree(trash);
}
