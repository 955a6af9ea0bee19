import type { Diagnostic } from "./diagnostic.ts";
import { isCodedError } from "./errors.ts";
import { readJson } from "./json-text.ts";
import type { JsonDocument } from "./json-text.ts";
import type { LockedSource } from "./lockfile.ts";
import { parseMarketplaceSource } from "./marketplace-source.ts";
import { marketplaceNameProblem } from "./names.ts";
import { readMinimumAge } from "./policy-age.ts";
import { noPluginRules, readPluginRules } from "./policy-plugins.ts";
import type { PluginRules } from "./policy-plugins.ts";
import { readTrustedHooks } from "./policy-trusted-hooks.ts";
import { readRewrite, type RewriteList, type SourceRewrite } from "./policy-rewrites.ts";
import { readRule } from "./policy-rule.ts";
import type { MarketplaceRule, RulePlace, RuleUse } from "./policy-rule.ts";
import type { MarketplaceSource } from "./source-spec.ts";

export type { MarketplaceRule, RulePlace } from "./policy-rule.ts";

/** What policy is asked about. Sources are canonical, see `schemas/identity.ts`. */
export type PolicySubject =
  | {
      readonly kind: "marketplace";
      readonly name?: string | undefined;
      readonly source: MarketplaceSource;
      readonly identity: string;
    }
  | {
      readonly kind: "plugin";
      readonly id: string;
      readonly version?: string | undefined;
      readonly market: { readonly source: MarketplaceSource; readonly identity: string } | undefined;
      readonly source?: LockedSource | undefined;
      /** `false` when a lock alone names `source`: then no trust in the marketplace's catalog admits it. */
      readonly listed?: boolean | undefined;
    }
  | {
      readonly kind: "contribution";
      readonly id: string;
      readonly contribution: { readonly kind: string; readonly name: string };
    }
  | { readonly kind: "process"; readonly id: string; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: "flag"; readonly name: string };

/** The step of the pipeline, or of a session, at which policy is asked. */
export type PolicyAction =
  "add" | "refresh" | "resolve" | "fetch" | "install" | "enable" | "disable" | "load" | "start" | "use";

/** The one answer; a denial names its rule. */
export type PolicyDecision =
  | { readonly allowed: true; readonly forced?: boolean | undefined }
  | { readonly allowed: false; readonly rule: RulePlace; readonly reason: string };

/** The policy function every step calls. */
export type Decide = (subject: PolicySubject, action: PolicyAction) => PolicyDecision;

/** An allow or block list of one document. */
export interface PolicyList {
  readonly place: RulePlace;
  /** The list, or a rule in a block list, could not be read: it then admits nothing. */
  readonly closed: boolean;
  readonly rules: readonly (MarketplaceRule & { readonly place: RulePlace })[];
}

/** The switches of a policy; one that could not be read is on. */
export type PolicyFlag =
  | "disableSideloadFlags"
  | "disableCommandPluginSources"
  | "allowManagedHooksOnly"
  | "disableAllHooks"
  | "refuseEscapingLinks"
  | "verifyOnLoad"
  | "disableUi";

