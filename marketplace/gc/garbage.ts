import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { deadLeases } from "../generations/lease.ts";
import { generationNumber } from "../generations/state-files.ts";
import type { Home } from "../home.ts";
import { wrongLinks } from "../store/cache-links.ts";
import { namesIn } from "../store/folders.ts";
import { Store } from "../store/store.ts";
import { isDigest } from "../../schemas/lockfile.ts";
import type { Needed } from "./needed.ts";

/** What garbage was before it was garbage. */
export type GarbageKind =
  "generation" | "tree" | "staging" | "lease" | "catalog" | "repository" | "packages" | "link" | "compiled";

/** One file, directory or link that nothing needs. */
export interface Garbage {
  readonly kind: GarbageKind;
  /** Absolute. */
  readonly path: string;
}

/** Everything below a home that nothing needs, in the order in which it may go: what names something before what it names. */
export function findGarbage(home: Home, needed: Needed): readonly Garbage[] {
  return [
    ...generations(home, needed),
    ...trees(home, needed),
    ...new Store(home).deadStaging().map((path) => ({ kind: "staging", path }) as const),
    ...deadLeases(home).map((path) => ({ kind: "lease", path }) as const),
    ...catalogs(home, needed),
    ...repositories(home, needed),
    ...(needed.hasPackages || !existsSync(home.packageCache)
      ? []
      : [{ kind: "packages", path: home.packageCache } as const]),
    ...wrongLinks(home, needed.current).stray.map((path) => ({ kind: "link", path }) as const),
    ...compiled(home),
  ];
}

/** The texts of a generation go with it, and what was put aside as damaged; the generation itself first. */
function generations(home: Home, { generations: kept }: Needed): readonly Garbage[] {
  const newest = kept[0] ?? 0;
  const numberOf = (name: string): number =>
    generationNumber(name.replace(/\.json\..*$|\.texts\.json$/u, ".json")) ?? 0;
  return namesIn(home.generations)
    .map((name) => ({ name, number: numberOf(name) }))
    .filter(({ number }) => number !== 0 && number < newest && !kept.includes(number))
    .toSorted((left, right) => left.number - right.number || left.name.length - right.name.length)
    .map(({ name }) => ({ kind: "generation", path: join(home.generations, name) }));
}

function trees(home: Home, needed: Needed): readonly Garbage[] {
  return namesIn(home.trees)
    .filter((name) => isDigest(name) && !needed.trees.has(name))
    .map((name) => ({ kind: "tree", path: join(home.trees, name) }));
}

function catalogs(home: Home, { catalogs: used }: Needed): readonly Garbage[] {
  return directories(home.marketplaces).flatMap((name): readonly Garbage[] => {
    const directory = join(home.marketplaces, name);
    const revision = used.get(name);
    if (revision === undefined) return [{ kind: "catalog", path: directory }];
    return namesIn(directory)
      .filter((file) => !file.startsWith(`${revision}.`))
      .map((file) => ({ kind: "catalog", path: join(directory, file) }));
  });
}

function repositories(home: Home, needed: Needed): readonly Garbage[] {
  return namesIn(home.gitCache)
    .filter((name) => !needed.repositories.has(name))
    .map((name) => ({ kind: "repository", path: join(home.gitCache, name) }));
}

/** Compiled code of other versions of Node, and of engines of Plugsmith but the one that was kept last. */
function compiled(home: Home): readonly Garbage[] {
  const folder = join(home.cacheRoot, "compile");
  // Processes that end meanwhile keep and rename files here.
  const found = namesIn(folder).flatMap((name) => {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ name, stats }];
  });
  const own = (name: string): boolean =>
    name.startsWith(`${process.version}-${process.arch}-`) || name.endsWith(`-${process.version}-${process.arch}`);
  const [newest] = found
    .filter(({ name, stats }) => stats.isFile() && own(name))
    .toSorted((left, right) => right.stats.mtimeMs - left.stats.mtimeMs);
  return found
    .filter(({ name, stats }) => !own(name) || (stats.isFile() && name !== newest?.name))
    .map(({ name }) => ({ kind: "compiled", path: join(folder, name) }));
}

function directories(directory: string): readonly string[] {
  return namesIn(directory).filter((name) => lstatSync(join(directory, name)).isDirectory());
}
