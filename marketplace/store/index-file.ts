import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { StoreIndex } from "../../schemas/store-index.ts";
import { syncDirectory } from "./durable-file.ts";
import { ioError, isSystemError } from "./io-error.ts";

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

  #read(): Buffer {
    try {
      return readFileSync(this.#path);
    } catch (error) {
      if (isSystemError(error, "ENOENT", "ENOTDIR")) return Buffer.alloc(0);
      throw ioError("read", this.#path, error);
    }
  }
}

/** Writes every byte; a short write, as on a full disk, goes on until the system names the reason. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}