/** One managed policy file as read. Absent lists restrict nothing. */
export interface PolicyDocument {
  readonly file: string;
  /** `strictKnownMarketplaces` and `allowedMarketplaces`; a source must pass each. */
  readonly allow: readonly PolicyList[];
  readonly block: readonly PolicyList[];
  readonly plugins: PluginRules;
  /** Ids of plugins that `allowManagedHooksOnly` admits. */
  readonly trustedHooks: ReadonlySet<string>;
  readonly extraKnownMarketplaces: Readonly<
    Record<string, { readonly source: MarketplaceSource; readonly autoUpdate: boolean }>
  >;
  readonly flags: Readonly<Partial<Record<PolicyFlag, { readonly value: boolean; readonly place: RulePlace }>>>;
  /** `inherit`: a plugin's own source must pass the lists too; `trustCatalog`: an allowed catalog may point anywhere. */
  readonly pluginSources: "inherit" | "trustCatalog";
  /** How old a release of a registry has to be; `Infinity` when that cannot be read. */
  readonly minimumReleaseAge?: { readonly ms: number; readonly place: RulePlace } | undefined;
  /** From where the bytes of sources are fetched instead. */
  readonly sourceRewrites?: RewriteList | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const FLAGS: readonly PolicyFlag[] = [
  "disableSideloadFlags",
  "disableCommandPluginSources",
  "allowManagedHooksOnly",
  "disableAllHooks",
  "refuseEscapingLinks",
  "verifyOnLoad",
  "disableUi",
];

/**
 * Reads one managed policy file. A rule that is not valid closes its key and leaves the others in force (`E_POLICY_INVALID` in
 * the diagnostics); a file that is no JSON at all closes everything.
 */
export function readPolicyDocument(text: string | Uint8Array, options: { readonly file: string }): PolicyDocument {
  const { file } = options;
  try {
    const json = readJson(text, { file, dangerousKeys: "refuse" });
    return new PolicyReader(json, file).read();
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const line = Number(/:(\d+):\d+$/.exec(error.where ?? "")?.[1] ?? 1);
    return closedDocument(file, line, error.message);
  }
}

/** The document of a managed file that cannot be read or believed: it blocks everything. */
export function closedDocument(file: string, line: number | undefined, why: string): PolicyDocument {
  const place: RulePlace = { key: "(whole file)", file, line };
  const closed: PolicyList = { place, closed: true, rules: [] };
  const hint = "ask your administrator to correct the file";
  const message = `the policy cannot be read, so it blocks everything: ${why}`;
  return {
    file,
    allow: [closed],
    block: [],
    plugins: noPluginRules(place),
    trustedHooks: new Set(),
    extraKnownMarketplaces: {},
    flags: Object.fromEntries(FLAGS.map((flag) => [flag, { value: true, place }])),
    pluginSources: "inherit",
    minimumReleaseAge: { ms: Number.POSITIVE_INFINITY, place },
    sourceRewrites: { rules: [], closed: place },
    diagnostics: [{ code: "E_POLICY_INVALID", severity: "error", message, file, line, hint }],
  };
}

class PolicyReader {
  readonly #json: JsonDocument;
  readonly #file: string;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #root: Readonly<Record<string, unknown>>;

  constructor(json: JsonDocument, file: string) {
    this.#json = json;
    this.#file = file;
    this.#root = asObject(json.value) ?? {};
  }

