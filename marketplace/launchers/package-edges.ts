import { isRecord } from "../../schemas/record.ts";

/** One package that another one asks for. */
export interface PackageEdge {
  /** The name that it is found under. */
  readonly name: string;
  /** Version, range, tag or `npm:name@range`. */
  readonly wanted: string;
  /** Whether everything works without it. */
  readonly optional: boolean;
  /** Whether it has to lie beside the package, not below it. */
  readonly peer: boolean;
}

/**
 * What a published package asks for, without what it brings in its own tarball: own needs first, then what it wants beside it. Peers that
 * are optional are nobody's need.
 */
export function packageEdges(manifest: Readonly<Record<string, unknown>>): readonly PackageEdge[] {
  const optional = texts(manifest["optionalDependencies"]);
  const needed = texts(manifest["dependencies"]);
  const meta = isRecord(manifest["peerDependenciesMeta"]) ? manifest["peerDependenciesMeta"] : {};
  const bundled = bundledNames(manifest);
  const isOptionalPeer = (name: string): boolean => {
    const own = meta[name];
    return isRecord(own) && own["optional"] === true;
  };
  const own = new Map([...needed].filter(([name]) => !optional.has(name)));
  const edges: PackageEdge[] = [
    ...[...own].map(([name, wanted]) => ({ name, wanted, optional: false, peer: false })),
    ...[...optional].map(([name, wanted]) => ({ name, wanted, optional: true, peer: false })),
    ...[...texts(manifest["peerDependencies"])]
      .filter(([name]) => !isOptionalPeer(name) && !own.has(name))
      .map(([name, wanted]) => ({ name, wanted, optional: false, peer: true })),
  ];
  return edges
    .filter(({ name }) => bundled !== "all" && !bundled.has(name))
    .toSorted((left, right) => Number(left.peer) - Number(right.peer) || (left.name < right.name ? -1 : 1));
}

/** Whether a package brings others in its tarball. */
export function isBundling(manifest: Readonly<Record<string, unknown>>): boolean {
  const names = bundledNames(manifest);
  return names === "all" || names.size > 0;
}

function bundledNames(manifest: Readonly<Record<string, unknown>>): ReadonlySet<string> | "all" {
  const value = manifest["bundleDependencies"] ?? manifest["bundledDependencies"];
  if (value === true) return "all";
  return new Set(Array.isArray(value) ? value.filter((name) => typeof name === "string") : []);
}

function texts(value: unknown): ReadonlyMap<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
