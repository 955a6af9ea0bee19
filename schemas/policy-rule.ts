import { isCodedError } from "./errors.ts";
import { githubUrl, parseGitUrl } from "./git-url.ts";
import type { GitUrl } from "./git-url.ts";
import { canonicalSource } from "./identity.ts";
import { inlineCatalogText, parseMarketplaceSource } from "./marketplace-source.ts";
import { compilePolicyPattern } from "./policy-pattern.ts";
import type { PolicyPattern } from "./policy-pattern.ts";
import { anyUser, isTrusted, repositoryOf } from "./policy-source.ts";
import type { MarketplaceSource } from "./source-spec.ts";

/** Where a rule stands, for denials: `file:line`. */
export interface RulePlace {
  readonly key: string;
  readonly file: string;
  readonly line?: number | undefined;
}

/** One element of an allow or block list; `nothing` matches no source, e.g. a kind that no marketplace here can have. */
export type MarketplaceRule =
  | {
      readonly kind: "repository";
      readonly identity: string;
      /** The same whoever logs in. */
      readonly repository: string;
      /** Absent: any authenticated transport is meant, because the rule names a repository and not a URL. */
      readonly git?: GitUrl | undefined;
      readonly ref?: string | undefined;
      readonly path?: string | undefined;
    }
  | { readonly kind: "owner"; readonly prefix: string }
  | {
      readonly kind: "package";
      readonly name: string;
      /** Absent: the public one. */
      readonly registry?: string | undefined;
      readonly version?: string | undefined;
    }
  /** Every package of a scope, e.g. `@acme/`; without `registry` an allowance means the public one. */
  | { readonly kind: "scope"; readonly prefix: string; readonly registry?: string | undefined }
  | {
      readonly kind: "inline";
      readonly name: string;
      /** What `inlineCatalogText` makes of it. */
      readonly catalog: string;
    }
  | { readonly kind: "exact"; readonly identity: string; readonly repository?: string | undefined }
  | { readonly kind: "host"; readonly pattern: PolicyPattern }
  | { readonly kind: "path"; readonly pattern: PolicyPattern }
  | { readonly kind: "nothing"; readonly of: string };

/** Whether a list admits or refuses what it matches: an allow list matches narrowly, a block list widely. */
export type RuleUse = "allow" | "block";

/** Reads one element of a list; answers a clause for a message when it is not valid. */
export function readRule(raw: unknown, use: RuleUse): MarketplaceRule | { readonly problem: string } {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return { problem: "must be an object" };
  const rule = raw as Readonly<Record<string, unknown>>;
  switch (rule["source"]) {
    case "hostPattern":
      return patternRule(rule["hostPattern"], "host", use);
    case "pathPattern":
      return patternRule(rule["pathPattern"], "path", use);
    case "settings":
      // A block list means the name, whatever stands under it.
      return use === "block" ? sourceOf({ ...rule, plugins: [] }, use) : sourceOf(rule, use);
    case "skills-dir":
      return { kind: "nothing", of: rule["source"] };
    case "github": {
      const owner =
        typeof rule["repo"] === "string" ? /^([A-Za-z0-9][A-Za-z0-9-]*)\/\*$/.exec(rule["repo"])?.[1] : undefined;
      if (owner !== undefined) return { kind: "owner", prefix: `github.com/${owner.toLowerCase()}/` };
      break;
    }
    case "npm": {
      const scope = typeof rule["package"] === "string" ? /^(@[^/*]+\/)\*$/.exec(rule["package"])?.[1] : undefined;
      if (scope !== undefined) return scopeRule(scope, rule, use);
      break;
    }
    default:
  }
  return sourceOf(rule, use);
}

/** A scope is read as the package of it that any other would be. */
function scopeRule(
  prefix: string,
  rule: Readonly<Record<string, unknown>>,
  use: RuleUse,
): MarketplaceRule | { readonly problem: string } {
  if (rule["version"] !== undefined) return { problem: "names a version of a whole scope" };
  const read = sourceOf({ ...rule, package: `${prefix}x` }, use);
  return "problem" in read || read.kind !== "package" ? read : { kind: "scope", prefix, registry: read.registry };
}

function sourceOf(
  rule: Readonly<Record<string, unknown>>,
  use: RuleUse,
): MarketplaceRule | { readonly problem: string } {
  try {
    return sourceRule(parseMarketplaceSource(rule), use);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { problem: `is not usable: ${error.message}` };
  }
}

function sourceRule(source: MarketplaceSource, use: RuleUse): MarketplaceRule | { readonly problem: string } {
  switch (source.kind) {
    case "github": {
      const identity = githubIdentity(source.repo);
      return { kind: "repository", identity, repository: identity, ...selectionOf(source) };
    }
    case "git": {
      const git = parseGitUrl(source.url);
      if (use === "allow" && !isTrusted(git))
        return { problem: `allows the transport \`${git.transport}\`, which proves nothing about the host` };
      const { identity } = git;
      return { kind: "repository", identity, repository: anyUser(identity), git, ...selectionOf(source) };
    }
    case "url":
      return { kind: "exact", identity: canonicalSource(source).identity, repository: repositoryOf(source) };
    case "npm":
      return packageRule(source);
    case "settings":
      return { kind: "inline", name: source.name, catalog: inlineCatalogText(source) };
    case "directory":
    case "file":
      return { kind: "exact", identity: canonicalSource(source).identity };
  }
}

/** What `githubUrl` says of a repository, without its parser where the name has one spelling only: a policy may have a thousand. */
function githubIdentity(repo: string): string {
  return repo.endsWith(".git") ? githubUrl(repo).identity : `github.com/${repo.toLowerCase()}`;
}

function selectionOf({ ref, path }: { readonly ref?: string | undefined; readonly path?: string | undefined }) {
  return { ...(ref !== undefined && { ref }), ...(path !== undefined && { path }) };
}

function packageRule(
  source: Extract<MarketplaceSource, { readonly kind: "npm" }>,
): Extract<MarketplaceRule, { kind: "package" }> {
  const canonical = canonicalSource(source).source;
  const { version, registry } = canonical.kind === "npm" ? canonical : source;
  return { kind: "package", name: source.package, version, registry };
}

function patternRule(
  raw: unknown,
  kind: "host" | "path",
  use: RuleUse,
): MarketplaceRule | { readonly problem: string } {
  if (typeof raw !== "string") return { problem: `must have a text \`${kind}Pattern\`` };
  const text = kind === "host" ? raw.toLowerCase() : raw;
  if (kind === "host" && use === "allow" && /(?:^|[^\\])\.[*+](?:\(\?:|\()?[a-z0-9]/.test(text)) {
    return {
      problem: `has the pattern \`${raw}\`, which admits foreign hosts that end alike; write \`(.*\\.)?\` before the name`,
    };
  }
  const pattern = compilePolicyPattern(kind === "host" ? literalDots(text) : text);
  return "problem" in pattern ? { problem: `has a pattern that ${pattern.problem}` } : { kind, pattern };
}

/** A lone `.` in a host pattern means the dot of a host name, as its author means it; `.*`, `.+` and `.?` stay. */
function literalDots(text: string): string {
  return text.replace(/\\.|\[[^\]]*\]|\.(?![*+?])/g, (found) => (found === "." ? String.raw`\.` : found));
}
