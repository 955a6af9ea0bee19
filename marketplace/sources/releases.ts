import SemVer from "semver/classes/semver.js";
import compare from "semver/functions/compare.js";
import valid from "semver/functions/valid.js";

import type { Offer } from "./offer.ts";
import type { TagRef } from "./repository.ts";

/** A release: a tag `<name>--v<version>` with the commit it stands for. */
export interface Release {
  readonly version: string;
  readonly tag: string;
  readonly commit: string;
}

/** Candidate versions of one plugin; the newest are kept (attacks: limits). */
const MAX_RELEASES = 5_000;

/** The releases of one plugin of a repository, newest first. A tag whose end is no strict semver is none. */
export function releasesOf(tags: readonly TagRef[], name: string): readonly Release[] {
  const prefix = `${name}--v`;
  const found: { readonly order: SemVer; readonly release: Release }[] = [];
  for (const { tag, commit } of tags) {
    if (!tag.startsWith(prefix)) continue;
    const written = tag.slice(prefix.length);
    const version = /^\d/u.test(written) ? semverOf(written) : undefined;
    if (version !== undefined) found.push({ order: new SemVer(version), release: { version, tag, commit } });
  }
  found.sort(({ order: left }, { order: right }) => right.compare(left) || right.compareBuild(left));
  return found.slice(0, MAX_RELEASES).map(({ release }) => release);
}

/** A version in canonical form (`v1.0.0` is `1.0.0`); `undefined` when it is no semver. Build metadata is kept. */
export function semverOf(text: string): string | undefined {
  const version = valid(text);
  if (version === null) return undefined;
  const build = /\+[0-9A-Za-z.-]+$/u.exec(text.trim())?.[0] ?? "";
  return `${version}${build}`;
}

/** Newest first; what has no order, the current copy of a plugin without version, before everything. */
export function sortOffers(offers: readonly Offer[]): readonly Offer[] {
  return offers.toSorted((left, right) => {
    if (left.unversioned || right.unversioned) return Number(right.unversioned) - Number(left.unversioned);
    return compare(right.version, left.version);
  });
}
