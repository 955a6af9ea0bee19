import { isCodedError } from "./errors.ts";
import { githubUrl, type GitUrl, parseGitUrl } from "./git-url.ts";
import { type CanonicalSource, canonicalSource } from "./identity.ts";
import type { LockedSource } from "./lockfile.ts";
import { PUBLIC_REGISTRY } from "./public-registry.ts";
import type { MarketplaceSource } from "./source-spec.ts";

/** A source that rules are held against, parsed once for all of them. */
export interface RuleSubject {
  /** As it was given. */
  readonly source: MarketplaceSource;
  readonly canonical: CanonicalSource;
  /** The repository that it lies in. */
  readonly git: GitUrl | undefined;
  /** Identity of that repository, whoever logs in; of a document that of the repository which its URL would be if it were cloned. */
  readonly repository: string | undefined;
  readonly host: string | undefined;
  /** Of a plugin's own files: then rules mean them whatever ref, path or release they name. */
  readonly isPlugin: boolean;
}

/** The source of a marketplace as rules see it. */
export function marketSubject(source: MarketplaceSource, isPlugin = false): RuleSubject {
  const canonical = canonicalSource(source);
  const git = gitOf(canonical.source);
  const repository = git === undefined ? repositoryOf(canonical.source) : anyUser(git.identity);
  return { source, canonical, git, repository, host: git?.host ?? hostOf(canonical.source), isPlugin };
}

/** Where a plugin's own bytes come from as rules see it; `undefined` for a command, which `disableCommandPluginSources` decides about. */
export function pluginSubject(source: LockedSource): RuleSubject | undefined {
  switch (source.kind) {
    case "git":
      return marketSubject({ kind: "git", url: source.url }, true);
    case "archive":
      return marketSubject({ kind: "url", url: source.url }, true);
    case "npm":
      return marketSubject({ kind: "npm", package: source.package, registry: source.registry }, true);
    case "directory":
      return marketSubject({ kind: "directory", path: source.path }, true);
    case "command":
      return undefined;
  }
}

/** The repository that a marketplace comes from; `undefined` when it comes from none. */
export function gitOf(source: MarketplaceSource): GitUrl | undefined {
  if (source.kind === "github") return githubUrl(source.repo);
  return source.kind === "git" ? parseGitUrl(source.url) : undefined;
}

/** Identity of a repository whoever logs in. */
export function anyUser(identity: string): string {
  return identity.replace(/^[^@/]*@/, "");
}

/** Whether the transport proves which host answers; plain http and git do only on this machine. */
export function isTrusted(git: GitUrl): boolean {
  if (git.transport !== "http" && git.transport !== "git") return true;
  return git.host === "localhost" || git.host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(git.host);
}

/** The repository that a document's URL would be if it were cloned. */
export function repositoryOf(source: MarketplaceSource): string | undefined {
  if (source.kind !== "url") return undefined;
  try {
    return parseGitUrl(source.url).identity;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}

function hostOf(source: MarketplaceSource): string | undefined {
  if (source.kind === "npm") return new URL(source.registry ?? PUBLIC_REGISTRY).hostname;
  return source.kind === "url" ? URL.parse(source.url)?.hostname : undefined;
}
