import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { redactFields, redactText } from "./redact.ts";
import { genesisHash, readLine, renderLine, SEAL_ACTION } from "./record-line.ts";
import { syncDirectory, writeAll } from "../platform/durable-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import type { Audit, AuditRecord } from "../../plugin-api/service-contracts.ts";

/** How many segments of other processes a generation anchors; older ones were anchored by generations before it. */
const ANCHORED_SEGMENTS = 32;

/** The audit log of one process. */
export interface AuditLog extends Audit {
  /** Ends this process's segment with a record that says so, and makes it durable; nothing when nothing was appended. */
  seal(): void;
}

/**
 * Opens the log of this process: one segment `<startedAt>-<pid>.jsonl`, created at the first record.
 * Every record is one line, written at once, that holds the hash of the line before it; credentials in URLs are hidden.
 * Every method throws `E_IO`: what cannot be recorded must not be done.
 */
export function openAudit(directory: string, now: () => Date): AuditLog {
  return new SegmentedAuditLog(directory, now);
}

/** The names of the segments in a directory, oldest first; none when it is absent. Throws `E_IO`. */
export function segmentNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".jsonl"))
      .sort();
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return [];
    throw ioError("list", directory, error);
  }
}

interface Segment {
  readonly name: string;
  readonly descriptor: number;
}

class SegmentedAuditLog implements AuditLog {
  readonly #directory: string;
  readonly #now: () => Date;
  #segment: Segment | undefined;
  #sequence = 0;
  #head = "";

  constructor(directory: string, now: () => Date) {
    this.#directory = directory;
    this.#now = now;
  }

  append(record: AuditRecord): void {
    const at = this.#now().toISOString();
    this.#segment ??= this.#open(at);
    const subject = redactText(record.subject);
    const { line, hash } = renderLine({
      sequence: this.#sequence + 1,
      at,
      previous: this.#head,
      record: {
        action: record.action,
        subject,
        outcome: record.outcome,
        detail: record.detail && redactFields(record.detail),
      },
    });
    try {
      writeAll(this.#segment.descriptor, Buffer.from(line));
    } catch (error) {
      throw ioError("append to", join(this.#directory, this.#segment.name), error);
    }
    this.#sequence += 1;
    this.#head = hash;
  }

  heads(): readonly string[] {
    if (this.#segment !== undefined) this.#makeDurable(this.#segment);
    const own = this.#segment?.name;
    const others = segmentNames(this.#directory).filter((name) => name !== own);
    const heads = others.slice(-ANCHORED_SEGMENTS).map((name) => lastHash(join(this.#directory, name)));
    return [...(own === undefined ? [] : [this.#head]), ...heads.filter((head) => head !== undefined)];
  }

  seal(): void {
    if (this.#segment === undefined) return;
    this.append({ action: SEAL_ACTION, subject: this.#segment.name, outcome: "done" });
    const { name, descriptor } = this.#segment;
    try {
      fsyncSync(descriptor);
      closeSync(descriptor);
    } catch (error) {
      throw ioError("seal", join(this.#directory, name), error);
    }
    this.#segment = undefined;
  }

  /** What is anchored elsewhere may not be lost here. */
  #makeDurable({ name, descriptor }: Segment): void {
    try {
      fsyncSync(descriptor);
      syncDirectory(this.#directory);
    } catch (error) {
      // Some file systems have no sync of a directory; their names are durable with the file.
      if (isSystemError(error) && (error.code === "EINVAL" || error.code === "ENOTSUP")) return;
      throw ioError("make durable", join(this.#directory, name), error);
    }
  }

  /** Two logs of one process that start in one millisecond get two segments. */
  #open(at: string): Segment {
    const stem = `${at.replaceAll(/[-:]/g, "")}-${process.pid}`;
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? `${stem}.jsonl` : `${stem}-${count}.jsonl`;
      try {
        mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
        const descriptor = openSync(join(this.#directory, name), "ax", 0o600);
        this.#sequence = 0;
        this.#head = genesisHash(name);
        return { name, descriptor };
      } catch (error) {
        if (!isSystemError(error) || error.code !== "EEXIST")
          throw ioError("create", join(this.#directory, name), error);
      }
    }
  }
}

/** The hash of the newest whole record; `undefined` when the segment holds none, or has gone. */
function lastHash(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return undefined;
    throw ioError("read", file, error);
  }
  const lines = text.split("\n");
  for (let index = lines.length - 2; index >= 0; index -= 1) {
    const read = readLine(lines[index] ?? "");
    if (read !== undefined) return read.hash;
  }
  return undefined;
}
