import { canonicalJson } from "./canonical-json.ts";
import { CodedError } from "./errors.ts";
import { checkRefName } from "./git-ref.ts";
import { isGithubRepo, parseGitUrl } from "./git-url.ts";
import { escapeControl, marketplaceNameProblem } from "./names.ts";
import { packageProblem, parsePackageSpec, type PackageSpec } from "./npm-package.ts";
import type { MarketplaceSource } from "./source-spec.ts";
import { parseTreePath } from "./tree-path.ts";
import { parseWebUrl } from "./web-url.ts";

const KINDS = "`github`, `git`, `url`, `directory`, `file`, `npm` and `settings`";

/**
 * Reads the object form of a marketplace source as it stands in settings, policy and `plugins.json`; a `{"source": {…}}` wrapper is
 * accepted. Throws `E_SOURCE_INVALID`, `E_SOURCE_UNSUPPORTED`, `E_GIT_URL`, `E_GIT_REF`, `E_PATH` or `E_PATH_ESCAPE`.
 */
export function parseMarketplaceSource(raw: unknown): MarketplaceSource {
  const object = asObject(raw);
  if (typeof object["source"] === "object") return parseMarketplaceSource(object["source"]);
  const kind = typeof object["source"] === "string" ? object["source"] : undefined;
  switch (kind) {
    case "github": {
      const repo = text(object, "repo").replace(/\.git$/, "");
      if (!isGithubRepo(repo))
        throw invalid(`\`repo\` \`${escapeControl(repo)}\` is not \`owner/repo\``, "write `owner/repo`");
      return { kind: "github", repo, ...selection(object) };
    }
    case "git":
      return { kind: "git", url: parseGitUrl(text(object, "url")).url, ...selection(object) };
    case "url":
      return { kind: "url", url: parseWebUrl(text(object, "url")) };
    case "directory":
    case "file":
      return { kind, path: localPath(text(object, "path")) };
    case "npm": {
      const written = parsePackageSpec(text(object, "package"));
      const version = object["version"] === undefined ? written.version : text(object, "version");
      const address = object["registry"] === undefined ? undefined : parseWebUrl(text(object, "registry"));
      return packageSource({ name: written.name, version }, address);
    }
    case "settings":
      return inlineCatalog(object);
    default: {
      const shown = kind === undefined ? "missing" : `\`${escapeControl(kind.slice(0, 64))}\``;
      throw new CodedError("E_SOURCE_UNSUPPORTED", `the kind of marketplace source is ${shown}`, {
        hint: `the kinds are ${KINDS}`,
      });
    }
  }
}

/** The object form of a marketplace source, keys in a fixed order. */
export function marketplaceSourceToJson(source: MarketplaceSource): Readonly<Record<string, unknown>> {
  switch (source.kind) {
    case "github":
      return { source: "github", repo: source.repo, ...selectionToJson(source) };
    case "git":
      return { source: "git", url: source.url, ...selectionToJson(source) };
    case "url":
      return { source: "url", url: source.url };
    case "directory":
    case "file":
      return { source: source.kind, path: source.path };
    case "npm":
      return {
        source: "npm",
        package: source.package,
        ...(source.version === undefined ? {} : { version: source.version }),
        ...(source.registry === undefined ? {} : { registry: source.registry }),
      };
    case "settings":
      return {
        source: "settings",
        name: source.name,
        ...(source.owner === undefined ? {} : { owner: source.owner }),
        plugins: source.plugins,
      };
  }
}

/** The text of a catalog that is its own source; equal catalogs have equal texts. */
export function inlineCatalogText({ name, owner, plugins }: InlineCatalog): string {
  return canonicalJson({ name, owner: owner ?? { name }, plugins });
}

type InlineCatalog = Extract<MarketplaceSource, { readonly kind: "settings" }>;

function inlineCatalog(object: Readonly<Record<string, unknown>>): MarketplaceSource {
  const name = text(object, "name");
  const problem = marketplaceNameProblem(name);
  if (problem !== undefined) throw invalid(`\`name\` ${problem}`, "choose another name");
  const { plugins, owner } = object;
  if (!Array.isArray(plugins)) throw invalid("`plugins` must be a list", "write the entries of a catalog");
  return { kind: "settings", name, plugins, ...(owner === undefined ? {} : { owner }) };
}

/** The source of a marketplace that is a package. Throws `E_SOURCE_INVALID` for what is no package of a registry (attacks NP05). */
export function packageSource({ name, version }: PackageSpec, registry?: string): MarketplaceSource {
  const problem = packageProblem({ name, version });
  if (problem !== undefined) throw invalid(problem, "write `@scope/name`, with `@` and a range if it needs one");
  return {
    kind: "npm",
    package: name,
    ...(version === undefined ? {} : { version }),
    ...(registry === undefined ? {} : { registry: registry.endsWith("/") ? registry : `${registry}/` }),
  };
}

interface Selection {
  readonly ref?: string | undefined;
  readonly path?: string | undefined;
}

function selection(object: Readonly<Record<string, unknown>>): Selection {
  const ref = object["ref"] === undefined ? undefined : text(object, "ref");
  if (ref !== undefined) checkRefName(ref);
  if (object["path"] === undefined) return ref === undefined ? {} : { ref };
  const written = text(object, "path");
  const parsed = parseTreePath(written);
  if ("problem" in parsed) {
    throw new CodedError(
      parsed.problem.code,
      `\`path\` \`${escapeControl(written.slice(0, 200))}\` ${parsed.problem.why}`,
      {
        hint: "name a file inside the repository",
      },
    );
  }
  return { ...(ref === undefined ? {} : { ref }), ...(parsed.path === "" ? {} : { path: parsed.path }) };
}

function selectionToJson(source: Selection): Readonly<Record<string, string>> {
  return {
    ...(source.ref === undefined ? {} : { ref: source.ref }),
    ...(source.path === undefined ? {} : { path: source.path }),
  };
}

function localPath(path: string): string {
  if (/[\u0000-\u001f\u007f]/.test(path))
    throw invalid("`path` holds a control character", "name a path of this machine");
  return path;
}

function text(object: Readonly<Record<string, unknown>>, key: string): string {
  const value = object[key];
  if (typeof value === "string" && value !== "") return value;
  throw invalid(`\`${key}\` must be text`, `add \`"${key}"\``);
}

function asObject(raw: unknown): Readonly<Record<string, unknown>> {
  if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return raw as Readonly<Record<string, unknown>>;
  throw invalid("a marketplace source must be an object", 'write `{"source": "github", "repo": "owner/repo"}`');
}

function invalid(message: string, hint: string): CodedError {
  return new CodedError("E_SOURCE_INVALID", message, { hint });
}
