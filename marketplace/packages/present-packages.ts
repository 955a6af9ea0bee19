import type { GenerationPlugin, InstalledPackages } from "../../schemas/generation.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { Store } from "../store/store.ts";
import { hostPlatform, platformName } from "./host-platform.ts";

/** What a plugin's packages are until somebody tried to get them. */
const NOT_YET = "they were not fetched yet";

/** The packages of a plugin as the store has them; `old` is the plugin as it was before. With `thorough` every byte is compared. */
export function presentPackages(
  { packages, tree }: InspectedPlugin,
  old: GenerationPlugin | undefined,
  { store, thorough }: { readonly store: Store; readonly thorough: boolean },
): InstalledPackages | undefined {
  if (packages === undefined) return undefined;
  if ("problem" in packages) {
    const { message, hint } = packages.problem;
    return { problem: message, ...(hint === undefined ? {} : { hint }) };
  }
  const built = store.packagedTree(tree, platformName(hostPlatform()));
  if (built !== undefined && store.has(built.tree) && (!thorough || store.verify(built.tree).ok)) return built;
  const failed =
    old?.tree === tree && old.packages !== undefined && "problem" in old.packages ? old.packages : undefined;
  return failed ?? { problem: NOT_YET };
}
