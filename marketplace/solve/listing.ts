import SemVer from "semver/classes/semver.js";

import { CodedError } from "../../schemas/errors.ts";
import { comparePoints, type Point } from "./point.ts";
import type { Candidate, Cause } from "./provider.ts";
import { parsePoint } from "./range.ts";
import {
  ALL_VERSIONS,
  complement,
  hasVersion,
  NO_VERSIONS,
  onlyNames,
  onlyVersion,
  union,
  type Version,
  type VersionSet,
  versionsBetween,
} from "./version-set.ts";

/** Which version is wanted where lock and machine say nothing; `locked` allows nothing but the locked versions. */
export type SolveMode = "newest" | "oldest" | "locked";

/** One version of a package, placed. */
export interface Listed {
  /** As the provider spells it. */
  readonly text: string;
  readonly version: Version;
  /** The set with only this version. */
  readonly only: VersionSet;
  /** Why it may not be chosen. */
  readonly blocked: Cause | undefined;
  readonly isDeprecated: boolean;
}

/** Everything that exists of a package. */
export interface Listing {
  readonly id: string;
  /** Ascending; unversioned ones first, by name. */
  readonly all: readonly Listed[];
  /** Those that may be chosen, the most wanted first. */
  readonly wanted: readonly Listed[];
  /** Version text → place in `all`. */
  readonly places: ReadonlyMap<string, number>;
  /** Why there is no version at all. */
  readonly absence: Cause | undefined;
}

/** What decides the order of `Listing.wanted`. */
export interface Preference {
  readonly mode: SolveMode;
  /** Whether every release comes before every pre-release. */
  readonly releasesFirst: boolean;
  readonly locked: string | undefined;
  readonly installed: string | undefined;
  /** Whether the root pins this version exactly. */
  isPinned(only: VersionSet): boolean;
}

/**
 * Sorts the candidates of a package and splits off those that may not be chosen.
 *
 * Versions that differ in build metadata only are one version to every range; the locked, else the installed, else a selectable,
 * else the highest spelling stands for it.
 *
 * @throws E_RESOLVE_LIMIT when there are more than `maxCandidates`.
 */
export function listPackage(
  id: string,
  candidates: readonly Candidate[],
  preference: Preference,
  absence: Cause | undefined,
  maxCandidates: number,
): Listing {
  if (candidates.length > maxCandidates) {
    throw new CodedError("E_RESOLVE_LIMIT", `\`${id}\` has ${candidates.length} versions, more than ${maxCandidates}`, {
      hint: "ask its publisher to withdraw old tags, or pin another source",
      data: { id, candidates: candidates.length, limit: maxCandidates },
    });
  }
  const all = distinct(candidates.map((candidate) => place(candidate, preference)).sort(compareListed), preference);
  const selectable = all.filter((listed) => listed.blocked === undefined);
  const places = new Map(all.map(({ text }, place) => [text, place]));
  return { id, all, wanted: selectable.sort((a, b) => compareWanted(a, b, preference)), places, absence };
}

/** The first wanted version that `set` admits. */
export function mostWanted({ wanted }: Listing, set: VersionSet): Listed | undefined {
  return wanted.find((listed) => hasVersion(set, listed.version));
}

/** How many versions that may be chosen `set` admits. */
export function countWanted({ wanted }: Listing, set: VersionSet): number {
  let count = 0;
  for (const listed of wanted) if (hasVersion(set, listed.version)) count++;
  return count;
}

/** Every version that cannot be chosen, existing or not. */
export function unavailable({ wanted }: Listing): VersionSet {
  let available = NO_VERSIONS;
  for (const listed of wanted) available = union(available, listed.only);
  return complement(available);
}

/**
 * The largest set that holds the listed versions named by `texts` and no other listed version: "from 1.0.0 to before 3.0.0"
 * instead of five single versions. Names that are not listed go with the lowest version.
 */
