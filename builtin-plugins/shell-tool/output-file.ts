import { closeSync, openSync, readSync, writeSync } from "node:fs";

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const PREVIEW_BYTES = 24_000;
const TAIL_BYTES = 6_000;

/** What a program writes: kept in memory up to a limit, beyond it in a file with a preview for the model. */
export class OutputFile {
  readonly #place: () => string;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #file: { readonly path: string; readonly handle: number } | undefined;
  #tail: Buffer = Buffer.alloc(0);
  #isFull = false;
  #isClosed = false;

  /** `place` names the file when one is needed. */
  constructor(place: () => string) {
    this.#place = place;
  }

  /** Whether more was written than is kept; the program should be ended. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes everything to a file from now on; returns its path. */
  keep(): string {
    return this.#file?.path ?? this.#spill();
  }

  /** Adds output in the order in which it came. */
  add(chunk: Uint8Array): void {
    if (this.#isFull || this.#isClosed) return;
    this.#isFull = this.#bytes + chunk.length > MAX_FILE_BYTES;
    const kept = this.#isFull ? chunk.subarray(0, MAX_FILE_BYTES - this.#bytes) : chunk;
    this.#bytes += kept.length;
    this.#tail = Buffer.concat([this.#tail, kept]).subarray(-TAIL_BYTES);
    if (this.#file !== undefined) write(this.#file.handle, kept);
    else this.#chunks.push(kept);
    if (this.#file === undefined && this.#bytes > PREVIEW_BYTES + TAIL_BYTES) this.#spill();
  }

  /** Everything, or the beginning and the end with the name of the file between them. */
  preview(): string {
    const head = Buffer.concat(this.#chunks);
    if (this.#file === undefined) return decode(head);
    const skipped = this.#bytes - PREVIEW_BYTES - TAIL_BYTES;
    if (skipped <= 0) return decode(this.#read(0, this.#bytes));
    const note = `… (${String(skipped)} bytes are left out; all of it is in \`${this.#file.path}\`) …`;
    return `${decode(head.subarray(0, PREVIEW_BYTES))}\n${note}\n${decode(this.#tail)}`;
  }

  /** Output from a byte on, at most as much as a preview, and where to go on. */
  from(offset: number): { readonly text: string; readonly next: number } {
    const end = Math.min(this.#bytes, offset + PREVIEW_BYTES);
    const bytes = wholeCharacters(this.#read(offset, end));
    return { text: decode(bytes), next: offset + bytes.length };
  }

  /** Nothing more is coming. */
  close(): void {
    this.#isClosed = true;
    if (this.#file !== undefined) closeSync(this.#file.handle);
  }

  #read(from: number, to: number): Buffer {
    if (this.#file === undefined) return Buffer.concat(this.#chunks).subarray(from, to);
    const bytes = Buffer.alloc(to - from);
    const handle = openSync(this.#file.path, "r");
    try {
      return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, from));
    } finally {
      closeSync(handle);
    }
  }

  #spill(): string {
    const path = this.#place();
    const handle = openSync(path, "wx", 0o600);
    this.#file = { path, handle };
    const all = Buffer.concat(this.#chunks);
    write(handle, all);
    this.#chunks = [all.subarray(0, PREVIEW_BYTES)];
    return path;
  }
}

function write(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
}

/** Without a character of UTF-8 whose end has not come yet. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length - 1); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, -back) : bytes;
  }
  return bytes;
}

/** Colours and other sequences of terminals mean nothing to a model. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll(/\x1B(?:\[[\d;?]*[A-Za-z]|\][^\x07\x1B]*(?:\x07|\x1B\\))/gu, "");
}
