/** A position on the line of semantic versions: a version without its build metadata. An empty `prerelease` is a release. */
export interface Point {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: readonly (string | number)[];
}

/** `0.0.0-0`, before which there is no version. */
export const FIRST_POINT: Point = { major: 0, minor: 0, patch: 0, prerelease: [0] };

/** Precedence by semver §11: negative when `left` comes first, 0 when they differ in build metadata at most. */
export function comparePoints(left: Point, right: Point): number {
  return (
    left.major - right.major ||
    left.minor - right.minor ||
    left.patch - right.patch ||
    comparePrereleases(left.prerelease, right.prerelease)
  );
}

/** Whether both points have the same `major.minor.patch`. */
export function sameTriple(left: Point, right: Point): boolean {
  return left.major === right.major && left.minor === right.minor && left.patch === right.patch;
}

/** The version right after `point`: nothing lies between `1.0.0-a` and `1.0.0-a.0`, nor between `1.0.0` and `1.0.1-0`. */
export function successor(point: Point): Point {
  return point.prerelease.length === 0
    ? { ...point, patch: point.patch + 1, prerelease: [0] }
    : { ...point, prerelease: [...point.prerelease, 0] };
}

/** The first release at or after `point`; `0.0.0` is given as `FIRST_POINT`, so that equal sets of releases have equal ends. */
export function ceilRelease(point: Point): Point {
  return point.major === 0 && point.minor === 0 && point.patch === 0 ? FIRST_POINT : releaseOf(point);
}

/** The first pre-release at or after `point`. */
export function ceilPrerelease(point: Point): Point {
  return point.prerelease.length === 0 ? successor(point) : point;
}

/** `1.2.3-beta.1`. */
export function printPoint(point: Point): string {
  const triple = `${point.major}.${point.minor}.${point.patch}`;
  return point.prerelease.length === 0 ? triple : `${triple}-${point.prerelease.join(".")}`;
}

function releaseOf(point: Point): Point {
  return point.prerelease.length === 0 ? point : { ...point, prerelease: [] };
}

function comparePrereleases(left: Point["prerelease"], right: Point["prerelease"]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const a = left[index];
    const b = right[index];
    if (a === b || a === undefined || b === undefined) continue;
    const order = compareIdentifiers(a, b);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers come before words; node-semver keeps digits beyond 2^53 as text and compares them as numbers. */
function compareIdentifiers(left: string | number, right: string | number): number {
  const isNumber = [left, right].map((part) => typeof part === "number" || /^\d+$/.test(part));
  if (isNumber[0] && isNumber[1]) return Math.sign(Number(left) - Number(right));
  if (isNumber[0] || isNumber[1]) return isNumber[0] ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
