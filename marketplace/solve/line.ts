import { comparePoints, FIRST_POINT, type Point } from "./point.ts";

/**
 * A set of points as a strictly ascending list of toggles: a point is a member when an odd number of toggles lies at or before it.
 * So `[a, b]` is the half-open interval from `a` to before `b`, and `[a]` has no upper end.
 */
export type Line = readonly Point[];

/** No point. */
export const NO_POINTS: Line = [];
/** Every point. */
export const ALL_POINTS: Line = [FIRST_POINT];

/** The points from `lower` to before `upper`; without `upper` there is no end. */
export function interval(lower: Point, upper?: Point): Line {
  if (upper === undefined) return [lower];
  return comparePoints(lower, upper) < 0 ? [lower, upper] : NO_POINTS;
}

/** Whether `point` is a member, by bisection. */
export function lineHas(line: Line, point: Point): boolean {
  let low = 0;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const toggle = line[middle];
    if (toggle !== undefined && comparePoints(toggle, point) <= 0) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

/** Every point that is not a member of `line`. */
export function complementLine(line: Line): Line {
  const first = line[0];
  return first !== undefined && comparePoints(first, FIRST_POINT) === 0 ? line.slice(1) : [FIRST_POINT, ...line];
}

/** The points that are members of both. */
export function intersectLines(left: Line, right: Line): Line {
  if (left.length === 0 || right.length === 0) return NO_POINTS;
  if (left === right || isAllPoints(right)) return left;
  if (isAllPoints(left)) return right;
  const out: Point[] = [];
  let inside = false;
  sweep(left, right, (inLeft, inRight, at) => {
    const now = inLeft && inRight;
    if (now !== inside) out.push(at);
    inside = now;
    return true;
  });
  return out;
}

/** Whether no point is a member of both. */
export function disjointLines(left: Line, right: Line): boolean {
  if (left.length === 0 || right.length === 0) return true;
  return sweep(left, right, (inLeft, inRight) => !(inLeft && inRight));
}

/** Whether every member of `inner` is one of `outer`. */
export function withinLine(inner: Line, outer: Line): boolean {
  if (inner.length === 0 || inner === outer || isAllPoints(outer)) return true;
  return sweep(inner, outer, (inInner, inOuter) => !inInner || inOuter);
}

/** By identity: a quick test that may miss a line that was built from another `0.0.0-0`. */
function isAllPoints(line: Line): boolean {
  return line.length === 1 && line[0] === FIRST_POINT;
}

/** Visits every place where a membership changes, in order, until `visit` returns false; tells whether it reached the end. */
function sweep(left: Line, right: Line, visit: (inLeft: boolean, inRight: boolean, at: Point) => boolean): boolean {
  let i = 0;
  let j = 0;
  for (;;) {
    const a = left[i];
    const b = right[j];
    const at = a ?? b;
    if (at === undefined) return true;
    const order = a === undefined ? 1 : b === undefined ? -1 : comparePoints(a, b);
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (!visit(i % 2 === 1, j % 2 === 1, order <= 0 ? at : (b ?? at))) return false;
  }
}
