import type { Intent } from "../../schemas/plugins-json.ts";

/**
 * What a project and its private picks want together: the nearest scope says whether a plugin is on, and what either
 * of them switches off in it is off.
 */
export function nearestIntent(shared: Intent, local: Intent | undefined): Intent {
  if (local === undefined) return shared;
  const disabledComponents: Record<string, readonly string[]> = { ...shared.disabledComponents };
  for (const [id, components] of Object.entries(local.disabledComponents))
    disabledComponents[id] = [...new Set([...(disabledComponents[id] ?? []), ...components])].sort();
  return { ...shared, plugins: { ...shared.plugins, ...local.plugins }, disabledComponents };
}
