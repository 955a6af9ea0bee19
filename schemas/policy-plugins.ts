import { canonicalName, escapeControl, nameProblem, parsePluginId } from "./names.ts";
import type { RulePlace } from "./policy-rule.ts";

/** What one document says about single plugins. */
export interface PluginRules {
  /** Set when `enabledPlugins`, or whom a key of it means, could not be read: no plugin may be enabled. */
  readonly closed?: RulePlace | undefined;
  /** Ids, exactly as written, that nobody may disable. */
  readonly forced: ReadonlyMap<string, RulePlace>;
  /** Canonical ids, and canonical names alone for plugins of any marketplace. */
  readonly blocked: ReadonlyMap<string, PluginBlock>;
}

/** Why a plugin is blocked: by a rule, or because a rule could not be read. */
export interface PluginBlock {
  readonly place: RulePlace;
  readonly isReadable: boolean;
}

/** The document around the rules. */
export interface PluginRulesPlace {
  place(path: readonly string[]): RulePlace;
  invalid(path: readonly string[], message: string): void;
}

const KEY = "enabledPlugins";

/** The rules of a document without any, or of one that closes every plugin. */
export function noPluginRules(closed?: RulePlace): PluginRules {
  return { ...(closed !== undefined && { closed }), forced: new Map(), blocked: new Map() };
}

/**
 * Reads `enabledPlugins`. A member that is not valid blocks the plugin that it names, in every marketplace when its key is no
 * id; one that names nothing closes the whole key.
 */
export function readPluginRules(raw: unknown, document: PluginRulesPlace): PluginRules {
  if (raw === undefined) return noPluginRules();
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    document.invalid([KEY], `\`${KEY}\` must be an object, so no plugin may be enabled`);
    return noPluginRules(document.place([KEY]));
  }
  const forced = new Map<string, RulePlace>();
  const blocked = new Map<string, PluginBlock>();
  let closed: RulePlace | undefined;
  for (const [id, value] of Object.entries(raw)) {
    const place = document.place([KEY, id]);
    const isId = parsePluginId(id) !== undefined;
    if (isId && value === true) {
      forced.set(id, place);
      continue;
    }
    const key = isId ? canonicalId(id) : canonicalName(nameOf(id));
    const isReadable = isId && value === false;
    if (isReadable || nameProblem(nameOf(id)) === undefined) {
      if (blocked.get(key)?.isReadable !== true) blocked.set(key, { place, isReadable });
    } else closed ??= place;
    if (isReadable) continue;
    const effect = !blocked.has(key)
      ? "no plugin may be enabled"
      : isId
        ? "that plugin is blocked"
        : "plugins of that name are blocked in every marketplace";
    document.invalid(
      [KEY, id],
      `\`${KEY}\` has an invalid member \`${escapeControl(id.slice(0, 128))}\`, so ${effect}`,
    );
  }
  return { ...(closed !== undefined && { closed }), forced, blocked };
}

/** Which rule blocks a plugin, however the two spell its name. */
export function pluginBlock({ blocked }: PluginRules, id: string): PluginBlock | undefined {
  return blocked.get(canonicalId(id)) ?? blocked.get(canonicalName(nameOf(id)));
}

function canonicalId(id: string): string {
  const name = nameOf(id);
  return `${canonicalName(name)}@${canonicalName(id.slice(name.length + 1))}`;
}

function nameOf(id: string): string {
  return id.split("@", 1)[0] ?? "";
}
