import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";

import { CodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { githubUrl, parseGitUrl } from "../../schemas/identity.ts";
import { inlineCatalogText } from "../../schemas/marketplace-source.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import { lockedRegistry } from "../packages/package-registry.ts";
import { lookUp } from "../sources/git-tree.ts";
import { checkOwner } from "../sources/local.ts";
import type { Packages } from "../packages/packages.ts";
import type { Repositories } from "../sources/repositories.ts";
import { eligibleReleases } from "../sources/npm-releases.ts";
import type { SourceRewrites } from "../sources/source-rewrites.ts";
import { CATALOG_FILE } from "../sources/tag-catalog.ts";
import type { RefRequest } from "../sources/transfer.ts";
import { downloadCatalog } from "./download-catalog.ts";
import type { CatalogRoot } from "./snapshot.ts";

/** A catalog's text as its source gave it. */
export interface LoadedCatalog {
  readonly bytes: Uint8Array;
  /** For messages and provenance. */
  readonly file: string;
  readonly root: CatalogRoot;
  readonly revision: string;
  readonly remote: boolean;
  readonly committedAt?: number | undefined;
  readonly etag?: string | undefined;
  readonly stamp?: string | undefined;
  /** The directories of a package, which nothing but its tarball tells. */
  readonly directories?: ReadonlySet<string> | undefined;
}

/** What loading needs from outside. */
export interface LoadOptions {
  readonly repositories: Repositories;
  readonly packages: Packages;
  readonly openTree: (directory: string) => FileTree;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** Asked again for the address at the end of a redirect; throws when policy forbids it. */
  readonly checkAddress: (url: string) => void;
  readonly rewrites: Pick<SourceRewrites, "web">;
}

/** What is known from the last time. */
export interface LoadHints {
  readonly etag?: string | undefined;
  /** What else the one connection to the repository should bring. */
  readonly request?: Pick<RefRequest, "tagsOf" | "small"> | undefined;
}

const MAX_CATALOG_BYTES = 8_000_000;

/** Gets a marketplace's catalog from its canonical source; `unchanged` when the server says so. */
export async function loadCatalog(
  source: MarketplaceSource,
  options: LoadOptions,
  hints: LoadHints = {},
): Promise<LoadedCatalog | "unchanged"> {
  switch (source.kind) {
    case "directory":
      return readLocal(source.path, CATALOG_FILE, options);
    case "file": {
      const { root, file } = localCatalog(source.path);
      return readLocal(root, file, options);
    }
    case "github":
    case "git":
      return await loadFromGit(source, options, hints);
    case "url": {
      const download = await downloadCatalog(source.url, hints.etag, options);
      if (download === "unchanged") return download;
      const { bytes, etag } = download;
      return { bytes, file: source.url, root: { kind: "none" }, revision: digestOf(bytes), remote: true, etag };
    }
    case "npm":
      return await loadFromPackage(source, options);
    case "settings": {
      const bytes = Buffer.from(inlineCatalogText(source));
      return { bytes, file: CATALOG_FILE, root: { kind: "none" }, revision: digestOf(bytes), remote: true };
    }
  }
}

/** Where relative sources of a catalog lie, by its canonical source alone. */
export function catalogRootOf(source: MarketplaceSource, revision: string): CatalogRoot {
  switch (source.kind) {
    case "directory":
      return { kind: "directory", path: source.path };
    case "file":
      return { kind: "directory", path: localCatalog(source.path).root };
    case "github":
    case "git": {
      const { url } = source.kind === "github" ? githubUrl(source.repo) : parseGitUrl(source.url);
      return { kind: "git", url, commit: revision, path: catalogIn(source.path).root };
    }
    default:
      return { kind: "none" };
  }
}

/** Root of the marketplace and path of the catalog file below it, for a path of a marketplace.json. */
function localCatalog(path: string): { readonly root: string; readonly file: string } {
  const directory = dirname(path);
  if (basename(directory) !== ".claude-plugin") return { root: directory, file: basename(path) };
  return { root: dirname(directory), file: join(basename(directory), basename(path)) };
}

/** Size and time of a local catalog; changes when the file is written again. `undefined` when it is gone. */
export function stampOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.size}:${found.mtimeMs}:${found.ino}`;
}

/** The file of a local source whose stamp tells whether it changed; `undefined` for remote ones. */
export function localFile(source: MarketplaceSource): string | undefined {
  if (source.kind === "directory") return join(source.path, CATALOG_FILE);
  return source.kind === "file" ? source.path : undefined;
}

function readLocal(root: string, file: string, options: LoadOptions): LoadedCatalog {
  checkOwner(root);
  const stamp = stampOf(join(root, file));
  const bytes = options.openTree(root).read(file, MAX_CATALOG_BYTES);
  if (bytes === undefined) throw noCatalog(root, file);
  return {
    bytes,
    file: join(root, file),
    root: { kind: "directory", path: root },
    revision: digestOf(bytes),
    remote: false,
    stamp,
  };
}

async function loadFromGit(
  source: Extract<MarketplaceSource, { readonly kind: "github" | "git" }>,
  options: LoadOptions,
  hints: LoadHints,
): Promise<LoadedCatalog> {
  const url = source.kind === "github" ? githubUrl(source.repo) : parseGitUrl(source.url);
  const repository = options.repositories.remote(url);
  const ref = source.ref ?? "HEAD";
  const request = hints.request ?? { tagsOf: [], small: false };
  await repository.fetchRefs({ refs: [ref], ...request });
  const oid = await repository.head(ref);
  const commit = oid === undefined ? undefined : await repository.commit(oid);
  if (commit === undefined)
    throw new CodedError("E_GIT", `\`${url.url}\` has no commit at \`${ref}\``, {
      hint: "check the name of the branch or tag",
    });
  const { root, file } = catalogIn(source.path);
  const place = posix.join(root, file);
  const found = await lookUp(repository, commit.tree, place);
  if (found === "escapes")
    throw new CodedError("E_PATH_ESCAPE", `\`${place}\` in \`${url.url}\` is a link that leaves the repository`);
  if (found === undefined || found.kind === "directory") throw noCatalog(url.url, place);
  const bytes = (await repository.wantBlobs([found.oid])).get(found.oid);
  if (bytes === undefined)
    throw new CodedError("E_GIT", `\`${place}\` did not arrive from \`${url.url}\``, { hint: "try again" });
  return {
    bytes,
    file: place,
    root: { kind: "git", url: url.url, commit: commit.oid, path: root },
    revision: commit.oid,
    remote: true,
    committedAt: commit.time,
  };
}

