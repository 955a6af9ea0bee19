import { isAbsolute, relative, resolve, sep } from "node:path";
import { canonicalSource } from "../../schemas/identity.ts";
import type { LockedMarketplace, LockedPlugin, Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import { realPath } from "../store/real-path.ts";

/**
 * Directories inside a root are written relative to it, so that its files mean the same in everybody's clone. In memory
 * every path is absolute, but for the `path` of a plugin in an intent, which stays as the person wrote it.
 */
export function anchoredIntent(intent: Intent, base: string): Intent {
  return { ...intent, marketplaces: mapValues(intent.marketplaces, (source) => anchored(source, base)) };
}

/** A lock as read, with absolute paths. */
export function anchoredLock(lock: Lockfile, base: string): Lockfile {
  return mapLock(lock, (path) => resolve(base, path));
}

/** A lock as it is written, with relative paths below `base`. */
export function portableLock(lock: Lockfile, base: string): Lockfile {
  return mapLock(lock, (path) => portablePath(path, base));
}

/** A marketplace source as it is written below `base`. */
export function portableSource(source: MarketplaceSource, base: string): MarketplaceSource {
  return isLocal(source) ? { ...source, path: portablePath(source.path, base) } : source;
}

/** `./` and the rest for a path inside `base`; any other absolute path as it is. */
export function portablePath(path: string, base: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(base, path);
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return path;
  return inside === "" ? "." : `./${inside.split(sep).join("/")}`;
}

function anchored(source: MarketplaceSource, base: string): MarketplaceSource {
  if (!isLocal(source)) return source;
  const path = resolve(base, source.path);
  return { ...source, path: realPath(path) ?? path };
}

function isLocal(source: MarketplaceSource): source is Extract<MarketplaceSource, { readonly path: string }> & {
  readonly kind: "directory" | "file";
} {
  return source.kind === "directory" || source.kind === "file";
}

function mapLock(lock: Lockfile, map: (path: string) => string): Lockfile {
  return {
    ...lock,
    marketplaces: mapValues(lock.marketplaces, (market): LockedMarketplace => {
      if (!isLocal(market.source)) return market;
      const source = { ...market.source, path: map(market.source.path) };
      return {
        ...market,
        source,
        identity: isAbsolute(source.path) ? canonicalSource(source).identity : `${source.kind}:${source.path}`,
      };
    }),
    plugins: mapValues(lock.plugins, (plugin): LockedPlugin =>
      plugin.source.kind === "directory"
        ? { ...plugin, source: { kind: "directory", path: map(plugin.source.path) } }
        : plugin,
    ),
  };
}

function mapValues<T>(map: Readonly<Record<string, T>>, change: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
