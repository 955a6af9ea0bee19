import { CodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import { nearest } from "../../schemas/names.ts";
import type { Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";

/** What a contribution is called when it is switched alone: `kind/name`, hooks by their event. */
export function componentName(contribution: Contribution): string {
  return `${contribution.kind}/${"name" in contribution ? contribution.name : contribution.event}`;
}

/** Everything of a plugin that can be switched alone. */
function componentNames({ contributions }: PluginManifest): ReadonlySet<string> {
  return new Set(contributions.map(componentName));
}

/** Throws `E_NOT_FOUND` with the nearest name when a plugin has no such component and none is switched off under that name. */
export function checkComponent(plugin: GenerationPlugin, component: string, manifest: PluginManifest): void {
  const names = componentNames(manifest);
  if (names.has(component) || plugin.disabledComponents.includes(component)) return;
  const guess = nearest(component, names);
  throw new CodedError("E_NOT_FOUND", `\`${plugin.id}\` has no component \`${component}\``, {
    hint:
      guess === undefined
        ? `write kind/name, for example \`mcp/server\`; \`plugin info ${plugin.id}\` lists them`
        : `did you mean \`${guess}\`? \`plugin info ${plugin.id}\` lists them`,
    data: { id: plugin.id, component },
  });
}
