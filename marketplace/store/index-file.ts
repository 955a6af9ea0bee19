import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { type IndexedRecord, StoreIndex } from "../../schemas/store-index.ts";
import { syncDirectory, writeDurableFile } from "./durable-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/**
 * The file that holds the index of a store. It only grows: processes append to it without waiting for each other, because
 * the kernel places each write after the last one. Whoever replaces it holds the home and sees that nobody stages.
 */
export class IndexFile {
  readonly #path: string;
  #index: StoreIndex | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The index as it was when it was first asked for, with what was appended here since. Throws `E_IO`. */
  get index(): StoreIndex {
    return (this.#index ??= new StoreIndex(this.#read()));
  }

  /** Appends records (`storeRecord`) and makes them durable. Throws `E_IO`. */
  append(records: readonly string[]): void {
    if (records.length === 0) return;
    this.#index = undefined;
    try {
      const isNew = !existsSync(this.#path);
      const descriptor = openSync(this.#path, "a", 0o644);
      try {
        // The empty line keeps what a crash tore off before from swallowing the first record.
        writeAll(descriptor, Buffer.from(`\n${records.join("")}`));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      if (isNew) syncDirectory(dirname(this.#path));
    } catch (error) {
      throw ioError("write", this.#path, error);
    }
  }

  /**
   * The text that the index has with only the records that `keeps` names; `undefined` when it has it already. Throws `E_IO`.
   */
  without(keeps: (record: IndexedRecord) => boolean): string | undefined {
    const bytes = this.#read();
    if (bytes.length === 0) return undefined;
    const kept = [...new StoreIndex(bytes).records()].filter(keeps).map(({ text }) => text);
    if (kept.length === filledLines(bytes)) return undefined;
    return kept.length === 0 ? "" : `\n${kept.join("")}`;
  }

  /** Replaces the index whole; the caller holds the home, and nobody stages. Throws `E_IO`. */
  replace(text: string): void {
    this.#index = undefined;
    writeDurableFile(this.#path, text);
  }

  #read(): Buffer {
    try {
      return readFileSync(this.#path);
    } catch (error) {
      if (isSystemError(error, "ENOENT", "ENOTDIR")) return Buffer.alloc(0);
      throw ioError("read", this.#path, error);
    }
  }
}

/** How many lines hold something, torn ones and those that were replaced among them. */
function filledLines(bytes: Buffer): number {
  let count = 0;
  for (let start = 0; start < bytes.length; count += 1) {
    while (bytes[start] === 0x0a) start += 1;
    if (start >= bytes.length) break;
    const end = bytes.indexOf(0x0a, start);
    start = end === -1 ? bytes.length : end;
  }
  return count;
}

/** Writes every byte; a short write, as on a full disk, goes on until the system names the reason. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}
