import { escapeControl, parsePluginId } from "./names.ts";
import type { PolicyText } from "./policy-text.ts";

const KEY = "trustedHooks";

/** Ids of plugins whose hooks run although `allowManagedHooksOnly` is on. A member that is no id trusts nothing. */
export function readTrustedHooks(raw: unknown, document: PolicyText): ReadonlySet<string> {
  if (raw === undefined) return new Set();
  if (!Array.isArray(raw)) {
    document.invalid([KEY], `\`${KEY}\` must be a list of plugins, so it trusts none`);
    return new Set();
  }
  const isId = (item: unknown): item is string => typeof item === "string" && parsePluginId(item) !== undefined;
  for (const item of raw) {
    if (isId(item)) continue;
    const written = escapeControl(String(JSON.stringify(item)).slice(0, 128));
    document.invalid([KEY], `\`${KEY}\` has an invalid member ${written}, which trusts nothing; write \`name@market\``);
  }
  return new Set(raw.filter(isId));
}
