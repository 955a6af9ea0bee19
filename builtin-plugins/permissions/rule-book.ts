import type { LayeredValue, Session, Settings } from "plugsmith/plugin-api";
import type { RuleSource } from "./rule-source.ts";
import { parseRule, type Rule } from "./rule.ts";

/** What a rule does. */
export type RuleKind = "deny" | "ask" | "allow";

type Rules = Readonly<Record<RuleKind, readonly Rule[]>>;

/** What settings say, read once after each change. */
interface Read {
  readonly rules: Rules;
  readonly managedOnly: boolean;
  readonly bypassForbidden: boolean;
  readonly additionalDirectories: readonly string[];
}

/** The rules that hold for a session: of settings, strongest layer first, of the person's choices, of skills for one turn. */
export class RuleBook {
  readonly #settings: Settings | undefined;
  readonly #warn: (message: string) => void;
  #fromSettings: Read | undefined;
  /** Lists of a session are replaced, never changed. */
  #parsed = new WeakMap<readonly string[], readonly Rule[]>();

  constructor(settings: Settings | undefined, warn: (message: string) => void) {
    this.#settings = settings;
    this.#warn = warn;
  }

  /** Settings have changed. */
  forget(): void {
    this.#fromSettings = undefined;
  }

  /** Rules of one kind for a session and all that is above it. */
  rules(kind: RuleKind, session: Session | undefined): readonly Rule[] {
    const { rules } = this.#present;
    const own: Rule[] = [];
    for (let each = kind === "ask" ? undefined : session; each !== undefined; each = each.parent) {
      const key = kind === "deny" ? "deny" : "allow";
      own.push(
        ...this.#listed(each.options[key], { layer: "session" }),
        ...this.#listed(each.turn[key], { layer: "turn" }),
      );
    }
    return kind === "allow" && this.managedOnly ? rules.allow : [...rules[kind], ...own];
  }

  /** Tools that a session may use at most, as rules; absent means all. */
  toolsOf({ tools }: Session): readonly Rule[] | undefined {
    return tools === undefined ? undefined : this.#listed(tools, { layer: "session" });
  }

  /** Whether only administrators allow anything. */
  get managedOnly(): boolean {
    return this.#present.managedOnly;
  }

  /** Whether administrators forbid to pass by all questions. */
  get bypassForbidden(): boolean {
    return this.#present.bypassForbidden;
  }

  /** The mode that settings begin with; a repository cannot choose to pass by all questions. */
  get defaultMode(): unknown {
    for (const { layer, value } of this.#layers()) {
      const mode = field(value, "defaultMode");
      if (mode !== undefined && !(layer === "project" && mode === "bypassPermissions")) return mode;
    }
    return undefined;
  }

  /** Folders beside the project, with the layer that names them. */
  get additionalDirectories(): readonly string[] {
    return this.#present.additionalDirectories;
  }

  get #present(): Read {
    this.#fromSettings ??= this.#read();
    return this.#fromSettings;
  }

  #read(): Read {
    const managedOnly = this.#managed("allowManagedPermissionRulesOnly").some(({ value }) => value === true);
    const of = (kind: RuleKind): readonly Rule[] =>
      this.#layers()
        .filter(({ layer }) => kind !== "allow" || layer === "managed" || !managedOnly)
        .flatMap((layered) =>
          this.#texts(layered, kind).map((text) => parseRule(text, { layer: layered.layer, file: layered.file })),
        );
    return {
      rules: { deny: of("deny"), ask: of("ask"), allow: of("allow") },
      managedOnly,
      bypassForbidden: this.#managed("permissions").some(
        ({ value }) => field(value, "disableBypassPermissionsMode") === "disable",
      ),
      additionalDirectories: this.#layers().flatMap((layer) => this.#texts(layer, "additionalDirectories")),
    };
  }

  #layers(): readonly LayeredValue[] {
    return this.#settings?.layers("permissions") ?? [];
  }

  #managed(key: string): readonly LayeredValue[] {
    return (this.#settings?.layers(key) ?? []).filter(({ layer }) => layer === "managed");
  }

  #texts({ value, file }: LayeredValue, key: string): readonly string[] {
    const list = field(value, key);
    if (list === undefined) return [];
    if (!Array.isArray(list)) {
      this.#warn(`\`permissions.${key}\` of \`${file}\` is no list and has no effect; write a list of texts`);
      return [];
    }
    const texts = list.filter((item) => typeof item === "string");
    if (texts.length < list.length) this.#warn(`\`permissions.${key}\` of \`${file}\` has entries that are no texts`);
    return texts;
  }

  #listed(texts: readonly string[], source: RuleSource): readonly Rule[] {
    let rules = this.#parsed.get(texts);
    if (rules === undefined) {
      rules = texts.map((text) => parseRule(text, source));
      this.#parsed.set(texts, rules);
    }
    return rules;
  }
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