export function spanning({ all, places }: Listing, texts: Iterable<string>): VersionSet {
  const members = [...new Set([...texts].flatMap((text) => places.get(text) ?? []))].sort((a, b) => a - b);
  if (members.length === all.length) return ALL_VERSIONS;
  const names = all.flatMap(({ version }) => (version.kind === "unversioned" ? version.name : []));
  const lowest = names.length;
  const isOpenBelow = members.includes(lowest);
  const isNamed = (name: string): boolean => members.includes(places.get(name) ?? -1);
  const listed = onlyNames(names.filter((name) => isNamed(name) !== isOpenBelow));
  let set = isOpenBelow ? { ...NO_VERSIONS, unversioned: complement(listed).unversioned } : listed;
  const pointAt = (at: number): Point | undefined => {
    const version = all[at]?.version;
    return version?.kind === "semver" ? version.point : undefined;
  };
  const ordered = members.filter((at) => at >= lowest);
  for (let start = 0; start < ordered.length;) {
    const first = ordered[start] ?? 0;
    let end = start + 1;
    while (ordered[end] === first + end - start) end++;
    set = union(set, versionsBetween(first === lowest ? undefined : pointAt(first), pointAt(first + end - start)));
    start = end;
  }
  return set;
}

function place(candidate: Candidate, preference: Preference): Listed {
  const text = candidate.version;
  const point = candidate.unversioned === true ? undefined : parsePoint(text);
  const version: Version = point === undefined ? { kind: "unversioned", name: text } : { kind: "semver", point };
  const only = onlyVersion(version);
  const isDeprecated = candidate.deprecated === true;
  return { text, version, only, blocked: blockedBy(candidate, only, preference), isDeprecated };
}

function blockedBy(candidate: Candidate, only: VersionSet, preference: Preference): Cause | undefined {
  if (candidate.blocked !== undefined) return candidate.blocked;
  const { locked, mode } = preference;
  if (mode === "locked" && locked !== candidate.version) {
    return {
      kind: "frozen",
      notice: locked === undefined ? "the lock does not hold the package" : `the lock holds \`${locked}\``,
      hint: "run the command without `--frozen` to solve again",
      code: "E_FROZEN",
    };
  }
  if (candidate.yanked === undefined || locked === candidate.version || preference.isPinned(only)) return undefined;
  return { kind: "yanked", notice: candidate.yanked === "" ? "withdrawn" : `withdrawn: ${candidate.yanked}` };
}

function distinct(ascending: readonly Listed[], preference: Preference): Listed[] {
  const kept: Listed[] = [];
  for (const listed of ascending) {
    const last = kept.at(-1);
    if (last === undefined || compareVersions(last.version, listed.version) !== 0) kept.push(listed);
    else if (spellingRank(listed, preference) >= spellingRank(last, preference)) kept[kept.length - 1] = listed;
  }
  return kept;
}

function spellingRank(listed: Listed, { locked, installed }: Preference): number {
  if (listed.text === locked) return 3;
  if (listed.text === installed) return 2;
  return listed.blocked === undefined ? 1 : 0;
}

function compareWanted(left: Listed, right: Listed, preference: Preference): number {
  const { mode, releasesFirst, locked, installed } = preference;
  const kept = (listed: Listed): number => (listed.text === locked ? 0 : listed.text === installed ? 1 : 2);
  const ordered = ({ version }: Listed): number =>
    version.kind === "unversioned" ? 2 : releasesFirst && version.point.prerelease.length > 0 ? 1 : 0;
  const order = compareVersions(left.version, right.version);
  const advised = Number(left.isDeprecated) - Number(right.isDeprecated);
  return kept(left) - kept(right) || advised || ordered(left) - ordered(right) || (mode === "oldest" ? order : -order);
}

function compareListed(left: Listed, right: Listed): number {
  const order = compareVersions(left.version, right.version);
  if (order !== 0 || left.version.kind === "unversioned" || right.version.kind === "unversioned") return order;
  return new SemVer(left.text).compareBuild(right.text);
}

function compareVersions(left: Version, right: Version): number {
  if (left.kind === "semver" && right.kind === "semver") return comparePoints(left.point, right.point);
  if (left.kind === "unversioned" && right.kind === "unversioned") {
    return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
  }
  return left.kind === "unversioned" ? -1 : 1;
}
