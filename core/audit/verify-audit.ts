import { anchorDetail, namedBy, readAnchor, type Anchored } from "./anchor.ts";
import { accountsFor, pruneDetail, type PruneDetail } from "./prune-detail.ts";
import { genesisHash, readLine, SEAL_ACTION, type ReadLine } from "./record-line.ts";
import { isEnded, segmentNames, segmentText } from "./segments.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";

/** What a generation, or another place outside the log, says of it. */
export interface OutsideAnchor {
  /** As messages name it, e.g. `generation 3`. */
  readonly by: string;
  /** Its `audit`. */
  readonly audit: readonly string[];
}

/** Segments that were removed on purpose. */
export interface Pruning extends Omit<PruneDetail, "kept"> {
  readonly at: string;
  /** Whether an anchor names the record of it, or a later one of its segment: nobody has added it since. */
  readonly anchored: boolean;
}

/** What became of a log. */
export interface AuditVerdict {
  readonly segments: number;
  readonly records: number;
  /** Records after the last anchored one of their segment: one that is cut off there leaves no trace. */
  readonly unanchored: number;
  readonly prunings: readonly Pruning[];
  /** Edited, missing or moved records are errors; a segment whose process died is a warning. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks every segment of an audit directory, and that each record that a generation or an anchor in the log itself names is
 * still there. Throws `E_IO`.
 */
export function verifyAudit(directory: string, outside: readonly OutsideAnchor[]): AuditVerdict {
  const segments = new Map<string, CheckedSegment>();
  for (const name of segmentNames(directory)) {
    const text = segmentText(directory, name);
    if (text !== undefined) segments.set(name, checkSegment(name, text));
  }
  const claims = claimsOf(outside, segments);
  const last = lastAnchored(claims, segments);
  const prunes = [...segments].flatMap(([name, { records }]) =>
    records.flatMap((record) => {
      const detail = pruneDetail(record);
      return detail === undefined
        ? []
        : [{ ...detail, at: record.at, anchored: record.sequence <= (last.get(name) ?? 0) }];
    }),
  );
  const counted = [...segments].map(([name, { records }]) => ({ all: records.length, anchored: last.get(name) ?? 0 }));
  return {
    segments: segments.size,
    records: counted.reduce((sum, { all }) => sum + all, 0),
    unanchored: counted.reduce((sum, { all, anchored }) => sum + Math.max(0, all - anchored), 0),
    prunings: prunes.map((prune) => {
      const { kept: _kept, ...pruning } = prune;
      return pruning;
    }),
    diagnostics: [...segments.values()]
      .flatMap(({ diagnostics }) => diagnostics)
      .concat(missing(claims, segments, prunes)),
  };
}

const TAMPERED = "somebody changed the log after it was written; compare it with a backup";

interface CheckedSegment {
  readonly records: readonly ReadLine[];
  /** Sequence of each record, by its hash. */
  readonly places: ReadonlyMap<string, number>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Something that says that a record exists. */
interface Claim extends Anchored {
  readonly by: string;
}

function claimsOf(outside: readonly OutsideAnchor[], segments: ReadonlyMap<string, CheckedSegment>): readonly Claim[] {
  const claims = outside.flatMap(({ by, audit }) => audit.map((text) => ({ by, ...readAnchor(text) })));
  for (const [name, { records }] of segments) {
    for (const record of records) {
      const detail = anchorDetail(record);
      const by = `the anchor of ${record.at} in \`${name}\``;
      if (detail !== undefined) claims.push(...namedBy(detail).map((anchored) => ({ by, ...anchored })));
    }
  }
  return claims;
}

/** The sequence of the last record of each segment that something outside of it names. */
function lastAnchored(
  claims: readonly Claim[],
  segments: ReadonlyMap<string, CheckedSegment>,
): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { hash, segment } of claims) {
    const at = segment === undefined ? undefined : segments.get(segment)?.places.get(hash);
    if (segment !== undefined && at !== undefined) last.set(segment, Math.max(at, last.get(segment) ?? 0));
  }
  return last;
}

/** One error for each segment, or record of an unknown one, that is named and not there. */
function missing(
  claims: readonly Claim[],
  segments: ReadonlyMap<string, CheckedSegment>,
  prunes: readonly PruneDetail[],
): readonly Diagnostic[] {
  const told = new Map<string, Diagnostic>();
  for (const { hash, segment, by } of claims) {
    const found = segment === undefined ? undefined : segments.get(segment);
    const isThere =
      segment === undefined
        ? [...segments.values()].some(({ places }) => places.has(hash))
        : found?.places.has(hash) === true || (found === undefined && prunes.some((one) => accountsFor(one, segment)));
    const key = segment ?? hash;
    if (isThere || told.has(key)) continue;
    const message =
      segment === undefined
        ? `the audit record \`${hash}\`, which ${by} names, is gone`
        : found === undefined
          ? `the segment is gone, and ${by} names it`
          : `its end was cut off or written anew: the record \`${hash}\`, which ${by} names, is not in it`;
    told.set(key, { code: "E_INTEGRITY", severity: "error", message, file: segment, hint: TAMPERED });
  }
  return [...told.values()];
}

function checkSegment(name: string, text: string): CheckedSegment {
  const diagnostics: Diagnostic[] = [];
  const records: ReadLine[] = [];
  const broken = (line: number, message: string): void => {
    diagnostics.push({ code: "E_INTEGRITY", severity: "error", message, file: name, line, hint: TAMPERED });
  };
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  let previous = genesisHash(name);
  let sequence = 0;
  for (const [index, line] of lines.entries()) {
    const read = readLine(line);
    if (read === undefined) {
      broken(index + 1, "the line is no audit record");
      continue;
    }
    if (read.hash !== read.computed) broken(index + 1, "the record was edited: its hash is not that of its content");
    else if (read.sequence > sequence + 1) broken(index + 1, gap(sequence + 1, read.sequence - 1));
    else if (read.sequence <= sequence) broken(index + 1, `record ${read.sequence} stands after record ${sequence}`);
    else if (read.previous !== previous) broken(index + 1, "the record does not follow the one before it");
    else if (records.at(-1)?.action === SEAL_ACTION) broken(index + 1, "a record follows the seal");
    records.push(read);
    ({ hash: previous, sequence } = read);
  }
  if (!isEnded(name, records.at(-1))) return checked(records, diagnostics);
  if (records.at(-1)?.action !== SEAL_ACTION) {
    diagnostics.push({
      code: "W_AUDIT_UNSEALED",
      severity: "warning",
      message: torn
        ? "the last record is incomplete: its process died while writing"
        : "the segment has no seal: its process died, or its end was cut off",
      file: name,
      line: lines.length + (torn ? 1 : 0),
    });
  }
  return checked(records, diagnostics);
}

function checked(records: readonly ReadLine[], diagnostics: readonly Diagnostic[]): CheckedSegment {
  // A record whose hash is not that of its content proves nothing.
  const sound = records.filter(({ hash, computed }) => hash === computed);
  return { records: sound, places: new Map(sound.map(({ hash, sequence }) => [hash, sequence])), diagnostics };
}

function gap(first: number, last: number): string {
  return first === last ? `record ${first} is missing` : `records ${first} to ${last} are missing`;
}
