import satisfies from "semver/functions/satisfies.js";

/** Whether a range admits a version; one that is not semver is admitted by `*` alone. */
export function admits(range: string, version: string): boolean {
  return range === "*" || range === "" || satisfies(version, range);
}
