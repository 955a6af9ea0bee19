import { resolve } from "node:path";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import { githubUrl, parseGitUrl } from "../../schemas/identity.ts";
import type { LockedSource, Lockfile } from "../../schemas/lockfile.ts";
import { isWithin, marketDirectory } from "../../schemas/market-directory.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { realPath } from "../store/real-path.ts";
import { ownRegistries } from "../packages/package-registry.ts";
import { PUBLIC_REGISTRY } from "../../schemas/public-registry.ts";
import { personalRegistrySettings } from "../packages/registry-settings.ts";
import { originOf } from "../plan/build-plan.ts";
import type { Services } from "../services.ts";
import { fileUrlOf } from "../sources/host.ts";
import { workTreeOf } from "../sources/local.ts";
import { searchEntry } from "./entries.ts";
import { LOCAL_MARKET, splitId } from "./ids.ts";
import type { Selected } from "./selected.ts";

/** What the origins of a lock are held against. */
export interface LockedOriginsOptions {
  readonly services: Services;
  readonly catalogs: Catalogs;
  readonly lock: Lockfile;
  readonly lockFile: string;
  /** Directories of the plugins that were added by path, by id. */
  readonly folders: ReadonlyMap<string, string>;
  readonly installed: ReadonlyMap<string, GenerationPlugin>;
}

/** What was found out about locked origins. */
export interface LockedOrigins {
  /** Ids whose origin nobody but the lock names, because their marketplace's catalog is not here. */
  readonly unlisted: ReadonlySet<string>;
  readonly notes: readonly string[];
}

/** The directories of plugins added by path, as the first intent that names each has them. */
export function foldersOf(intents: readonly (Intent | undefined)[], base: string): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (const intent of intents) {
    for (const [id, { path }] of Object.entries(intent?.plugins ?? {}))
      if (path !== undefined && !folders.has(id)) folders.set(id, resolve(base, path));
  }
  return folders;
}

/**
 * Holds where the locked plugins come from against what else is known of their marketplaces: a lock comes with a repository,
 * and a plugin called `name@market` may only be what that marketplace offers. A source passes that lies in the marketplace
 * itself, that its catalog names, or from which the plugin is installed already. Throws `E_SOURCE_BLOCKED`.
 */
export async function checkLockedOrigins(
  selections: ReadonlyMap<string, Selected>,
  options: LockedOriginsOptions,
): Promise<LockedOrigins> {
  const unlisted = new Map<string, string>();
  const markets = new Map<string, OwnPlaces>();
  for (const selected of selections.values()) {
    if (selected.kind !== "locked") continue;
    const { id, locked } = selected;
    const { name, market } = splitId(id);
    const old = options.installed.get(id);
    if (old !== undefined && isSamePlace(old.source, locked.source)) continue;
    if (market === LOCAL_MARKET) {
      const folder = options.folders.get(id);
      if (locked.source.kind === "directory" && locked.source.path === folder) continue;
      throw foreign(id, locked.source, `\`${folder ?? "no directory"}\` is what the intent names`, options);
    }
    const own = markets.get(market) ?? ownPlaces(originOfMarket(market, options));
    markets.set(market, own);
    if (own.holds(locked.source)) continue;
    const verdict = await askCatalog(name, market, locked.source, options);
    if (verdict === "named") continue;
    if (verdict === "other" || locked.source.kind === "directory")
      throw foreign(id, locked.source, `the marketplace \`${market}\` does not offer it from there`, options);
    unlisted.set(id, originOf(locked));
  }
  const groups = Map.groupBy(unlisted, ([id, origin]) => `${splitId(id).market} ${origin}`);
  const notes = [...groups.values()].map((group) => {
    const [[first = "", origin = ""] = []] = group;
    const ids = group.map(([id]) => `\`${id}\``).join(", ");
    return `the lock takes ${ids} from ${origin}; that \`${splitId(first).market}\` offers it from there is not known here`;
  });
  return { unlisted: new Set(unlisted.keys()), notes };
}

function originOfMarket(name: string, { catalogs, lock }: LockedOriginsOptions): MarketplaceSource | undefined {
  return catalogs.has(name) ? catalogs.known(name).source : lock.marketplaces[name]?.source;
}

/** The places that belong to a marketplace. */
export interface OwnPlaces {
  holds(source: LockedSource): boolean;
}