/** The catalog at the root of the release that a source selects; the release and its digest are the revision. */
async function loadFromPackage(
  { package: name, version, registry: asked }: Extract<MarketplaceSource, { readonly kind: "npm" }>,
  { packages }: LoadOptions,
): Promise<LoadedCatalog> {
  const { registry, packument } = await packages.document(name, asked, "anew");
  const { releases, preferred } = eligibleReleases(packument, version, `npm:${name}`);
  const release = releases.find((one) => one.version === preferred) ?? releases[0];
  if (release?.integrity === undefined) {
    throw new CodedError("E_INTEGRITY", `the registry names no digest of \`${name}\` that can be relied upon`, {
      hint: "ask its publisher to publish it again",
    });
  }
  const { integrity } = release;
  const root = {
    kind: "npm",
    package: name,
    version: release.version,
    ...lockedRegistry(registry),
    integrity,
  } as const;
  await packages.fetch([root]);
  const files = await packages.files(root);
  const file = files.get(CATALOG_FILE);
  if (file === undefined) throw noCatalog(`npm:${name}@${release.version}`, CATALOG_FILE);
  if (file.bytes.length > MAX_CATALOG_BYTES) {
    throw new CodedError("E_LIMIT_SIZE", `the catalog of \`${name}\` has more than ${MAX_CATALOG_BYTES} bytes`);
  }
  const directories = new Set([""]);
  for (const path of files.keys())
    for (let parent = posix.dirname(path); parent !== "."; parent = posix.dirname(parent)) directories.add(parent);
  const digest = createHash("sha256").update(integrity).digest("hex").slice(0, 16);
  return {
    bytes: file.bytes,
    file: CATALOG_FILE,
    root,
    revision: `${release.version}-${digest}`,
    remote: true,
    directories,
  };
}

/** `path` of a git source names a catalog file or the directory of a marketplace. */
function catalogIn(path: string | undefined): { readonly root: string; readonly file: string } {
  if (path === undefined) return { root: "", file: CATALOG_FILE };
  if (!path.endsWith(".json")) return { root: path, file: CATALOG_FILE };
  const { root, file } = localCatalog(path);
  return { root: root === "." ? "" : root, file };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
}

function noCatalog(where: string, file: string): CodedError {
  return new CodedError("E_CATALOG", `\`${where}\` is no marketplace: it has no \`${file}\``, {
    hint: "a single plugin is added by its path: `plugin add ./path`",
  });
}
