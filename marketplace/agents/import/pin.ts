import type { Offer } from "../../sources/offer.ts";

/** Which version of a plugin is taken. */
export interface Pin {
  /** The exact version, as a range; absent when the marketplace has no such release and offers its own copy. */
  readonly range?: string | undefined;
  /** The commit that it comes from, where that is known. */
  readonly commit?: string | undefined;
  /** Why it is not what the agent had. */
  readonly instead?: string | undefined;
}

/**
 * The offer that is what an agent had: of the same version, else of the same commit, else the marketplace's own copy.
 * `offers` are those of its source, newest first.
 */
export function pinOf(offers: readonly Offer[], version: string | undefined, commit: string | undefined): Pin {
  const same = offers.find((offer) => !offer.unversioned && offer.version === version && offer.yanked === undefined);
  const chosen = same ?? offers.find((offer) => commit !== undefined && commitOf(offer) === commit);
  const current = offers.find((offer) => offer.current) ?? offers[0];
  if (chosen !== undefined) {
    return { ...(!chosen.unversioned && { range: chosen.version }), ...commitMember(chosen) };
  }
  const isSaid = version !== undefined && current !== undefined && !isSame(version, current);
  return {
    ...(current !== undefined && commitMember(current)),
    ...(isSaid && { instead: `\`${version}\` is not on offer, \`${current.version}\` is` }),
  };
}

/** Agents that know no version write a part of the commit, or a word. */
function isSame(version: string, offer: Offer): boolean {
  if (version === "unknown" || version === "local") return true;
  return version === offer.version || (version.length >= 7 && commitOf(offer)?.startsWith(version) === true);
}

function commitMember(offer: Offer): Pick<Pin, "commit"> {
  const commit = commitOf(offer);
  return commit === undefined ? {} : { commit };
}

function commitOf({ source }: Offer): string | undefined {
  return source.kind === "git" ? source.commit : undefined;
}