/** The places that belong to a marketplace: its directory, the work tree around it, or its repository. */
export function ownPlaces(market: MarketplaceSource | undefined): OwnPlaces {
  if (market === undefined) return { holds: () => false };
  if (market.kind === "npm") {
    return {
      holds: (source) =>
        source.kind === "npm" && source.package === market.package && source.registry === market.registry,
    };
  }
  const directory = marketDirectory(market);
  if (directory === undefined) {
    const identity = repositoryOf(market);
    return { holds: (source) => source.kind === "git" && parseGitUrl(source.url).identity === identity };
  }
  const real = realPath(directory);
  const tree = real === undefined ? undefined : workTreeOf(real)?.root;
  const url = tree === undefined ? undefined : fileUrlOf(tree);
  return {
    holds: (source) => {
      if (source.kind === "git") return source.url === url;
      if (source.kind !== "directory" || !isWithin(real ?? directory, source.path)) return false;
      const place = realPath(source.path);
      return place === undefined || isWithin(real ?? directory, place);
    },
  };
}

/** What a marketplace's catalog says of a source; an older copy is brought up to date before it says no. */
async function askCatalog(
  name: string,
  market: string,
  source: LockedSource,
  { catalogs, services }: LockedOriginsOptions,
): Promise<"named" | "other" | "unknown"> {
  if (!catalogs.has(market)) return "unknown";
  const isNamed = async (): Promise<boolean> => {
    const found = searchEntry(await catalogs.get(market), name);
    return found.kind === "found" && names(found.entry, source, services);
  };
  if (await isNamed()) return "named";
  if (services.offline) return "other";
  await catalogs.refreshForAdd(market, { always: true });
  return (await isNamed()) ? "named" : "other";
}

function names({ source: spec }: CatalogEntry, source: LockedSource, services: Services): boolean {
  switch (spec.kind) {
    case "github":
    case "git":
      return source.kind === "git" && repositoryOf(spec) === parseGitUrl(source.url).identity;
    case "directory":
      return source.kind === "directory" && source.path === spec.path;
    case "npm":
      return source.kind === "npm" && source.package === spec.package && isServedBy(source, spec.registry, services);
    case "archive":
      return source.kind === "archive" && source.url === spec.url;
    case "command":
      return source.kind === "command" && source.command === spec.command;
    case "relative":
    case "unsupported":
      return false;
  }
}

/** Whether a locked package is from the registry that an entry names, or where it names none, from the public or a registry of the person's. */
function isServedBy(
  { registry = PUBLIC_REGISTRY }: Extract<LockedSource, { kind: "npm" }>,
  wanted: string | undefined,
  { environment }: Pick<Services, "environment">,
): boolean {
  if (registry === (wanted ?? PUBLIC_REGISTRY)) return true;
  const isPublic = wanted === undefined || new URL(wanted).host === new URL(PUBLIC_REGISTRY).host;
  return isPublic && ownRegistries(personalRegistrySettings(environment)).has(registry);
}

/** Whether two locked sources are revisions of one place. */
export function isSamePlace(left: LockedSource, right: LockedSource): boolean {
  switch (left.kind) {
    case "git":
    case "archive":
      return right.kind === left.kind && right.url === left.url;
    case "directory":
      return right.kind === "directory" && right.path === left.path;
    case "command":
      return right.kind === "command" && right.command === left.command;
    case "npm":
      return (
        right.kind === "npm" &&
        right.package === left.package &&
        right.registry === left.registry &&
        right.path === left.path
      );
  }
}

function repositoryOf(
  source: { readonly kind: "github"; readonly repo: string } | { readonly kind: string; readonly url?: string },
): string | undefined {
  try {
    if ("repo" in source) return githubUrl(source.repo).identity;
    return source.kind === "git" && source.url !== undefined ? parseGitUrl(source.url).identity : undefined;
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}

function foreign(id: string, source: LockedSource, why: string, options: LockedOriginsOptions): CodedError {
  const origin = originOf({ source });
  options.services.audit.append({ action: "fetch", subject: id, outcome: "denied", detail: { reason: why, origin } });
  const registry = source.kind === "npm" ? source.registry : undefined;
  const own =
    registry === undefined ? "" : `if \`${registry}\` is your registry, name it in your own \`.npmrc\`; otherwise `;
  return new CodedError("E_SOURCE_BLOCKED", `the lock takes \`${id}\` from \`${origin}\`, but ${why}`, {
    where: options.lockFile,
    hint: `${own}find out who wrote that; with \`${id}\` taken out of the lock, \`plugin sync\` solves it anew`,
    data: { id, origin },
  });
}
