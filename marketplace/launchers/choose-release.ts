import compare from "semver/functions/compare.js";
import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";
import { semverOf } from "../sources/releases.ts";
import type { PackageRelease, Packument } from "../packages/packument.ts";

/**
 * The release that npm would take for a version, range or tag: the one tagged `latest` where it fits, else the newest that is not
 * deprecated. `isEligible` says which may be used at all.
 */
export function chooseRelease(
  { tags, releases }: Packument,
  wanted: string,
  isEligible: (release: PackageRelease) => boolean,
): PackageRelease | undefined {
  const range = wanted.trim() === "" ? "*" : wanted.trim();
  const usable = (version: string | undefined): PackageRelease | undefined => {
    const release = version === undefined ? undefined : releases.get(version);
    return release !== undefined && isEligible(release) ? release : undefined;
  };
  const latest = usable(tags.get("latest"));
  const tag = range === "*" ? "latest" : range;
  if (range !== "*" && validRange(range, true) === null) return usable(tags.get(tag));
  if (latest !== undefined && (range === "*" || fits(latest.version, range))) return latest;
  const fitting = [...releases.values()]
    .filter((release) => semverOf(release.version) === release.version && fits(release.version, range))
    .filter((release) => isEligible(release))
    .sort((left, right) => compare(right.version, left.version));
  return fitting.find(({ deprecated }) => deprecated === undefined) ?? fitting[0];
}

/** Whether a version is within a range, as npm compares. */
export function fits(version: string, range: string): boolean {
  return satisfies(version, range, { loose: true });
}
