import { isCodedError } from "./errors.ts";
import { githubUrl, parseGitUrl } from "./git-url.ts";
import type { GitUrl } from "./git-url.ts";
import { canonicalSource } from "./identity.ts";
import type { LockedSource } from "./lockfile.ts";
import { inlineCatalogText, parseMarketplaceSource } from "./marketplace-source.ts";
import { compilePolicyPattern } from "./policy-pattern.ts";
import type { PolicyPattern } from "./policy-pattern.ts";
import { PUBLIC_REGISTRY } from "./public-registry.ts";
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
      readonly git: GitUrl;
      /** Any authenticated transport is meant, because the rule names a repository and not a URL. */
      readonly anyTransport: boolean;
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
  const rule: Readonly<Record<string, unknown>> = { ...raw };
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
    default:
  }
  return sourceOf(rule, use);
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

/** Whether a rule matches the canonical source of a marketplace. */
export function matchesMarketplace(rule: MarketplaceRule, source: MarketplaceSource, use: RuleUse): boolean {
  const subject = canonicalSource(source);
  const git = gitOf(subject.source);
  switch (rule.kind) {
    case "nothing":
      return false;
    case "owner":
      return git !== undefined && isTrusted(git, use) && git.identity.startsWith(rule.prefix);
    case "host": {
      const host = git?.host ?? hostOf(subject.source);
      return (
        host !== undefined && host !== "" && (git === undefined || isTrusted(git, use)) && rule.pattern.matches(host)
      );
    }
    case "package": {
      const package_ = subject.source;
      if (package_.kind !== "npm" || package_.package !== rule.name) return false;
      // A block list means the package wherever it is published, unless it names a registry.
      if (package_.registry !== rule.registry && (use === "allow" || rule.registry !== undefined)) return false;
      return rule.version === undefined || rule.version === package_.version;
    }
    case "inline":
      if (source.kind !== "settings" || source.name !== rule.name) return false;
      return use === "block" || inlineCatalogText(source) === rule.catalog;
    case "path":
      return (source.kind === "directory" || source.kind === "file") && rule.pattern.matches(source.path);
    case "exact":
      if (rule.identity === subject.identity) return true;
      return use === "block" && git !== undefined && rule.repository === anyUser(git.identity);
    case "repository": {
      if (git === undefined) return use === "block" && repositoryOf(subject.source) === anyUser(rule.git.identity);
      if (subject.source.kind !== "github" && subject.source.kind !== "git") return false;
      if (rule.ref !== undefined && rule.ref !== subject.source.ref) return false;
      if (rule.path !== undefined && rule.path !== subject.source.path) return false;
      return matchesRepository(rule, git, use);
    }
  }
}

/** Whether a rule matches where a plugin's own bytes come from, whatever ref or path the rule names. */
export function matchesPluginSource(rule: MarketplaceRule, source: LockedSource, use: RuleUse): boolean {
  switch (source.kind) {
    case "git": {
      const git = parseGitUrl(source.url);
      if (rule.kind === "repository") return matchesRepository(rule, git, use);
      return matchesMarketplace(rule, { kind: "git", url: git.url }, use);
    }
    case "archive":
      return matchesMarketplace(rule, { kind: "url", url: source.url }, use);
    case "npm":
      // As with refs, a rule's range says which catalog is meant and nothing about a plugin's own release.
      return matchesMarketplace(
        rule.kind === "package" ? { ...rule, version: undefined } : rule,
        { kind: "npm", package: source.package, registry: source.registry },
        use,
      );
    case "directory":
      return matchesMarketplace(rule, { kind: "directory", path: source.path }, use);
    case "command":
      // What no rule can name; `disableCommandPluginSources` decides.
      return false;
  }
}

/** The repository that a marketplace comes from; `undefined` when it comes from none. */
export function gitOf(source: MarketplaceSource): GitUrl | undefined {
  if (source.kind === "github") return githubUrl(source.repo);
  return source.kind === "git" ? parseGitUrl(source.url) : undefined;
}

function matchesRepository(rule: Extract<MarketplaceRule, { kind: "repository" }>, git: GitUrl, use: RuleUse): boolean {
  if (use === "block") return anyUser(rule.git.identity) === anyUser(git.identity);
  if (rule.git.identity !== git.identity) return false;
  if (rule.anyTransport) return isTrusted(git, use);
  return rule.git.transport === git.transport && rule.git.user === git.user && rule.git.inHome === git.inHome;
}

/** The repository whoever logs in. */
function anyUser(identity: string): string {
  return identity.replace(/^[^@/]*@/, "");
}

function sourceRule(source: MarketplaceSource, use: RuleUse): MarketplaceRule | { readonly problem: string } {
  switch (source.kind) {
    case "github":
    case "git": {
      const git = source.kind === "github" ? githubUrl(source.repo) : parseGitUrl(source.url);
      if (use === "allow" && !isTrusted(git, use))
        return { problem: `allows the transport \`${git.transport}\`, which proves nothing about the host` };
      return {
        kind: "repository",
        git,
        anyTransport: source.kind === "github",
        ...(source.ref === undefined ? {} : { ref: source.ref }),
        ...(source.path === undefined ? {} : { path: source.path }),
      };
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

/** Whether the transport proves which host answers; plain http and git do only on this machine. */
function isTrusted(git: GitUrl, use: RuleUse): boolean {
  if (use === "block" || (git.transport !== "http" && git.transport !== "git")) return true;
  return git.host === "localhost" || git.host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(git.host);
}

function hostOf(source: MarketplaceSource): string | undefined {
  if (source.kind === "npm") return new URL(source.registry ?? PUBLIC_REGISTRY).hostname;
  return source.kind === "url" ? URL.parse(source.url)?.hostname : undefined;
}

/** The repository that a document's URL would be if it were cloned. */
function repositoryOf(source: MarketplaceSource): string | undefined {
  if (source.kind !== "url") return undefined;
  try {
    return parseGitUrl(source.url).identity;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}
