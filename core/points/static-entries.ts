import type { Contribution } from "../../schemas/plugin-manifest.ts";
import type { PluginRecord } from "../plugin-record.ts";
import type { PointEntry } from "./point-registry.ts";

/** What the manifest of a plugin contributes to a point: its components of the kind that the point claims, and `contributes`. */
export function staticEntries(record: PluginRecord, key: string, kind: string | undefined): readonly PointEntry[] {
  const { info, manifest, disabledComponents } = record.plugin;
  const entries: PointEntry[] = [];
  const names = new Map<string, number>();
  for (const contribution of manifest.contributions) {
    if (contribution.kind !== kind) continue;
    const base = componentName(contribution);
    if (disabledComponents.includes(`${kind}/${base}`)) continue;
    const count = (names.get(base) ?? 0) + 1;
    names.set(base, count);
    const name = count === 1 ? base : `${base}#${String(count)}`;
    entries.push({ plugin: info, name, value: contribution, call: undefined });
  }
  // Components are read from files, where plan, consent and policy see them; `contributes` would go past all three.
  if (kind !== undefined) return entries;
  for (const { name, value } of record.extension.contributes[key] ?? []) {
    entries.push({ plugin: info, name, value, call: undefined });
  }
  return entries;
}

/** As people name it when they disable it alone, `<kind>/<name>`; a hook by its event. */
function componentName(contribution: Contribution): string {
  return contribution.kind === "hook" ? contribution.event : contribution.name;
}
