import {
  ALL_POINTS,
  complementLine,
  disjointLines,
  intersectLines,
  interval,
  type Line,
  lineHas,
  NO_POINTS,
  withinLine,
} from "./line.ts";
import { ceilPrerelease, ceilRelease, FIRST_POINT, type Point, successor } from "./point.ts";

/** A version as the solver sees it: a place on the line, or a name without order (a commit, a free-form string). */
export type Version =
  { readonly kind: "semver"; readonly point: Point } | { readonly kind: "unversioned"; readonly name: string };

/**
 * A set of versions, closed under complement, intersection and union.
 *
 * Releases and pre-releases lie on two separate lines, because a node-semver range admits pre-releases only of the triples it
 * names: `^1.0.0-a` is one interval of releases and another one of pre-releases. Versions without an order are listed by name.
 */
export interface VersionSet {
  readonly releases: Line;
  readonly prereleases: Line;
  readonly unversioned: NameSet;
}

/** The names listed, or (`inverted`) every name but those; sorted. */
export interface NameSet {
  readonly inverted: boolean;
  readonly names: readonly string[];
}

const NO_NAMES: NameSet = { inverted: false, names: [] };
const ALL_NAMES: NameSet = { inverted: true, names: [] };

/** The set without a version. */
export const NO_VERSIONS: VersionSet = { releases: NO_POINTS, prereleases: NO_POINTS, unversioned: NO_NAMES };
/** The set of every version, pre-releases and unversioned ones included (a range `*` is smaller). */
export const ALL_VERSIONS: VersionSet = { releases: ALL_POINTS, prereleases: ALL_POINTS, unversioned: ALL_NAMES };

/** The set with one version. */
export function onlyVersion(version: Version): VersionSet {
  if (version.kind === "unversioned")
    return { ...NO_VERSIONS, unversioned: { inverted: false, names: [version.name] } };
  const { point } = version;
  const { releases, prereleases } = versionsBetween(point, successor(point));
  return point.prerelease.length === 0 ? { ...NO_VERSIONS, releases } : { ...NO_VERSIONS, prereleases };
}

/** The versions from `lower` to before `upper` on both lines; a missing end is open. */
export function versionsBetween(lower: Point | undefined, upper: Point | undefined): VersionSet {
  const [from, to] = [lower ?? FIRST_POINT, upper];
  const releases = interval(ceilRelease(from), to && ceilRelease(to));
  const prereleases = interval(ceilPrerelease(from), to && ceilPrerelease(to));
  return { releases, prereleases, unversioned: NO_NAMES };
}

/** The set of exactly these unversioned names. */
export function onlyNames(names: Iterable<string>): VersionSet {
  return { ...NO_VERSIONS, unversioned: { inverted: false, names: [...new Set(names)].sort() } };
}

/** Whether `version` is a member. */
export function hasVersion(set: VersionSet, version: Version): boolean {
  if (version.kind === "unversioned") return set.unversioned.names.includes(version.name) !== set.unversioned.inverted;
  return lineHas(version.point.prerelease.length === 0 ? set.releases : set.prereleases, version.point);
}

/** The versions that are not members of `set`. */
export function complement(set: VersionSet): VersionSet {
  return {
    releases: complementLine(set.releases),
    prereleases: complementLine(set.prereleases),
    unversioned: { inverted: !set.unversioned.inverted, names: set.unversioned.names },
  };
}

/** The versions that are members of both. */
export function intersect(left: VersionSet, right: VersionSet): VersionSet {
  if (left === right || right === ALL_VERSIONS) return left;
  if (left === ALL_VERSIONS) return right;
  return {
    releases: intersectLines(left.releases, right.releases),
    prereleases: intersectLines(left.prereleases, right.prereleases),
    unversioned: intersectNames(left.unversioned, right.unversioned),
  };
}

/** The versions that are members of at least one. */
export function union(left: VersionSet, right: VersionSet): VersionSet {
  if (left === right) return left;
  return complement(intersect(complement(left), complement(right)));
}

/** The versions of `left` that are not in `right`. */
export function difference(left: VersionSet, right: VersionSet): VersionSet {
  return intersect(left, complement(right));
}

/** Whether no version is a member of both. */
export function areDisjoint(left: VersionSet, right: VersionSet): boolean {
  return (
    disjointLines(left.releases, right.releases) &&
    disjointLines(left.prereleases, right.prereleases) &&
    isNoNames(intersectNames(left.unversioned, right.unversioned))
  );
}

/** Whether every version of `inner` is one of `outer`. */
export function isWithin(inner: VersionSet, outer: VersionSet): boolean {
  if (inner === outer || outer === ALL_VERSIONS) return true;
  return (
    withinLine(inner.releases, outer.releases) &&
    withinLine(inner.prereleases, outer.prereleases) &&
    isNoNames(intersectNames(inner.unversioned, { ...outer.unversioned, inverted: !outer.unversioned.inverted }))
  );
}

/** Whether both have the same members. */
export function areEqual(left: VersionSet, right: VersionSet): boolean {
  return isWithin(left, right) && isWithin(right, left);
}

function intersectNames(left: NameSet, right: NameSet): NameSet {
  if (isNoNames(left) || isNoNames(right)) return NO_NAMES;
  if (left.inverted && right.inverted) {
    return { inverted: true, names: [...new Set([...left.names, ...right.names])].sort() };
  }
  const [listed, other] = left.inverted ? [right, left] : [left, right];
  const names = listed.names.filter((name) => other.names.includes(name) !== other.inverted);
  return names.length === listed.names.length ? listed : { inverted: false, names };
}

function isNoNames(set: NameSet): boolean {
  return !set.inverted && set.names.length === 0;
}
