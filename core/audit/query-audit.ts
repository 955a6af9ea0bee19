import { readLine, type ReadLine } from "./record-line.ts";
import { segmentNames, segmentText } from "./segments.ts";

/** Which records are asked for; what is absent asks for all. */
export interface AuditQuery {
  readonly since?: Date | undefined;
  /** Not included. */
  readonly until?: Date | undefined;
  /** Ids, or names without the marketplace. */
  readonly plugins?: readonly string[] | undefined;
  /** Whole actions, or their first words: `process` finds `process start`. */
  readonly actions?: readonly string[] | undefined;
  readonly outcomes?: readonly string[] | undefined;
  /** Whole actions that are not. */
  readonly without?: ReadonlySet<string> | undefined;
}

/** One record that was found. */
export interface FoundRecord extends Omit<ReadLine, "previous" | "computed"> {
  readonly segment: string;
  /** Whether its hash is not that of its content. */
  readonly edited: boolean;
}

/** What was found, oldest first. */
export interface Found {
  readonly records: readonly FoundRecord[];
  /** How many match; more than there are in `records` when there was a limit. */
  readonly matching: number;
  /** Lines that are no records. */
  readonly unreadable: number;
}

/** The newest records that match, at most `limit`. Nothing is verified but the hash of each. Throws `E_IO`. */
export function queryAudit(directory: string, query: AuditQuery, limit: number): Found {
  const all: FoundRecord[] = [];
  let unreadable = 0;
  for (const { segment, line, read } of lines(directory)) {
    if (read === undefined) unreadable += line === "" ? 0 : 1;
    else if (matches(read, query)) {
      const { previous: _previous, computed, ...record } = read;
      all.push({ ...record, segment, edited: read.hash !== computed });
    }
  }
  const sorted = all.toSorted((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0));
  return { records: sorted.slice(-limit), matching: all.length, unreadable };
}

/**
 * Every record that matches as a JSON line, by segments and in their order. Each is the line of its segment with the name of
 * that in front, so that the chain can be checked elsewhere: without `"segment":"…",` it is the line again, byte for byte.
 */
export function* exportAudit(directory: string, query: AuditQuery): Generator<string> {
  for (const { segment, line, read } of lines(directory)) {
    if (read !== undefined && matches(read, query)) yield `{"segment":${JSON.stringify(segment)},${line.slice(1)}`;
  }
}

function* lines(
  directory: string,
): Generator<{ readonly segment: string; readonly line: string; readonly read: ReadLine | undefined }> {
  for (const segment of segmentNames(directory)) {
    for (const line of (segmentText(directory, segment) ?? "").split("\n"))
      yield { segment, line, read: readLine(line) };
  }
}

function matches(record: ReadLine, { since, until, plugins, actions, outcomes, without }: AuditQuery): boolean {
  const at = Date.parse(record.at);
  return (
    (since === undefined || at >= since.getTime()) &&
    (until === undefined || at < until.getTime()) &&
    without?.has(record.action) !== true &&
    (outcomes === undefined || outcomes.includes(record.outcome)) &&
    (actions === undefined || actions.some((one) => `${record.action} `.startsWith(`${one} `))) &&
    (plugins === undefined || concerns(record, plugins))
  );
}

/** Whether the subject or a text of the detail has the id of one of the plugins as a word. */
function concerns({ subject, detail }: ReadLine, plugins: readonly string[]): boolean {
  return [subject, ...textsOf(detail)].some((text) =>
    text.split(/[\s:]/u).some((word) => plugins.some((plugin) => isNamed(word, plugin))),
  );
}

function isNamed(word: string, plugin: string): boolean {
  return plugin.includes("@") ? word === plugin : word.startsWith(`${plugin}@`);
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
