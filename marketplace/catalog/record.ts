import { realpathSync } from "node:fs";

import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { inlineCatalogText } from "../../schemas/marketplace-source.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { Packages } from "../packages/packages.ts";
import type { LoadedCatalog } from "./load-catalog.ts";
import type { MarketplaceRecord } from "./registry.ts";
import type { KnownMarketplace } from "./snapshot.ts";

/** The part of a record that stays the same from one revision to the next. */
type Binding = Pick<KnownMarketplace, "name" | "source" | "identity" | "addedAt" | "fetchedAt">;

/** The record of a marketplace at the revision that was loaded. */
export function recordOf(binding: Binding, loaded: LoadedCatalog): MarketplaceRecord {
  const { name, source, identity, addedAt, fetchedAt } = binding;
  return {
    name,
    source,
    identity,
    revision: loaded.revision,
    addedAt,
    fetchedAt,
    root: loaded.root,
    ...stampsOf(loaded),
  };
}

/** What tells cheaply, or to the server, which copy is here. */
export function stampsOf(loaded: LoadedCatalog): Pick<MarketplaceRecord, "committedAt" | "etag" | "stamp"> {
  return {
    ...(loaded.committedAt === undefined ? {} : { committedAt: loaded.committedAt }),
    ...(loaded.etag === undefined ? {} : { etag: loaded.etag }),
    ...(loaded.stamp === undefined ? {} : { stamp: loaded.stamp }),
  };
}

/** The public part of a record. */
export function asKnown(record: MarketplaceRecord): KnownMarketplace {
  const { name, source, identity, revision, addedAt, fetchedAt, refreshError } = record;
  return {
    name,
    source,
    identity,
    revision,
    addedAt,
    fetchedAt,
    ...(refreshError === undefined ? {} : { refreshError }),
  };
}

/** Whether two sources are one catalog, written in settings, with other entries. */
export function isRewritten(before: MarketplaceSource, now: MarketplaceSource): boolean {
  return before.kind === "settings" && now.kind === "settings" && inlineCatalogText(before) !== inlineCatalogText(now);
}

/** A record after a refresh that went well. */
export function withoutError(record: MarketplaceRecord): MarketplaceRecord {
  const { refreshError: _, ...rest } = record;
  return rest;
}

/**
 * A source as it is from here, so that one thing has one identity and policy judges what will be asked: local paths with every link
 * followed, packages with their registry. Throws `E_NOT_FOUND` or `E_SOURCE_BLOCKED`.
 */
export function seenFromHere(source: MarketplaceSource, packages: Packages): MarketplaceSource {
  if (source.kind === "npm") return { ...source, registry: packages.registryOf(source.package, source.registry) };
  if (source.kind !== "directory" && source.kind !== "file") return source;
  try {
    return { kind: source.kind, path: realpathSync.native(source.path) };
  } catch (cause) {
    throw new CodedError("E_NOT_FOUND", `\`${source.path}\` does not exist`, { hint: "check the path", cause });
  }
}

/** The repository that a web address may stand for, once it turned out to serve no catalog: nobody writes `.git` after every address. */
export function repositoryBehind(source: MarketplaceSource, error: unknown): MarketplaceSource | undefined {
  if (source.kind !== "url" || !isCodedError(error) || /\.json$|[?#]/u.test(source.url)) return undefined;
  return ["E_NETWORK", "E_AUTH", "E_JSON"].includes(error.code) ? { kind: "git", url: source.url } : undefined;
}

/** What to tell of an address that served no catalog, and no repository either. */
export function servesNeither(error: CodedError): CodedError {
  const { code, message, where, data } = error;
  const hint = "git finds no repository there either; check the address, or end that of a repository with `.git`";
  return new CodedError(code, message, { hint, where, data, cause: error });
}
