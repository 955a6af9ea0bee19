import { type Incompatibility, isFailure, ROOT_ID } from "./incompatibility.ts";
import type { Listed, Listing } from "./listing.ts";
import { comparePoints, type Point, printPoint, sameTriple } from "./point.ts";
import type { Cause, FactLocation } from "./provider.ts";
import type { Term } from "./term.ts";
import type { ParsedRange } from "./range.ts";
import { ALL_VERSIONS, areEqual, hasVersion, type VersionSet } from "./version-set.ts";

/** What sentences need to know beside the incompatibility: what exists, and the ranges that people wrote about each package. */
export interface Vocabulary {
  readonly listings: ReadonlyMap<string, Listing>;
  readonly ranges: ReadonlyMap<string, readonly ParsedRange[]>;
}

const MAX_ALTERNATIVES = 5;
const MAX_REASONS = 3;

/** An incompatibility as a clause without capital or full stop: "`a 1.0.0` depends on `b ^2.0.0`". */
export function phrase(incompatibility: Incompatibility, words: Vocabulary): string {
  const { cause, terms } = incompatibility;
  switch (cause.kind) {
    case "root":
      return "the request stands";
    case "requirement":
      return (
        requirementPhrase(incompatibility, cause.requirement.id, cause.requirement.range, words) +
        at(cause.requirement.where)
      );
    case "refused": {
      const { requirement, reason } = cause;
      const edge = `${subject(terms[0], words)} \`${requirement.id} ${requirement.range}\``;
      return `${edge}${at(requirement.where)}, which is not possible: ${because(reason, requirement.where)}`;
    }
    case "no-version":
      return noVersionPhrase(cause.id, cause.asked ?? ALL_VERSIONS, words);
    case "absent":
      return cause.reason === undefined
        ? `\`${cause.id}\` does not exist`
        : `\`${cause.id}\` is not available: ${because(cause.reason)}`;
    case "derived":
      return derivedPhrase(incompatibility, words);
  }
}

/** A set of versions as range text, by the ranges that people wrote and the versions that exist; "" for all of them. */
function rangeText(id: string, set: VersionSet, words: Vocabulary): string {
  const all = words.listings.get(id)?.all ?? [];
  const written = words.ranges.get(id)?.find((range) => areEqual(range.set, set));
  if (written !== undefined) return written.text === "*" ? "" : written.text;
  const members = all.map((listed) => hasVersion(set, listed.version));
  if (all.length > 0 && members.every(Boolean)) return "";
  const runs = [
    ...runsOf(
      all,
      members,
      (listed) => listed.version.kind === "semver" && listed.version.point.prerelease.length === 0,
    ),
    ...runsOf(all, members, (listed) => listed.version.kind === "semver" && listed.version.point.prerelease.length > 0),
    ...all.flatMap((listed, place) =>
      listed.version.kind === "unversioned" && members[place] === true ? listed.text : [],
    ),
  ];
  return join(runs.length > 0 ? runs : intervalTexts(set), " || ");
}

/** `file:line:column` in brackets, with a leading space. */
function at(where: FactLocation | undefined): string {
  return where === undefined ? "" : ` (${locationText(where)})`;
}

function locationText({ file, line, column }: FactLocation): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
}

function because(cause: Cause, said?: FactLocation): string {
  const isSaid = said !== undefined && cause.where !== undefined && locationText(said) === locationText(cause.where);
  return `${cause.notice}${isSaid ? "" : at(cause.where)}`;
}

function requirementPhrase({ terms }: Incompatibility, id: string, range: string, words: Vocabulary): string {
  const dependant = terms.find((term) => term.positive);
  if (dependant?.id === id) return `${subject(dependant, words)} itself as \`${range}\``;
  return `${subject(dependant, words)} \`${id}${range === "*" ? "" : ` ${range}`}\``;
}

/** "you require" or "`a 1.0.0` depends on". */
function subject(term: Term | undefined, words: Vocabulary): string {
  if (term === undefined || term.id === ROOT_ID) return "you require";
  return `${every(term, words)} depends on`;
}

function noVersionPhrase(id: string, asked: VersionSet, words: Vocabulary): string {
  const listing = words.listings.get(id);
  if (listing === undefined) return `no version of \`${id}\` fits`;
  const { all, wanted } = listing;
  const text = rangeText(id, asked, words);
  const barred = barredPhrase(
    all.filter(({ blocked, version }) => blocked !== undefined && hasVersion(asked, version)),
  );
  const left = all.filter((listed) => wanted.includes(listed) && hasVersion(asked, listed.version));
  const within = text === "" ? `of \`${id}\`` : `of \`${id}\` in \`${text}\``;
  if (left.length > 0) {
    const versions = join(
      left.map((listed) => `\`${listed.text}\``),
      ", ",
    );
    return `the only ${left.length === 1 ? "version" : "versions"} ${within} ${left.length === 1 ? "is" : "are"} ${versions}${barred}`;
  }
  if (barred !== "") return `no version ${within} may be chosen${barred}`;
  if (text === "") return `no version of \`${id}\` may be chosen`;
  return `no version of \`${id}\` matches \`${text}\`${highestPhrase(all.at(-1))}`;
}

