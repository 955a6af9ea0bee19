import { CodedError } from "./errors.ts";
import { checkRefName } from "./git-ref.ts";
import { githubUrl, isGithubRepo, parseGitUrl } from "./git-url.ts";
import type { GitUrl } from "./git-url.ts";
import { escapeControl } from "./names.ts";
import { packageSource } from "./marketplace-source.ts";
import { parsePackageSpec } from "./npm-package.ts";
import { PUBLIC_REGISTRY } from "./public-registry.ts";
import type { MarketplaceSource } from "./source-spec.ts";
import { parseWebUrl } from "./web-url.ts";

export type { GitUrl } from "./git-url.ts";
export { githubUrl, parseGitUrl } from "./git-url.ts";

/** A marketplace source in canonical form with the string that names it in locks and policies. */
export interface CanonicalSource {
  readonly source: MarketplaceSource;
  /** `host/path[@ref][:path]` for repositories, the canonical URL for `url`, `kind:…` otherwise; of `settings` the name alone. */
  readonly identity: string;
}

const FORMS = [
  "`owner/repo`, with `@ref` for a branch or tag",
  "a git URL (`https://host/repo.git`, `ssh://git@host/repo`, `git@host:repo`, `file:///repo`)",
  "a folder (`./market`)",
  "the path or the https URL of a marketplace.json",
  "a package of a registry (`npm:@scope/name`, with `@range` if it needs one)",
].join("\n");

/** Canonical form and identity of a source; applying it twice changes nothing. Local paths must be absolute and real already. */
export function canonicalSource(source: MarketplaceSource): CanonicalSource {
  switch (source.kind) {
    case "github":
      return fromGitUrl(githubUrl(source.repo), source);
    case "git":
      return fromGitUrl(parseGitUrl(source.url), source);
    case "url": {
      const url = parseWebUrl(source.url);
      return { source: { kind: "url", url }, identity: url };
    }
    case "directory":
    case "file": {
      const path = cleanLocalPath(source.path);
      return { source: { kind: source.kind, path }, identity: `${source.kind}:${path}` };
    }
    case "npm":
      return fromPackage(source);
    case "settings":
      return { source, identity: `settings:${source.name}` };
  }
}

/**
 * What a person meant by the argument of `marketplace add`. `probe` says what lies at a path as typed (`~` included); paths are
 * returned as typed. Throws `E_SOURCE_INVALID` listing the accepted forms, `E_NOT_FOUND`, `E_AMBIGUOUS`, `E_GIT_URL` or `E_GIT_REF`.
 */
export function parseMarketplaceArgument(
  text: string,
  probe: (path: string) => "directory" | "file" | undefined,
): MarketplaceSource {
  if (/^(?:\.{1,2}(?:\/|$)|\/|~(?:\/|$))/.test(text)) return localSource(text, probe(text));
  if (/^https?:\/\//i.test(text)) return webSource(text);
  if (text.startsWith("npm:")) return packageSource(parsePackageSpec(text.slice("npm:".length)));
  const [address, ref] = splitRef(text);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) || /^[^/]+:/.test(address)) return gitSource(address, ref);
  const found = probe(text);
  const shorthand = /^([^@#]+)(?:[@#](.*))?$/.exec(text);
  const repo = shorthand?.[1] ?? "";
  if (isGithubRepo(repo)) {
    if (found !== undefined) {
      throw new CodedError("E_AMBIGUOUS", `\`${text}\` is a ${found} here and could be a repository on GitHub`, {
        hint: `write \`./${text}\` or \`https://github.com/${repo}\``,
      });
    }
    const wanted = shorthand?.[2];
    if (wanted !== undefined) checkRefName(wanted);
    return { kind: "github", repo: repo.replace(/\.git$/, ""), ...(wanted === undefined ? {} : { ref: wanted }) };
  }
  if (found !== undefined) return localSource(text, found);
  throw new CodedError("E_SOURCE_INVALID", `\`${escapeControl(text.slice(0, 200))}\` names no marketplace source`, {
    hint: `give one of these:\n${FORMS}`,
  });
}

/** The public registry goes without saying, in the source and in its identity. */
function fromPackage({ package: name, version, registry }: PackageMarketplace): CanonicalSource {
  const url = registry === undefined ? undefined : parseWebUrl(registry.endsWith("/") ? registry : `${registry}/`);
  const own = url === undefined || url === PUBLIC_REGISTRY ? undefined : url;
  const place = own === undefined ? "" : own.replace(/^https:\/\//, "");
  return {
    source: {
      kind: "npm",
      package: name,
      ...(version === undefined ? {} : { version }),
      ...(own === undefined ? {} : { registry: own }),
    },
    identity: `npm:${place}${name}${version === undefined ? "" : `@${version}`}`,
  };
}

type PackageMarketplace = Extract<MarketplaceSource, { readonly kind: "npm" }>;

function fromGitUrl(
  url: GitUrl,
  selection: { readonly ref?: string | undefined; readonly path?: string | undefined },
): CanonicalSource {
  const chosen = {
    ...(selection.ref === undefined ? {} : { ref: selection.ref }),
    ...(selection.path === undefined ? {} : { path: selection.path }),
  };
  const identity = `${url.identity}${selection.ref === undefined ? "" : `@${selection.ref}`}${selection.path === undefined ? "" : `:${selection.path}`}`;
  const onGithub =
    url.transport === "https" && url.host === "github.com" && url.port === undefined && isGithubRepo(url.path);
  const source: MarketplaceSource = onGithub
    ? { kind: "github", repo: url.path, ...chosen }
    : { kind: "git", url: url.url, ...chosen };
  return { source, identity };
}

function localSource(path: string, found: "directory" | "file" | undefined): MarketplaceSource {
  if (found === "directory") return { kind: "directory", path };
  if (found === undefined) {
    throw new CodedError("E_NOT_FOUND", `\`${escapeControl(path)}\` does not exist`, {
      hint: "check the path; a source on the network is written `owner/repo` or as a URL",
    });
  }
  if (path.endsWith(".json")) return { kind: "file", path };
  throw new CodedError("E_SOURCE_INVALID", `\`${escapeControl(path)}\` is a file but no marketplace.json`, {
    hint: `give one of these:\n${FORMS}`,
  });
}

/** Git for addresses that only git serves, otherwise the URL of a document. */
function webSource(text: string): MarketplaceSource {
  const [address, ref] = splitRef(text);
  const isGit =
    /\.git\/?$|\/_git\//.test(address) ||
    /^https?:\/\/(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)(?::443)?\//i.test(address);
  const isDocument = /\/-?\/?raw\/|\.json$/.test(address);
  if (isGit && !isDocument) return gitSource(address, ref);
  return { kind: "url", url: parseWebUrl(text) };
}

function gitSource(address: string, ref: string | undefined): MarketplaceSource {
  const { url } = parseGitUrl(address.replace(/^(https?:\/\/[^?#]*?)\/$/, "$1"));
  if (ref !== undefined) checkRefName(ref);
  return { kind: "git", url, ...(ref === undefined ? {} : { ref }) };
}

function splitRef(text: string): readonly [address: string, ref: string | undefined] {
  const hash = text.indexOf("#");
  return hash < 0 ? [text, undefined] : [text.slice(0, hash), text.slice(hash + 1)];
}

function cleanLocalPath(path: string): string {
  const clean = path.replace(/\/(?:\.?\/)+/g, "/").replace(/\/\.?$/, "");
  return clean === "" ? "/" : clean;
}
