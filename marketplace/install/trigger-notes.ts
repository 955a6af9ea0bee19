import type { RoutedPlugin } from "../author/routing/confusion.ts";
import { stolenTriggers, type StolenTrigger } from "../author/routing/stolen-triggers.ts";
import { readRouting } from "../author/routing/test-files.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { Services } from "../services.ts";
import type { Store } from "../store/store.ts";
import type { ResolvedRoot } from "./resolve-root.ts";
import type { RootState } from "./root-state.ts";

/**
 * Says which skills of the set to come answer prompts that another plugin declared as its own (`routing` in its test files) and
 * answers today. Costs a look for a folder `tests` in each installed tree where no plugin declares any.
 */
export function triggerNotes(
  { installed }: RootState,
  { plugins, inspected }: Pick<ResolvedRoot, "plugins" | "inspected">,
  { openTree }: Pick<Services, "openTree">,
  store: Store,
): readonly string[] {
  const on = plugins.filter(({ enabled }) => enabled);
  const isSame = on.every(({ id, tree }) => installed.get(id)?.tree === tree && installed.get(id)?.enabled === true);
  if (isSame) return [];
  const before = [...installed.values()].flatMap(({ id, tree, manifest, enabled }): readonly RoutedPlugin[] => {
    if (!enabled || !store.has(tree)) return [];
    const known = store.findManifest(manifest);
    if (known === undefined || known === "damaged") return [];
    return [{ id, manifest: known, routing: readRouting(openTree(store.directory(tree))) }];
  });
  if (before.every(({ routing }) => routing.length === 0)) return [];
  const after = on.flatMap(({ id }): readonly RoutedPlugin[] => {
    const plugin: InspectedPlugin | undefined = inspected.get(id);
    if (plugin === undefined) return [];
    return [{ id, manifest: plugin.manifest, routing: readRouting(openTree(plugin.directory)) }];
  });
  return stolenTriggers(before, after).map((stolen) => noteOf(stolen));
}

function noteOf({ by, from, prompts: [first = "", ...more] }: StolenTrigger): string {
  const rest = more.length === 0 ? "" : ` and ${String(more.length)} more`;
  return `\`${by}\` now answers prompts of \`${from}\`: "${first}"${rest}; \`plugin test --routing\` shows all`;
}
