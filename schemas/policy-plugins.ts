import { canonicalName, escapeControl, isPlainPluginId, nameProblem, parsePluginId } from "./names.ts";
import { type PluginRule, readPluginRule, UNREADABLE_RULE } from "./policy-plugin-rules.ts";
import type { RulePlace } from "./policy-rule.ts";
import { Placed, type PolicyText } from "./policy-text.ts";

/** What one document says about single plugins. */
export interface PluginRules {
  /** Set when `enabledPlugins` or `yankedPlugins`, or whom a key of it means, could not be read: no plugin may be enabled. */
  readonly closed?: RulePlace | undefined;
  /** Ids, exactly as written, that nobody may disable: those of `enabledPlugins`, and those that `plugins` requires. */
  readonly forced: ReadonlyMap<string, RulePlace>;
  /** Canonical ids, and canonical names alone for plugins of any marketplace. */
  readonly blocked: ReadonlyMap<string, PluginBlock>;
  /** What `plugins` says, by canonical id, `*@market` and `*`. */
  readonly rules: ReadonlyMap<string, PluginRule>;
}

/** Why a plugin is blocked: by a rule, or because a rule could not be read. */
export interface PluginBlock {
  readonly place: RulePlace;
  readonly isReadable: boolean;
  /** Why it was withdrawn, in the administrator's words. */
  readonly reason?: string;
}

/** The rules of a document without any, or of one that closes every plugin. */
export function noPluginRules(closed?: RulePlace): PluginRules {
  return { ...(closed !== undefined && { closed }), forced: new Map(), blocked: new Map(), rules: new Map() };
}

/**
 * Reads `enabledPlugins`, `yankedPlugins` and `plugins`. A member that is not valid blocks the plugin that it names, in every marketplace
 * when its key is no id; one that names nothing closes the whole key.
 */
export function readPluginRules(root: Readonly<Record<string, unknown>>, document: PolicyText): PluginRules {
  const rules = new RuleReader(document);
  rules.read("enabledPlugins", root["enabledPlugins"], (value) => {
    if (value === true) return "forced";
    return value === false ? {} : undefined;
  });
  rules.read("yankedPlugins", root["yankedPlugins"], (value) =>
    typeof value === "string" ? { reason: value } : undefined,
  );
  rules.readRules(root["plugins"]);
  const { closed, forced, blocked, rules: own } = rules;
  return { ...(closed !== undefined && { closed }), forced, blocked, rules: own };
}

/** What the value of a member says about its plugin. */
type Judgement = "forced" | Pick<PluginBlock, "reason">;

class RuleReader {
  closed: RulePlace | undefined;
  readonly forced: Map<string, RulePlace> = new Map();
  readonly blocked: Map<string, PluginBlock> = new Map();
  readonly rules: Map<string, PluginRule> = new Map();
  readonly #document: PolicyText;

  constructor(document: PolicyText) {
    this.#document = document;
  }

  /** `judge` answers `undefined` for a value that is not valid. */
  read(section: string, raw: unknown, judge: (value: unknown) => Judgement | undefined): void {
    const members = this.#members(section, raw);
    for (const id of Object.keys(members)) {
      const judgement = parsePluginId(id) === undefined ? undefined : judge(members[id]);
      if (judgement === "forced") this.forced.set(id, this.#document.place([section, id]));
      else this.#block(section, id, judgement);
    }
  }

  /** The key `plugins`; a rule that is not valid blocks what it is about. */
  readRules(raw: unknown): void {
    const section = "plugins";
    const members = this.#members(section, raw);
    for (const key of Object.keys(members)) {
      const canonical = canonicalKey(key);
      if (canonical === undefined) {
        this.#block(section, key, undefined);
        continue;
      }
      const read = this.rules.has(canonical)
        ? { problem: "is about a plugin that another one is about in another spelling" }
        : readPluginRule(members[key], canonical.startsWith("*"));
      if ("problem" in read)
        this.#document.invalid(
          [section, key],
          `the rule \`${escapeControl(key)}\` of \`${section}\` ${read.problem}, so it blocks what it is about`,
        );
      const rule = new Placed(this.#document, section, key, "problem" in read ? UNREADABLE_RULE : read);
      this.rules.set(canonical, rule);
      if (rule.value.rule === "required") this.forced.set(key, rule.place);
    }
  }

  #members(section: string, raw: unknown): Readonly<Record<string, unknown>> {
    if (raw === undefined) return {};
    if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return raw as Readonly<Record<string, unknown>>;
    this.#document.invalid([section], `\`${section}\` must be an object, so no plugin may be enabled`);
    this.closed ??= this.#document.place([section]);
    return {};
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

/** Places of their own, whose plugins come from no marketplace: `*` does not mean them, `*@user` does. */
const LOOSE: ReadonlySet<string> = new Set(["builtin", "managed", "user", "project"]);

/** The rule that is about a plugin: the one with its name, else that of its marketplace, else that of all. */
export function pluginRule({ rules, forced }: PluginRules, id: string): PluginRule | undefined {
  if (rules.size === 0) return undefined;
  const own = rules.get(canonicalId(id));
  // What `enabledPlugins` of the same file forces on is named there.
  if (own !== undefined || forced.has(id)) return own;
  const market = id.slice(nameOf(id).length + 1);
  return rules.get(ofMarket(market)) ?? (LOOSE.has(market) ? undefined : rules.get("*"));
}

/** What a key of `plugins` is about, in canonical spelling; `undefined` for a key that is no id, `*@market` or `*`. */
function canonicalKey(key: string): string | undefined {
  if (isPlainPluginId(key) || key === "*") return key;
  if (!key.startsWith("*@")) return parsePluginId(key) === undefined ? undefined : canonicalId(key);
  return parsePluginId(`x${key.slice(1)}`) === undefined ? undefined : ofMarket(key.slice(2));
}

function ofMarket(market: string): string {
  return `*@${canonicalName(market)}`;
}

function canonicalId(id: string): string {
  if (isPlainPluginId(id)) return id;
  const name = nameOf(id);
  return `${canonicalName(name)}@${canonicalName(id.slice(name.length + 1))}`;
}

function nameOf(id: string): string {
  return id.split("@", 1)[0] ?? "";
}
