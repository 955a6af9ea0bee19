import { canonicalName, escapeControl, nameProblem, parsePluginId } from "./names.ts";
import type { RulePlace } from "./policy-rule.ts";

/** What one document says about single plugins. */
export interface PluginRules {
  /** Set when `enabledPlugins` or `yankedPlugins`, or whom a key of it means, could not be read: no plugin may be enabled. */
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
  /** Why it was withdrawn, in the administrator's words. */
  readonly reason?: string;
}

/** The document around the rules. */
export interface PluginRulesPlace {
  place(path: readonly string[]): RulePlace;
  invalid(path: readonly string[], message: string): void;
}

/** The rules of a document without any, or of one that closes every plugin. */
export function noPluginRules(closed?: RulePlace): PluginRules {
  return { ...(closed !== undefined && { closed }), forced: new Map(), blocked: new Map() };
}

/**
 * Reads `enabledPlugins` and `yankedPlugins`. A member that is not valid blocks the plugin that it names, in every marketplace
 * when its key is no id; one that names nothing closes the whole key.
 */
export function readPluginRules(root: Readonly<Record<string, unknown>>, document: PluginRulesPlace): PluginRules {
  const rules = new RuleReader(document);
  rules.read("enabledPlugins", root["enabledPlugins"], (value) => {
    if (value === true) return "forced";
    return value === false ? {} : undefined;
  });
  rules.read("yankedPlugins", root["yankedPlugins"], (value) =>
    typeof value === "string" ? { reason: value } : undefined,
  );
  const { closed, forced, blocked } = rules;
  return { ...(closed !== undefined && { closed }), forced, blocked };
}

/** What the value of a member says about its plugin. */
type Judgement = "forced" | Pick<PluginBlock, "reason">;

class RuleReader {
  closed: RulePlace | undefined;
  readonly forced: Map<string, RulePlace> = new Map();
  readonly blocked: Map<string, PluginBlock> = new Map();
  readonly #document: PluginRulesPlace;

  constructor(document: PluginRulesPlace) {
    this.#document = document;
  }

  /** `judge` answers `undefined` for a value that is not valid. */
  read(section: string, raw: unknown, judge: (value: unknown) => Judgement | undefined): void {
    if (raw === undefined) return;
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
      this.#document.invalid([section], `\`${section}\` must be an object, so no plugin may be enabled`);
      this.closed ??= this.#document.place([section]);
      return;
    }
    for (const [id, value] of Object.entries(raw)) {
      const isId = parsePluginId(id) !== undefined;
      const judgement = isId ? judge(value) : undefined;
      if (judgement === "forced") this.forced.set(id, this.#document.place([section, id]));
      else this.#block(section, id, judgement);
    }
  }

  #block(section: string, id: string, judgement: Exclude<Judgement, "forced"> | undefined): void {
    const place = this.#document.place([section, id]);
    const isId = parsePluginId(id) !== undefined;
    const key = isId ? canonicalId(id) : canonicalName(nameOf(id));
    const isReadable = judgement !== undefined;
    if (isReadable || nameProblem(nameOf(id)) === undefined) {
      if (this.blocked.get(key)?.isReadable !== true) this.blocked.set(key, { place, isReadable, ...judgement });
    } else this.closed ??= place;
    if (isReadable) return;
    const effect = !this.blocked.has(key)
      ? "no plugin may be enabled"
      : isId
        ? "that plugin is blocked"
        : "plugins of that name are blocked in every marketplace";
    this.#document.invalid(
      [section, id],
      `\`${section}\` has an invalid member \`${escapeControl(id.slice(0, 128))}\`, so ${effect}`,
    );
  }
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