function highestPhrase(highest: Listed | undefined): string {
  if (highest === undefined) return "";
  return highest.version.kind === "semver"
    ? ` (the highest is \`${highest.text}\`)`
    : ` (it has only \`${highest.text}\`, which is not a semantic version)`;
}

/** " (`1.1.0`: withdrawn; …)". */
function barredPhrase(barred: readonly Listed[]): string {
  const reasons = new Map<string, string[]>();
  for (const { text, blocked } of barred.toReversed()) {
    if (blocked === undefined) continue;
    const reason = because(blocked);
    reasons.set(reason, [...(reasons.get(reason) ?? []), text]);
  }
  const listed = [...reasons].map(([reason, versions]) => `\`${join(versions, ", ")}\`: ${reason}`);
  return listed.length === 0 ? "" : ` (${join(listed, "; ", MAX_REASONS)})`;
}

function derivedPhrase(incompatibility: Incompatibility, words: Vocabulary): string {
  if (isFailure(incompatibility)) return "no set of versions fits";
  const positive = incompatibility.terms.filter((term) => term.positive);
  const negative = incompatibility.terms.filter((term) => !term.positive);
  const wanted = negative.map((term) => some(term, words)).join(" or ");
  if (positive.length === 0) return negative.length === 1 ? `${wanted} is required` : `one of ${wanted} is required`;
  const [first, ...others] = positive;
  if (first === undefined) return "no set of versions fits";
  if (negative.length > 0) {
    const company =
      others.length === 0 ? "" : ` together with ${others.map((term) => some(term, words)).join(" and ")}`;
    return `${every(first, words)}${company} requires ${wanted}`;
  }
  if (others.length === 0) {
    const text = rangeText(first.id, first.set, words);
    return text === "" ? `no version of \`${first.id}\` can be chosen` : `\`${first.id} ${text}\` cannot be chosen`;
  }
  if (others.length === 1) return `${every(first, words)} excludes ${some(others[0] ?? first, words)}`;
  return `${positive.map((term) => some(term, words)).join(" and ")} cannot all be chosen`;
}

function every(term: Term, words: Vocabulary): string {
  const text = rangeText(term.id, term.set, words);
  return text === "" ? `every version of \`${term.id}\`` : `\`${term.id} ${text}\``;
}

function some(term: Term, words: Vocabulary): string {
  const text = rangeText(term.id, term.set, words);
  return text === "" ? `\`${term.id}\`` : `\`${term.id} ${text}\``;
}

/** The members of one kind as ranges over the neighbours that exist: `1.0.0`, `<=1.2.0`, `>=2.0.0`, `>=1.1.0 <=1.4.0`. */
function runsOf(all: readonly Listed[], members: readonly boolean[], isKind: (listed: Listed) => boolean): string[] {
  const places = all.flatMap((listed, place) => (isKind(listed) ? { listed, isMember: members[place] === true } : []));
  const runs: string[] = [];
  for (let start = 0; start < places.length; start++) {
    if (places[start]?.isMember !== true) continue;
    let end = start;
    while (places[end + 1]?.isMember === true && isSameLine(places[start]?.listed, places[end + 1]?.listed)) end++;
    const [first, last] = [places[start]?.listed, places[end]?.listed];
    if (first === undefined || last === undefined) continue;
    const isOpen = first.version.kind === "semver" && first.version.point.prerelease.length === 0;
    if (first === last) runs.push(first.text);
    else if (isOpen && end === places.length - 1) runs.push(`>=${first.text}`);
    else if (isOpen && start === 0) runs.push(`<=${last.text}`);
    else runs.push(`>=${first.text} <=${last.text}`);
    start = end;
  }
  return runs;
}

/** Whether one range can hold both: two releases, or two pre-releases of one triple. */
function isSameLine(left: Listed | undefined, right: Listed | undefined): boolean {
  if (left?.version.kind !== "semver" || right?.version.kind !== "semver") return false;
  const [a, b] = [left.version.point, right.version.point];
  return a.prerelease.length === 0 ? b.prerelease.length === 0 : sameTriple(a, b);
}

/** The ends of a set in which nothing exists. */
function intervalTexts(set: VersionSet): string[] {
  const texts: string[] = [];
  for (const line of [set.releases, set.prereleases]) {
    for (let place = 0; place < line.length; place += 2) {
      const [lower, upper] = [line[place], line[place + 1]];
      if (lower === undefined) continue;
      texts.push(boundsText(lower, upper));
    }
  }
  return texts.length > 0 ? texts : set.unversioned.inverted ? ["*"] : [...set.unversioned.names];
}

function boundsText(lower: Point, upper: Point | undefined): string {
  if (upper === undefined) return `>=${printPoint(lower)}`;
  const after = { ...lower, patch: lower.patch + 1 };
  if (lower.prerelease.length === 0 && comparePoints(after, upper) === 0) return printPoint(lower);
  const isFirst = lower.major + lower.minor + lower.patch === 0;
  return isFirst ? `<${printPoint(upper)}` : `>=${printPoint(lower)} <${printPoint(upper)}`;
}

function join(parts: readonly string[], separator: string, most = MAX_ALTERNATIVES): string {
  if (parts.length <= most) return parts.join(separator);
  return `${parts.slice(0, most - 1).join(separator)}${separator}… (${parts.length - most + 1} more)`;
}
