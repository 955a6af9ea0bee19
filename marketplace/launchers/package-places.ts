import { CodedError } from "../../schemas/errors.ts";
import type { PackageRelease } from "../packages/packument.ts";
import { fits } from "./choose-release.ts";
import type { PackageEdge } from "./package-edges.ts";

/** A package in its place. */
export interface PlacedPackage {
  /** The name that it is found under. */
  readonly folder: string;
  /** Its name in the registry. */
  readonly name: string;
  readonly release: PackageRelease;
  readonly edges: readonly PackageEdge[];
  /** Whoever holds it in its `node_modules`; `undefined` for the root. */
  readonly holder: PlacedPackage | undefined;
  /** `""` for the root, else e.g. `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly holds: Map<string, PlacedPackage>;
  /** What each edge found, by name. */
  readonly found: Map<string, PlacedPackage>;
  /** Names that were looked for through its `node_modules` and found further out: nothing of that name may be laid in between. */
  readonly passed: Set<string>;
}

/** A package that is to be laid somewhere. */
export interface Newcomer {
  readonly name: string;
  readonly release: PackageRelease;
  readonly edges: readonly PackageEdge[];
}

/** The place that everything is laid below. */
export function emptyRoot(edges: readonly PackageEdge[]): PlacedPackage {
  const release: PackageRelease = { version: "0.0.0", manifest: {} };
  return {
    folder: "",
    name: "",
    release,
    edges,
    holder: undefined,
    path: "",
    holds: new Map(),
    found: new Map(),
    passed: new Set(),
  };
}

/** Where a package looks for an edge first: a peer lies beside it, not below. */
export function startOf(asking: PlacedPackage, { peer }: PackageEdge): PlacedPackage {
  return peer ? (asking.holder ?? asking) : asking;
}

/** What lies under a name, from a package outwards, as Node looks for it. */
export function lookUp(name: string, from: PlacedPackage): PlacedPackage | undefined {
  for (let at: PlacedPackage | undefined = from; at !== undefined; at = at.holder) {
    const held = at.holds.get(name);
    if (held !== undefined) return held;
  }
  return undefined;
}

/** Whether a package is what an edge asks for. */
export function answers({ wanted }: PackageEdge, one: PlacedPackage, chosen: () => string | undefined): boolean {
  const range = wanted.startsWith("npm:") ? undefined : wanted.trim();
  if (range !== undefined && one.name === one.folder && fits(one.release.version, range === "" ? "*" : range))
    return true;
  // A tag, or another name: only the very release that it stands for.
  return chosen() === `${one.name}@${one.release.version}`;
}

/** Notes what an edge found, and that nothing may be laid in between. */
export function settle(asking: PlacedPackage, edge: PackageEdge, found: PlacedPackage): void {
  asking.found.set(edge.name, found);
  for (
    let at: PlacedPackage | undefined = startOf(asking, edge);
    at !== undefined && at !== found.holder;
    at = at.holder
  )
    at.passed.add(edge.name);
}

/**
 * Lays a package as far out as it can lie: where nobody finds another package under that name instead of their own, and where the peers
 * that are there already are those that it wants. Throws `E_PACKAGE_LOCK` when there is no such place.
 */
export function lay(newcomer: Newcomer, asking: PlacedPackage, edge: PackageEdge): PlacedPackage {
  const { name: folder } = edge;
  let place: PlacedPackage | undefined;
  for (let at: PlacedPackage | undefined = startOf(asking, edge); at !== undefined; at = at.holder) {
    if (at.holds.has(folder) || at.passed.has(folder)) break;
    if (hasItsPeers(newcomer, at)) place = at;
  }
  const beside = startOf(asking, edge);
  if (place === undefined && mayHaveItsPeers(newcomer, edge, beside)) place = beside;
  if (place === undefined) {
    throw new CodedError(
      "E_PACKAGE_LOCK",
      `\`${newcomer.name}@${newcomer.release.version}\`, which \`${asking.name}\` needs, fits nowhere beside the others`,
      { hint: "its packages want different versions of one that there can only be one of" },
    );
  }
  const path = `${place.path === "" ? "" : `${place.path}/`}node_modules/${folder}`;
  const laid: PlacedPackage = {
    ...newcomer,
    folder,
    holder: place,
    path,
    holds: new Map(),
    found: new Map(),
    passed: new Set(),
  };
  place.holds.set(folder, laid);
  settle(asking, edge, laid);
  return laid;
}

/** Whether other peers than those further out can be laid beside it, where it is asked for. */
function mayHaveItsPeers({ edges }: Newcomer, { name }: PackageEdge, place: PlacedPackage): boolean {
  const isFree = (folder: string): boolean => !place.holds.has(folder) && !place.passed.has(folder);
  return isFree(name) && edges.every((edge) => !edge.peer || isFree(edge.name) || hasIt(edge, place));
}

function hasItsPeers({ edges }: Newcomer, place: PlacedPackage): boolean {
  return edges.every((edge) => !edge.peer || hasIt(edge, place));
}

/** Whether what a peer would find is nothing yet, or what it asks for. */
function hasIt(edge: PackageEdge, place: PlacedPackage): boolean {
  const there = lookUp(edge.name, place);
  return there === undefined || answers(edge, there, () => undefined);
}
