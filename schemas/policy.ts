import type { Diagnostic } from "./diagnostic.ts";
import { isCodedError } from "./errors.ts";
import { readJson } from "./json-text.ts";
import type { JsonDocument } from "./json-text.ts";
import type { LockedSource } from "./lockfile.ts";
import { parseMarketplaceSource } from "./marketplace-source.ts";
import { marketplaceNameProblem } from "./names.ts";
import { type DemandedAge, readDemandedAge } from "./policy-age.ts";
import { type Ceilings, closedCeilings, readCeilings } from "./policy-capabilities.ts";
import { POLICY_FLAGS, type PolicyFlag } from "./policy-flags.ts";
import { POLICY_KEYS, reportMisspelt } from "./policy-keys.ts";
import { type PolicyList, readPolicyList } from "./policy-lists.ts";
import { noPluginRules, readPluginRules } from "./policy-plugins.ts";
import type { PluginRules } from "./policy-plugins.ts";
import { readTrustedHooks } from "./policy-trusted-hooks.ts";
import { readRewriteList, type RewriteList } from "./policy-rewrites.ts";
import type { RulePlace } from "./policy-rule.ts";
import { readSecretRules, type SecretRules } from "./policy-secrets.ts";
import type { PolicyText } from "./policy-text.ts";
import type { MarketplaceSource } from "./source-spec.ts";
import { positionIn } from "./text-position.ts";

export type { RulePlace } from "./policy-rule.ts";

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
      /** Digest of its tree, where that is known. */
      readonly tree?: string | undefined;
      /** The range that somebody wants it in; absent for what only other plugins need. */
      readonly range?: string | undefined;
    }
  | {
      readonly kind: "contribution";
      readonly id: string;
      readonly contribution: { readonly kind: string; readonly name: string };
    }
  /** Something of `CAPABILITIES` that a plugin as a whole makes use of. */
  | { readonly kind: "capability"; readonly id: string; readonly capability: string }
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

/** One managed policy file as read. Absent lists restrict nothing. */
export interface PolicyDocument {
  readonly file: string;
  /** `strictKnownMarketplaces` and `allowedMarketplaces`; a source must pass each. */
  readonly allow: readonly PolicyList[];
  readonly block: readonly PolicyList[];
  /** `allowedPluginSources` and `blockedPluginSources`, about where a plugin's own files come from. */
  readonly allowSources: readonly PolicyList[];
  readonly blockSources: readonly PolicyList[];
  /** Which plugins alone may have a capability. */
  readonly ceilings: Ceilings;
  readonly plugins: PluginRules;
  /** Ids of plugins that `allowManagedHooksOnly` admits. */
  readonly trustedHooks: ReadonlySet<string>;
  readonly extraKnownMarketplaces: Readonly<
    Record<string, { readonly source: MarketplaceSource; readonly autoUpdate: boolean; readonly place: RulePlace }>
  >;
  readonly flags: Readonly<Partial<Record<PolicyFlag, { readonly value: boolean; readonly place: RulePlace }>>>;
  /** `inherit`: a plugin's own source must pass the lists too; `trustCatalog`: an allowed catalog may point anywhere. */
  readonly pluginSources: "inherit" | "trustCatalog";
  /** How old a release of a registry has to be; `Infinity` when that cannot be read. */
  readonly minimumReleaseAge?: DemandedAge | undefined;
  /** From where the bytes of sources are fetched instead. */
  readonly sourceRewrites?: RewriteList | undefined;
  readonly secrets: SecretRules;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads one managed policy file. A rule that is not valid closes its key and leaves the others in force (`E_POLICY_INVALID` in
 * the diagnostics); a file that is no JSON at all closes everything.
 */
export function readPolicyDocument(text: string | Uint8Array, { file }: { readonly file: string }): PolicyDocument {
  return readPolicy(() => readJson(text, { file, dangerousKeys: "refuse" }), file);
}

/** The same for a file that is read as strict JSON, errors and all, by somebody who may know it already. */
export function readPolicy(read: () => JsonDocument, file: string): PolicyDocument {
  try {
    return new PolicyReader(read(), file).read();
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return closedDocument(file, positionIn(error.where)?.line ?? 1, error.message);
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
    allowSources: [closed],
    blockSources: [],
    ceilings: closedCeilings(place),
    plugins: noPluginRules(place),
    trustedHooks: new Set(),
    extraKnownMarketplaces: {},
    flags: Object.fromEntries(POLICY_FLAGS.map((flag) => [flag, { value: true, place }])),
    pluginSources: "inherit",
    minimumReleaseAge: { ms: Number.POSITIVE_INFINITY, place },
    sourceRewrites: { rules: [], closed: place },
    secrets: {},
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
    const document: PolicyText = {
      place: (path) => this.#place(path),
      invalid: (path, message) => this.#invalid(path, message),
    };
    reportMisspelt(this.#root, POLICY_KEYS, document);
    const lists = (key: string, use: "allow" | "block"): readonly PolicyList[] =>
      readPolicyList(key, this.#root[key], use, document);
    const minimumReleaseAge = readDemandedAge(this.#root["minimumReleaseAge"], document);
    const sourceRewrites = readRewriteList(this.#root["sourceRewrites"], document);
    return {
      file: this.#file,
      allow: ["strictKnownMarketplaces", "allowedMarketplaces"].flatMap((key) => lists(key, "allow")),
      block: lists("blockedMarketplaces", "block"),
      allowSources: lists("allowedPluginSources", "allow"),
      blockSources: lists("blockedPluginSources", "block"),
      ceilings: readCeilings(this.#root["capabilityCeilings"], document),
      plugins: readPluginRules(this.#root, document),
      trustedHooks: readTrustedHooks(this.#root["trustedHooks"], document),
      extraKnownMarketplaces: {
        ...this.#marketplaces("additionalMarketplaces"),
        ...this.#marketplaces("extraKnownMarketplaces"),
      },
      flags: this.#flags(),
      pluginSources: this.#pluginSources(),
      ...(minimumReleaseAge !== undefined && { minimumReleaseAge }),
      ...(sourceRewrites !== undefined && { sourceRewrites }),
      secrets: readSecretRules(this.#root["secrets"], document),
      diagnostics: this.#diagnostics,
    };
  }

  #marketplaces(key: string): PolicyDocument["extraKnownMarketplaces"] {
    const raw = this.#root[key];
    if (raw === undefined) return {};
    const object = asObject(raw);
    if (object === undefined) {
      this.#invalid([key], `\`${key}\` must be an object, so it adds nothing`);
      return {};
    }
    const known: Record<string, PolicyDocument["extraKnownMarketplaces"][string]> = {};
    for (const [name, value] of Object.entries(object)) {
      const problem = marketplaceNameProblem(name);
      if (problem === undefined) {
        try {
          const autoUpdate = asObject(value)?.["autoUpdate"] === true;
          known[name] = { source: parseMarketplaceSource(value), autoUpdate, place: this.#place([key, name]) };
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
    for (const flag of POLICY_FLAGS) {
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

  /** Of a thousand rules one is named at most, so lines are counted when somebody asks. */
  #place(path: readonly (string | number)[]): RulePlace {
    const json = this.#json;
    return {
      key: path.join("."),
      file: this.#file,
      get line(): number {
        return json.locate(path, "key").line;
      },
    };
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
