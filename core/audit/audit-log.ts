import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { ANCHOR_ACTION, anchorDetail, anchorText, readAnchor, type AnchorDetail } from "./anchor.ts";
import { redactFields, redactText } from "./redact.ts";
import { genesisHash, readLine, renderLine, SEAL_ACTION } from "./record-line.ts";
import { isEnded, lastRecord, segmentNames, segmentStamp, segmentText, stampOf, stampTime } from "./segments.ts";
import { syncDirectory, writeAll } from "../platform/durable-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import type { Audit, AuditRecord } from "../../plugin-api/service-contracts.ts";

/**
 * How many of the last segments every anchor names, whatever the one before named: a process may get the name of its segment
 * before an anchor is made, and the segment after.
 */
const OVERLAP_SEGMENTS = 8;

/** After so many bytes a process goes on in another segment, so that old ones can go while it runs. */
const SEGMENT_BYTES = 8_000_000;

/** What a log can be opened with. */
export interface AuditLogOptions {
  /** The `audit` of the generation that is current; asked when the next one is made. */
  readonly anchored?: (() => readonly string[]) | undefined;
  /** Default: 8 MB. */
  readonly segmentBytes?: number | undefined;
}

/** The audit log of one process. */
export interface AuditLog extends Audit {
  /** Ends this process's segment with a record that says so, and makes it durable; nothing when nothing was appended. */
  seal(): void;
}

/**
 * Opens the log of this process: segments `<startedAt>-<pid>.jsonl`, the first created at the first record.
 * Every record is one line, written at once, that holds the hash of the line before it; credentials in URLs are hidden.
 * `heads` appends an anchor, a record with the newest hash of every other segment that may have grown since the last one, and
 * gives that record alone. Every method throws `E_IO`: what cannot be recorded must not be done.
 */
export function openAudit(directory: string, now: () => Date, options: AuditLogOptions = {}): AuditLog {
  return new SegmentedAuditLog(directory, now, options);
}

interface Segment {
  readonly name: string;
  readonly descriptor: number;
  sequence: number;
  head: string;
  /** Of the whole records. */
  bytes: number;
}

class SegmentedAuditLog implements AuditLog {
  readonly #directory: string;
  readonly #now: () => Date;
  readonly #options: AuditLogOptions;
  #segment: Segment | undefined;

  constructor(directory: string, now: () => Date, options: AuditLogOptions) {
    this.#directory = directory;
    this.#now = now;
    this.#options = options;
  }

  append(record: AuditRecord): void {
    this.#append(record);
    const { segmentBytes = SEGMENT_BYTES } = this.#options;
    if (this.#segment !== undefined && this.#segment.bytes >= segmentBytes) this.seal();
  }

  heads(): readonly string[] {
    // A first anchor of nothing would make a segment for itself alone.
    if (this.#segment === undefined && segmentNames(this.#directory).length === 0) return [];
    const segment = (this.#segment ??= this.#open(this.#now()));
    const previous = this.#options.anchored?.() ?? [];
    const detail = { previous, ...this.#anchorOf(segment.name, this.#readAnchor(previous)) };
    this.#append({ action: ANCHOR_ACTION, subject: segment.name, outcome: "done", detail });
    this.#makeDurable(segment.name);
    return [anchorText({ hash: segment.head, segment: segment.name })];
  }

  seal(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#append({ action: SEAL_ACTION, subject: segment.name, outcome: "done" });
    try {
      fsyncSync(segment.descriptor);
      closeSync(segment.descriptor);
    } catch (error) {
      throw ioError("seal", join(this.#directory, segment.name), error);
    }
    this.#segment = undefined;
  }

  #append(record: AuditRecord): Segment {
    const now = this.#now();
    const segment = (this.#segment ??= this.#open(now));
    const { line, hash } = renderLine({
      sequence: segment.sequence + 1,
      at: now.toISOString(),
      previous: segment.head,
      record: {
        action: record.action,
        subject: redactText(record.subject),
        outcome: record.outcome,
        detail: record.detail && redactFields(record.detail),
      },
    });
    const bytes = Buffer.from(line);
    try {
      writeAll(segment.descriptor, bytes);
    } catch (error) {
      this.#takeBack(segment);
      throw ioError("append to", join(this.#directory, segment.name), error);
    }
    segment.sequence += 1;
    segment.head = hash;
    segment.bytes += bytes.length;
    return segment;
  }

  /** Cuts off what a write left behind that failed half-way; where that fails too, the next record begins another segment. */
  #takeBack(segment: Segment): void {
    try {
      ftruncateSync(segment.descriptor, segment.bytes);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#segment = undefined;
      closeSync(segment.descriptor);
    }
  }

  /** What the current generation's anchor says; `undefined` when there is none that can be read, so that all is named again. */
  #readAnchor(previous: readonly string[]): AnchorDetail | undefined {
    for (const { hash, segment } of previous.map(readAnchor)) {
      const text = segment === undefined ? undefined : segmentText(this.#directory, segment);
      const line = text?.split("\n").find((one) => one.endsWith(`"hash":"${hash}"}`));
      const read = line === undefined ? undefined : readLine(line);
      const detail = read && anchorDetail(read);
      if (detail !== undefined) return detail;
    }
    return undefined;
  }

  #anchorOf(own: string, before: AnchorDetail | undefined): Omit<AnchorDetail, "previous"> {
    const names = segmentNames(this.#directory);
    const again = new Set([...names.slice(-OVERLAP_SEGMENTS), ...(before?.open ?? [])]);
    const heads: Record<string, string> = {};
    const open = [own];
    for (const name of names) {
      if (name === own || (before !== undefined && name <= before.newest && !again.has(name))) continue;
      const last = lastRecord(segmentText(this.#directory, name) ?? "");
      if (last !== undefined) heads[name] = last.hash;
      if (isEnded(name, last)) continue;
      open.push(name);
      if (last !== undefined) this.#makeDurable(name);
    }
    return { heads, open, newest: names.at(-1) ?? own };
  }

  /** What is anchored elsewhere may not be lost here. */
  #makeDurable(name: string): void {
    const file = join(this.#directory, name);
    try {
      const descriptor = openSync(file, "r+");
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      syncDirectory(this.#directory);
    } catch (error) {
      // Some file systems have no sync of a directory; their names are durable with the file.
      if (isSystemError(error, "EINVAL", "ENOTSUP")) return;
      throw ioError("make durable", file, error);
    }
  }

  /** Names sort as segments were begun, also when the clock goes back; two that begin in one millisecond get two names. */
  #open(now: Date): Segment {
    const newest = stampOf(segmentNames(this.#directory).findLast((name) => stampOf(name) !== undefined) ?? "");
    const stamp = segmentStamp(now);
    const isBack = newest !== undefined && newest > stamp;
    const begun = isBack ? segmentStamp(new Date(stampTime(newest).getTime() + 1)) : stamp;
    const stem = `${begun}-${process.pid}`;
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? `${stem}.jsonl` : `${stem}-${count}.jsonl`;
      try {
        mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
        const descriptor = openSync(join(this.#directory, name), "ax", 0o600);
        return { name, descriptor, sequence: 0, head: genesisHash(name), bytes: 0 };
      } catch (error) {
        if (!isSystemError(error, "EEXIST")) throw ioError("create", join(this.#directory, name), error);
      }
    }
  }
}
