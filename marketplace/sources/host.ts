import { realpathSync } from "node:fs";
import { posix } from "node:path";

import { CodedError } from "../../schemas/errors.ts";
import { githubUrl, parseGitUrl, type GitUrl } from "../../schemas/identity.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { checkOwner, directoryInside, workTreeOf, type WorkTree } from "./local.ts";
import type { Repositories } from "./repositories.ts";
import type { Repository } from "./repository.ts";

/** The repository that holds the marketplace itself, and where in it the marketplace begins. */
export interface MarketTree {
  readonly path: string;
  /** The commit of the snapshot; absent when the working tree itself is the marketplace. */
  readonly commit?: string | undefined;
}

/** Where the bytes of an entry come from. */
export type Host =
  | {
      readonly kind: "directory";
      readonly directory: string;
      readonly releases?:
        | {
            readonly repository: Repository;
            readonly url: string;
            readonly market: MarketTree;
            readonly workTree: WorkTree;
          }
        | undefined;
    }
  | {
      readonly kind: "git";
      readonly repository: Repository;
      readonly url: GitUrl;
      readonly path: string;
      /** `path` counts only when the root of the repository is no plugin (formats.md §2.3). */
      readonly pathIsFallback: boolean;
      readonly sha?: string | undefined;
      readonly ref?: string | undefined;
      /** Set when the plugin lies in its marketplace's own repository. */
      readonly market?: MarketTree | undefined;
    };

/**
 * Finds out where an entry's bytes are. Throws `E_SOURCE_UNSUPPORTED` for kinds that a later release reads,
 * `E_PATH_ESCAPE`, `E_PLUGIN_UNKNOWN` or `E_SOURCE_BLOCKED` for a directory that cannot be used.
 */
export function hostOf(snapshot: CatalogSnapshot, entry: CatalogEntry, repositories: Repositories): Host {
  const { source } = entry;
  switch (source.kind) {
    case "relative":
      return relativeHost(snapshot, entry.name, source.path, repositories);
    case "directory":
      checkOwner(source.path);
      return { kind: "directory", directory: source.path };
    case "github":
    case "git": {
      const url = source.kind === "github" ? githubUrl(source.repo) : parseGitUrl(source.url);
      return {
        kind: "git",
        repository: repositories.remote(url),
        url,
        path: source.path ?? "",
        pathIsFallback: source.kind === "git" && source.pathIsFallback === true,
        sha: source.sha,
        ref: source.ref,
      };
    }
    case "npm":
    case "archive":
    case "command":
      throw new CodedError("E_INTERNAL", `plugin \`${entry.name}\` was looked for in a repository`);
    case "unsupported":
      throw new CodedError(
        "E_SOURCE_UNSUPPORTED",
        `plugin \`${entry.name}\` comes from the source kind \`${source.type}\`, which this release cannot read`,
        { hint: "update Plugsmith, or ask the owner of the catalog", where: place(entry) },
      );
  }
}

function relativeHost(snapshot: CatalogSnapshot, name: string, path: string, repositories: Repositories): Host {
  const { root } = snapshot;
  if (root.kind === "git") {
    const url = parseGitUrl(root.url);
    return {
      kind: "git",
      repository: repositories.remote(url),
      url,
      path: posix.join(root.path, path).replace(/^\.$/u, ""),
      pathIsFallback: false,
      sha: root.commit,
      market: { path: root.path, commit: root.commit },
    };
  }
  if (root.kind === "npm")
    throw new CodedError("E_INTERNAL", `plugin \`${name}\` lies in a package and was looked for in a directory`);
  if (root.kind === "none") {
    throw new CodedError(
      "E_SOURCE_UNSUPPORTED",
      `plugin \`${name}\` has a path as its source, but its marketplace was added as one file from a URL`,
      {
        hint: "add the repository that holds the catalog instead",
      },
    );
  }
  const { realRoot, versioned } = localMarket(snapshot, root.path);
  const directory = directoryInside(realRoot, path);
  checkOwner(directory);
  if (versioned === undefined) return { kind: "directory", directory };
  const { workTree, url } = versioned;
  const repository = repositories.inPlace(workTree.gitDirectory);
  return { kind: "directory", directory, releases: { repository, url, market: { path: workTree.path }, workTree } };
}

/** The directory of a local marketplace, with the work tree that it lies in when a git URL can name that. */
interface LocalMarket {
  readonly realRoot: string;
  readonly versioned?: { readonly workTree: WorkTree; readonly url: string } | undefined;
}

/** A catalog may list thousands of plugins, and what is around all of them is looked at once. */
const localMarkets = new WeakMap<CatalogSnapshot, LocalMarket>();

function localMarket(snapshot: CatalogSnapshot, path: string): LocalMarket {
  const known = localMarkets.get(snapshot);
  if (known !== undefined) return known;
  checkOwner(path);
  const realRoot = realpathSync.native(path);
  const workTree = workTreeOf(realRoot);
  const url = workTree === undefined ? undefined : fileUrlOf(workTree.root);
  const versioned = workTree === undefined || url === undefined ? undefined : { workTree, url };
  const market: LocalMarket = { realRoot, versioned };
  localMarkets.set(snapshot, market);
  return market;
}

/** The address of a local repository; none for the rare path that no git URL can name. */
export function fileUrlOf(directory: string): string | undefined {
  try {
    return parseGitUrl(`file://${directory.split("/").map(encodeURIComponent).join("/")}`).url;
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

function place(entry: CatalogEntry): string {
  return entry.where.line === undefined ? entry.where.file : `${entry.where.file}:${entry.where.line}`;
}
