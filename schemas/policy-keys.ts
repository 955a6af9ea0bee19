import { escapeControl, nearest } from "./names.ts";
import { POLICY_FLAGS } from "./policy-flags.ts";
import type { PolicyText } from "./policy-text.ts";

/** The keys that restrict something; other keys of a managed file are settings, of which nobody knows all. */
export const POLICY_KEYS: readonly string[] = [
  "strictKnownMarketplaces",
  "allowedMarketplaces",
  "blockedMarketplaces",
  "extraKnownMarketplaces",
  "additionalMarketplaces",
  "enabledPlugins",
  "yankedPlugins",
  "plugins",
  "pluginSources",
  "allowedPluginSources",
  "blockedPluginSources",
  "capabilityCeilings",
  "minimumReleaseAge",
  "sourceRewrites",
  "trustedHooks",
  "secrets",
  "strictPluginOnlyCustomization",
  "allowManagedModsOnly",
  ...POLICY_FLAGS,
];

/**
 * Reports keys of an object that are one of ours but for a slip of the pen: an administrator would rely on a rule that is none. `path` is
 * where the object stands.
 */
export function reportMisspelt(
  object: Readonly<Record<string, unknown>>,
  known: readonly string[],
  document: PolicyText,
  path: readonly string[] = [],
): void {
  for (const key of Object.keys(object)) {
    const meant = known.includes(key) ? undefined : nearest(key, known);
    if (meant === undefined) continue;
    const [written, right] = [key, meant].map((one) => `\`${escapeControl([...path, one].join("."))}\``);
    document.invalid([...path, key], `${written} is no key, so it has no effect; did you mean ${right}?`);
  }
}
