import compare from "semver/functions/compare.js";
import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";
import { CodedError } from "../../schemas/errors.ts";
import type { PackageRelease, Packument } from "../packages/packument.ts";
import { semverOf } from "./releases.ts";

/** The releases that an entry offers, and which of them counts without a range. */
export interface EligibleReleases {
  readonly releases: readonly PackageRelease[];
  readonly preferred: string | undefined;
}

/** Candidate versions of one plugin; the newest are kept (attacks: limits). */
const MAX_RELEASES = 5_000;

/**
 * What an entry's `version` leaves of a package's releases: a version or range those that it admits, a tag the release it names and the
 * older ones, nothing all of them. Preferred is, as with npm, the one tagged `latest` where it fits, else the highest that is no
 * prerelease and not deprecated. Throws `E_PLUGIN_UNKNOWN` when nothing is left.
 */
export function eligibleReleases(
  { name, tags, releases }: Packument,
  wanted: string | undefined,
  place: string,
): EligibleReleases {
  const all = [...releases.values()]
    .filter(({ version }) => semverOf(version) === version)
    .sort((left, right) => compare(right.version, left.version));
  const range = wanted === undefined || wanted === "" ? "*" : wanted.trim();
  const isTag = validRange(range) === null;
  const tag = isTag ? tags.get(range) : undefined;
  const latest = tags.get("latest");
  const fitting = all.filter(({ version }) => {
    if (isTag) return tag !== undefined && compare(version, tag) <= 0;
    return range === "*" || satisfies(version, range);
  });
  const preferred = isTag ? tag : fitting.some(({ version }) => version === latest) ? latest : best(fitting);
  const left = fitting.slice(0, MAX_RELEASES);
  const tagged = fitting.find(({ version }) => version === preferred);
  if (left.length > 0)
    return { releases: tagged === undefined || left.includes(tagged) ? left : [...left, tagged], preferred };
  throw new CodedError(
    "E_PLUGIN_UNKNOWN",
    all.length === 0 ? `the package \`${name}\` has no version` : `the package \`${name}\` has no version \`${range}\``,
    {
      hint:
        all[0] === undefined ? "ask its publisher" : `its newest is ${all[0].version}; ask the owner of the catalog`,
      where: place,
    },
  );
}

function best(releases: readonly PackageRelease[]): string | undefined {
  const stable = releases.filter(({ version }) => !version.includes("-"));
  const some = stable.length > 0 ? stable : releases;
  return (some.find(({ deprecated }) => deprecated === undefined) ?? some[0])?.version;
}
