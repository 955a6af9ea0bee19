import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { LockedPackages } from "../../schemas/launchers/launcher-lock.ts";
import { parsePackageSpec, type PackageSpec } from "../../schemas/npm-package.ts";
import type { LockedPackage } from "../../schemas/packages/package-lock.ts";
import { requirementProblem } from "../../schemas/packages/locked-fields.ts";
import type { PackageRelease, Packument } from "../packages/packument.ts";
import { chooseRelease, fits } from "./choose-release.ts";
import { lockedPackage } from "./locked-package.ts";
import { isBundling, type PackageEdge, packageEdges } from "./package-edges.ts";
import { answers, emptyRoot, lay, lookUp, type PlacedPackage, settle, startOf } from "./package-places.ts";

/** What resolving asks. */
export interface LauncherRegistry {
  /** What the registry of a package says of it, asked once. Throws `CodedError`. */
  readonly document: (name: string) => Promise<Packument>;
  /** Whether policy admits a release. */
  readonly isEligible: (release: PackageRelease) => boolean;
  readonly signal: AbortSignal;
}

/** More packages are no program. */
const MAX_PACKAGES = 2_000;
/** How many documents are asked for at once, ahead of their turn. */
const CONCURRENCY = 12;

/**
 * Finds everything that packages need, by the rules of npm for which release is taken and of Node for where it is found: breadth first,
 * names in order, so that the same registry gives the same answer. Nothing is downloaded but documents. Throws `E_PACKAGE_LOCK` for
 * what is no package of a registry or fits nowhere, `E_INTEGRITY` for a release without a strong digest, and what `document` throws.
 */
export async function resolveLauncher(
  packages: readonly PackageSpec[],
  registry: LauncherRegistry,
): Promise<LockedPackages> {
  return new Resolution(registry).run(packages);
}

/** A release of a package. */
interface Chosen {
  readonly name: string;
  readonly release: PackageRelease;
}

class Resolution {
  readonly #registry: LauncherRegistry;
  readonly #ahead: string[] = [];
  readonly #documents = new Map<string, Promise<Packument>>();
  #asking = 0;
  readonly #all: PlacedPackage[] = [];
  /** What is taken for a name and a range where nobody else wants it. */
  readonly #chosen = new Map<string, Chosen>();

  constructor(registry: LauncherRegistry) {
    this.#registry = registry;
  }

  async run(packages: readonly PackageSpec[]): Promise<LockedPackages> {
    const edges = packages.map(({ name, version = "" }) => ({ name, wanted: version, optional: false, peer: false }));
    const root = emptyRoot(edges);
    const waiting = [root];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      this.#askAhead(next.edges);
      const pending = [...next.edges];
      while (pending.length > 0) {
        this.#registry.signal.throwIfAborted();
        const [edge] = pending.splice(await this.#firstOf(next, pending), 1);
        if (edge === undefined) break;
        const beside = await this.#wantedBeside(edge, pending, next);
        const laid = await this.#follow(next, edge, beside);
        if (laid === undefined) continue;
        waiting.push(laid);
        this.#askAhead(laid.edges);
      }
    }
    return locked(root, this.#all);
  }

  /** Which of several edges to follow first: one that wants none of the others beside it, so that it is laid where they are. */
  async #firstOf(asking: PlacedPackage, pending: readonly PackageEdge[]): Promise<number> {
    for (const [at, edge] of pending.entries()) {
      const there = lookUp(edge.name, startOf(asking, edge));
      if (there !== undefined && answers(edge, there, () => undefined)) return at;
      const chosen = await this.#choose(asking, edge);
      const beside = chosen === undefined ? [] : packageEdges(chosen.release.manifest).filter(({ peer }) => peer);
      const isFree = !beside.some(({ name }) => pending.some((other) => other !== edge && other.name === name));
      if (isFree) return at;
    }
    return 0;
  }

