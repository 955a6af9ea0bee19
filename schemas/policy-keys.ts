import { escapeControl, nearest } from "./names.ts";
import { POLICY_FLAGS } from "./policy-flags.ts";
import type { PolicyText } from "./policy-text.ts";

/** The keys that restrict something; other keys of a managed file are settings, of which nobody knows all. */
const KEYS: readonly string[] = [
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
  "strictPluginOnlyCustomization",
  "allowManagedModsOnly",
  ...POLICY_FLAGS,
];

/** Reports keys that are one of ours but for a slip of the pen: an administrator would rely on a rule that is none. */
export function reportMisspelt(root: Readonly<Record<string, unknown>>, document: PolicyText): void {
  for (const key of Object.keys(root)) {
    const meant = KEYS.includes(key) ? undefined : nearest(key, KEYS);
    if (meant === undefined) continue;
    document.invalid([key], `\`${escapeControl(key)}\` is no key, so it has no effect; did you mean \`${meant}\`?`);
  }
}
