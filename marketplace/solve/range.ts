import SemverRange from "semver/classes/range.js";
import SemVer from "semver/classes/semver.js";

import { CodedError } from "../../schemas/errors.ts";
import { intersectLines, type Line } from "./line.ts";
import { comparePoints, type Point, sameTriple, successor } from "./point.ts";
import { ALL_VERSIONS, NO_VERSIONS, union, type VersionSet, versionsBetween } from "./version-set.ts";

/** The longest range text that is looked at (attacks.md RS04). */
const MAX_RANGE_CHARACTERS = 256;

/** A range that was understood: its text, trimmed, and the versions it admits. */
export interface ParsedRange {
  readonly text: string;
  readonly set: VersionSet;
  /** The one version that the range names (`1.2.3`, `=1.2.3`), if it does. */
  readonly pin?: VersionSet;
}

/** By far the most common range, without the parser, whose patterns take 3 ms to compile. */
const ANY: ParsedRange = {
  text: "*",
  set: { ...NO_VERSIONS, releases: ALL_VERSIONS.releases, unversioned: ALL_VERSIONS.unversioned },
};

type Comparator = SemverRange["set"][number][number];

/**
 * The set of versions that node-semver's `satisfies` admits with default flags.
 * An unversioned candidate is admitted only by an alternative that says "any": `*`, `x` or nothing.
 *
 * @throws E_LIMIT_RANGE when the text is too long (checked before parsing), E_RANGE when it is not a range.
 */
export function parseRange(text: string): ParsedRange {
  if (text.length > MAX_RANGE_CHARACTERS) {
    throw new CodedError(
      "E_LIMIT_RANGE",
      `a version range of ${text.length} characters is longer than ${MAX_RANGE_CHARACTERS}: \`${text.slice(0, 40)}…\``,
      { hint: "write a shorter range, for example `^1.2.0`" },
    );
  }
  const trimmed = text.trim() === "" ? "*" : text.trim().replace(/\s+/g, " ");
  if (trimmed === "*") return ANY;
  const range = readRange(trimmed);
  let set = NO_VERSIONS;
  for (const alternative of range.set) set = union(set, alternativeSet(alternative));
  if (trimmed.split("||").some((part) => ["", "*", "x", "X"].includes(part.trim()))) {
    set = { ...set, unversioned: ALL_VERSIONS.unversioned };
  }
  const [first, ...others] = range.set.length === 1 ? (range.set[0] ?? []) : [];
  const isPinned = first !== undefined && others.length === 0 && isPin(first);
  return isPinned ? { text: trimmed, set, pin: set } : { text: trimmed, set };
}

/** The place of a version text; undefined when it is not a semantic version. */
export function parsePoint(text: string): Point | undefined {
  if (text.length > MAX_RANGE_CHARACTERS) return undefined;
  try {
    return pointOf(new SemVer(text));
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function pointOf({ major, minor, patch, prerelease }: SemVer): Point {
  return { major, minor, patch, prerelease };
}

function readRange(text: string): SemverRange {
  try {
    return new SemverRange(text);
  } catch (error) {
    throw new CodedError("E_RANGE", `\`${text}\` is not a version range`, {
      hint: "use node-semver syntax, for example `^1.2.0`, `~1.2`, `>=1.0.0 <3.0.0` or `*`",
      cause: error,
    });
  }
}

function alternativeSet(comparators: readonly Comparator[]): VersionSet {
  let lower: Point | undefined;
  let upper: Point | undefined;
  for (const { operator, semver, value } of comparators) {
    if (value === "") continue;
    const point = pointOf(semver);
    const isPoint = operator === "" || operator === "=";
    if (isPoint || operator === ">=") lower = later(lower, point);
    if (operator === ">") lower = later(lower, successor(point));
    if (isPoint || operator === "<=") upper = earlier(upper, successor(point));
    if (operator === "<") upper = earlier(upper, point);
  }
  const between = versionsBetween(lower, upper);
  let admitted: VersionSet = { ...NO_VERSIONS, releases: between.releases };
  const triples: Point[] = [];
  for (const { semver, value } of comparators) {
    if (value === "" || semver.prerelease.length === 0 || triples.some((seen) => sameTriple(seen, semver))) continue;
    const point = pointOf(semver);
    triples.push(point);
    const prereleases = intersectLines(between.prereleases, prereleasesOf(point));
    admitted = union(admitted, { ...NO_VERSIONS, prereleases });
  }
  return admitted;
}

/** The pre-releases with the triple of `point`. */
function prereleasesOf(point: Point): Line {
  return versionsBetween({ ...point, prerelease: [0] }, { ...point, prerelease: [] }).prereleases;
}

function isPin(comparator: Comparator): boolean {
  return comparator.value !== "" && (comparator.operator === "" || comparator.operator === "=");
}

function later(left: Point | undefined, right: Point): Point {
  return left !== undefined && comparePoints(left, right) >= 0 ? left : right;
}

function earlier(left: Point | undefined, right: Point): Point {
  return left !== undefined && comparePoints(left, right) <= 0 ? left : right;
}