  /** The ranges in which those that come to lie beside what an edge asks for want it. */
  async #wantedBeside(
    { name }: PackageEdge,
    pending: readonly PackageEdge[],
    asking: PlacedPackage,
  ): Promise<readonly string[]> {
    const ranges: string[] = [];
    for (const other of pending) {
      const release = (await this.#choose(asking, other))?.release;
      const peers = release === undefined ? [] : packageEdges(release.manifest).filter(({ peer }) => peer);
      ranges.push(...peers.filter((peer) => peer.name === name).map(({ wanted }) => wanted));
    }
    return ranges;
  }

  /** Finds or lays what an edge asks for, within the ranges that others want it in where that can be; answers what was laid anew. */
  async #follow(
    asking: PlacedPackage,
    edge: PackageEdge,
    beside: readonly string[],
  ): Promise<PlacedPackage | undefined> {
    const there = lookUp(edge.name, startOf(asking, edge));
    if (there !== undefined && answers(edge, there, () => undefined)) {
      settle(asking, edge, there);
      return undefined;
    }
    const chosen = await this.#choose(asking, edge);
    if (chosen === undefined) return undefined;
    const { name } = chosen;
    const release = await this.#withinReach(chosen, edge, beside);
    if (there !== undefined && answers(edge, there, () => `${name}@${release.version}`)) {
      settle(asking, edge, there);
      return undefined;
    }
    if (this.#all.length >= MAX_PACKAGES) {
      throw new CodedError("E_PACKAGE_LOCK", `it needs more than ${String(MAX_PACKAGES)} packages`, {
        hint: "that is no program to start with every session",
      });
    }
    const laid = lay({ name, release, edges: packageEdges(release.manifest) }, asking, edge);
    this.#all.push(laid);
    return laid;
  }

  async #withinReach({ name, release }: Chosen, edge: PackageEdge, ranges: readonly string[]): Promise<PackageRelease> {
    if (ranges.every((range) => fits(release.version, range))) return release;
    const { version = "" } = registryName(edge);
    const isEligible = (one: PackageRelease): boolean =>
      this.#registry.isEligible(one) && ranges.every((range) => fits(one.version, range));
    return chooseRelease(await this.#document(name), version, isEligible) ?? release;
  }

  async #choose(asking: PlacedPackage, edge: PackageEdge): Promise<Chosen | undefined> {
    const key = `${edge.name}@${edge.wanted}`;
    const known = this.#chosen.get(key);
    if (known !== undefined) return known;
    const chosen = await this.#chooseAnew(asking, edge);
    if (chosen !== undefined) this.#chosen.set(key, chosen);
    return chosen;
  }

  async #chooseAnew(asking: PlacedPackage, edge: PackageEdge): Promise<Chosen | undefined> {
    const owner = asking.name === "" ? "the command" : `\`${asking.name}\``;
    const { name, version = "" } = registryName(edge);
    try {
      if (requirementProblem(edge.name, edge.wanted) !== undefined) {
        throw new CodedError("E_PACKAGE_LOCK", `${owner} needs \`${edge.name}\` from somewhere else than a registry`, {
          hint: "only packages of a registry are locked",
        });
      }
      const release = chooseRelease(await this.#document(name), version, this.#registry.isEligible);
      if (release !== undefined) return { name, release };
      const what = version === "" ? "that may be used" : `that fits \`${version}\``;
      throw new CodedError("E_PACKAGE_LOCK", `the registry has no version of \`${name}\` ${what}`, {
        hint: asking.name === "" ? "ask the plugin's author for one that exists" : `${owner} asks for it`,
      });
    } catch (error) {
      const isMissing = isCodedError(error) && (error.code === "E_PACKAGE_LOCK" || error.code === "E_PLUGIN_UNKNOWN");
      if (edge.optional && isMissing) return undefined;
      throw error;
    }
  }

  /** Asks for documents before their turn comes; what fails is told when it comes. */
  #askAhead(edges: readonly PackageEdge[]): void {
    for (const edge of edges) {
      const { name } = registryName(edge);
      if (!this.#documents.has(name) && requirementProblem(edge.name, edge.wanted) === undefined)
        this.#ahead.push(name);
    }
    while (this.#asking < CONCURRENCY && this.#ahead.length > 0) void this.#askNext();
  }

  async #askNext(): Promise<void> {
    const name = this.#ahead.shift();
    if (name === undefined || this.#documents.has(name)) return;
    this.#asking += 1;
    await this.#document(name).catch(() => undefined);
    this.#asking -= 1;
    this.#askAhead([]);
  }

  #document(name: string): Promise<Packument> {
    const known = this.#documents.get(name);
    if (known !== undefined) return known;
    const asked = this.#registry.document(name);
    this.#documents.set(name, asked);
    return asked;
  }
}

function registryName({ name, wanted }: PackageEdge): PackageSpec {
  return wanted.startsWith("npm:") ? parsePackageSpec(wanted.slice("npm:".length)) : { name, version: wanted };
}

function locked(root: PlacedPackage, all: readonly PlacedPackage[]): LockedPackages {
  const needed = neededBy(root);
  const named = new Set(root.found.values());
  const packages = all.map((one): LockedPackage =>
    lockedPackage(one, { optional: !needed.has(one), commands: named.has(one) }),
  );
  return {
    packages: packages.toSorted((left, right) => (left.path < right.path ? -1 : 1)),
    bundling: new Set(all.filter(({ release }) => isBundling(release.manifest)).map(({ path }) => path)),
  };
}

/** Everything that is reached without an optional edge. */
function neededBy(root: PlacedPackage): ReadonlySet<PlacedPackage> {
  const needed = new Set<PlacedPackage>();
  const waiting = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const edge of next.edges) {
      const found = edge.optional ? undefined : next.found.get(edge.name);
      if (found === undefined || needed.has(found)) continue;
      needed.add(found);
      waiting.push(found);
    }
  }
  return needed;
}