  read(): PolicyDocument {
    if (asObject(this.#json.value) === undefined) return closedDocument(this.#file, 1, "it is not an object");
    const allow = ["strictKnownMarketplaces", "allowedMarketplaces"].flatMap((key) => this.#list(key, "allow"));
    const block = this.#list("blockedMarketplaces", "block");
    const document = {
      place: (path: readonly string[]) => this.#place(path),
      invalid: (path: readonly string[], message: string) => this.#invalid(path, message),
    };
    return {
      file: this.#file,
      allow,
      block,
      plugins: readPluginRules(this.#root, document),
      trustedHooks: readTrustedHooks(this.#root["trustedHooks"], document),
      extraKnownMarketplaces: {
        ...this.#marketplaces("additionalMarketplaces"),
        ...this.#marketplaces("extraKnownMarketplaces"),
      },
      flags: this.#flags(),
      pluginSources: this.#pluginSources(),
      ...this.#minimumReleaseAge(),
      ...this.#sourceRewrites(),
      diagnostics: this.#diagnostics,
    };
  }

  #list(key: string, use: RuleUse): readonly PolicyList[] {
    const raw = this.#root[key];
    if (raw === undefined) return [];
    const place = this.#place([key]);
    if (!Array.isArray(raw)) {
      this.#invalid([key], `\`${key}\` must be a list, so it admits nothing`);
      return [{ place, closed: true, rules: [] }];
    }
    const rules: (MarketplaceRule & { readonly place: RulePlace })[] = [];
    let closed = false;
    for (const [index, item] of raw.entries()) {
      const rule = readRule(item, use);
      if ("problem" in rule) {
        const effect = use === "allow" ? "it matches nothing" : "the list blocks everything";
        this.#invalid([key, index], `rule ${index} of \`${key}\` ${rule.problem}; ${effect}`);
        if (use === "block") closed = true;
      } else rules.push({ ...rule, place: this.#place([key, index]) });
    }
    return [{ place, closed, rules }];
  }

  #marketplaces(key: string): PolicyDocument["extraKnownMarketplaces"] {
    const raw = this.#root[key];
    if (raw === undefined) return {};
    const object = asObject(raw);
    if (object === undefined) {
      this.#invalid([key], `\`${key}\` must be an object, so it adds nothing`);
      return {};
    }
    const known: Record<string, { source: MarketplaceSource; autoUpdate: boolean }> = {};
    for (const [name, value] of Object.entries(object)) {
      const problem = marketplaceNameProblem(name);
      if (problem === undefined) {
        try {
          known[name] = { source: parseMarketplaceSource(value), autoUpdate: asObject(value)?.["autoUpdate"] === true };
          continue;
        } catch (error) {
          if (!isCodedError(error)) throw error;
          this.#invalid([key, name], `marketplace \`${name}\` of \`${key}\` is not usable: ${error.message}`);
        }
      } else this.#invalid([key, name], `a name in \`${key}\` ${problem}`);
    }
    return known;
  }

  #flags(): PolicyDocument["flags"] {
    const flags: Partial<Record<PolicyFlag, { value: boolean; place: RulePlace }>> = {};
    for (const flag of FLAGS) {
      const value = this.#root[flag];
      if (value === undefined) continue;
      if (typeof value !== "boolean")
        this.#invalid([flag], `\`${flag}\` must be \`true\` or \`false\`, so it counts as \`true\``);
      flags[flag] = { value: value !== false, place: this.#place([flag]) };
    }
    return flags;
  }

  #pluginSources(): "inherit" | "trustCatalog" {
    const value = this.#root["pluginSources"];
    if (value === "trustCatalog") return value;
    if (value !== undefined && value !== "inherit")
      this.#invalid(["pluginSources"], "`pluginSources` must be `inherit` or `trustCatalog`; it counts as `inherit`");
    return "inherit";
  }

  #minimumReleaseAge(): Pick<PolicyDocument, "minimumReleaseAge"> {
    const value = this.#root["minimumReleaseAge"];
    if (value === undefined) return {};
    const ms = readMinimumAge(value);
    if (ms === undefined)
      this.#invalid(
        ["minimumReleaseAge"],
        "`minimumReleaseAge` must be minutes or a text such as `24h` or `3d`; no release of a registry is old enough",
      );
    return { minimumReleaseAge: { ms: ms ?? Number.POSITIVE_INFINITY, place: this.#place(["minimumReleaseAge"]) } };
  }

  #sourceRewrites(): Pick<PolicyDocument, "sourceRewrites"> {
    const raw = this.#root["sourceRewrites"];
    if (raw === undefined) return {};
    if (!Array.isArray(raw)) {
      this.#invalid(["sourceRewrites"], "`sourceRewrites` must be a list, so nothing is fetched");
      return { sourceRewrites: { rules: [], closed: this.#place(["sourceRewrites"]) } };
    }
    const rules: SourceRewrite[] = [];
    let closed: RulePlace | undefined;
    for (const [index, item] of raw.entries()) {
      const place = this.#place(["sourceRewrites", index]);
      const rule = readRewrite(item);
      if ("problem" in rule) {
        const message = `rule ${index} of \`sourceRewrites\` ${rule.problem}; nothing is fetched that no other rule covers`;
        this.#invalid(["sourceRewrites", index], message);
        closed ??= place;
      } else rules.push({ ...rule, place });
    }
    return { sourceRewrites: { rules, closed } };
  }

  #place(path: readonly (string | number)[]): RulePlace {
    return { key: path.join("."), file: this.#file, line: this.#json.locate(path, "key").line };
  }

  #invalid(path: readonly (string | number)[], message: string): void {
    const hint = "ask your administrator to correct the file";
    this.#diagnostics.push({
      code: "E_POLICY_INVALID",
      severity: "error",
      message,
      file: this.#file,
      ...this.#json.locate(path, "key"),
      hint,
    });
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
