import { createHash } from "node:crypto";
import type { AuditRecord } from "../../plugin-api/service-contracts.ts";

/** A record with its place in the chain of its segment; `sequence` counts from 1. */
export interface ChainedRecord {
  readonly sequence: number;
  readonly at: string;
  /** Hash of the record before it; of the segment's name for the first. */
  readonly previous: string;
  readonly record: AuditRecord;
}

/** A line that was read back. */
export interface ReadLine {
  readonly sequence: number;
  readonly at: string;
  readonly previous: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
  readonly hash: string;
  /** What the hash of the line has to be. */
  readonly computed: string;
}

/** How a segment's last record is named once its process has ended in order. */
export const SEAL_ACTION = "seal";

const HASH_TAIL = /,"hash":"([0-9a-f]{64})"\}$/;

/** The `previous` of a segment's first record: a segment under another name does not verify. */
export function genesisHash(segment: string): string {
  return sha256(`plugsmith-audit ${segment}`);
}

/** The line of a record, with its newline, and its hash: SHA-256 of the line's JSON before the hash was added. */
export function renderLine({ sequence, at, previous, record }: ChainedRecord): {
  readonly line: string;
  readonly hash: string;
} {
  const { action, subject, outcome, detail } = record;
  const body = JSON.stringify({ sequence, at, previous, action, subject, outcome, detail });
  const hash = sha256(body);
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}\n`, hash };
}

/** Reads a line without its newline; `undefined` when it is no audit record. */
export function readLine(line: string): ReadLine | undefined {
  const tail = HASH_TAIL.exec(line);
  if (tail?.[1] === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isFields(value)) return undefined;
  const { sequence, at, previous, action, subject, outcome, detail } = value;
  const texts = [at, previous, action, subject, outcome];
  if (typeof sequence !== "number" || !areTexts(texts)) return undefined;
  const [when = "", before = "", does = "", about = "", answer = ""] = texts;
  return {
    sequence,
    at: when,
    previous: before,
    action: does,
    subject: about,
    outcome: answer,
    detail: isFields(detail) ? detail : undefined,
    hash: tail[1],
    computed: sha256(`${line.slice(0, tail.index)}}`),
  };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areTexts(values: readonly unknown[]): values is readonly string[] {
  return values.every((value) => typeof value === "string");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
