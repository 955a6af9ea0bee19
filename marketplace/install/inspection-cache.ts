import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../../schemas/lockfile.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";

/** What inspecting one tree under one manifest found; independent of the id it is installed as. */
export interface InspectionRecord extends Pick<
  InspectedPlugin,
  "manifest" | "closure" | "executables" | "provides" | "tokens" | "bytes" | "diagnostics"
> {
  /** Of the catalog entry that the manifest was made with; `""` without one. */
  readonly entryDigest: string;
}

/** Bumped when the record's shape or what inspection finds changes; older records are then made anew. */
const RECORD_VERSION = 5;

/**
 * Inspection results beside the store, so that an installed tree is not read and hashed again to be shown.
 * Every record can be recomputed: one that is missing or damaged is treated as absent.
 */
export class InspectionCache {
  readonly #directory: string;
  readonly #fresh = new Map<string, string>();

  constructor(storeDirectory: string) {
    this.#directory = join(storeDirectory, "inspected");
  }

  /** The record of a tree under a manifest; `undefined` when there is none that this version can use. */
  read(tree: Digest, manifest: Digest): InspectionRecord | undefined {
    const fresh = this.#fresh.get(recordName(tree, manifest));
    const text = fresh ?? readOrUndefined(join(this.#directory, recordName(tree, manifest)));
    return text === undefined ? undefined : parseRecord(text);
  }

  /** Remembers a record; it reaches the disk with `write`. */
  add(tree: Digest, manifest: Digest, record: InspectionRecord): void {
    this.#fresh.set(recordName(tree, manifest), JSON.stringify({ version: RECORD_VERSION, ...record }));
  }

  /** Writes what was added. Called after the trees are in the store. */
  write(): void {
    if (this.#fresh.size === 0) return;
    mkdirSync(this.#directory, { recursive: true });
    for (const [name, text] of this.#fresh) {
      const temporary = join(this.#directory, `.${process.pid}-${name}`);
      writeFileSync(temporary, text);
      renameSync(temporary, join(this.#directory, name));
    }
    this.#fresh.clear();
  }
}

function recordName(tree: Digest, manifest: Digest): string {
  return `${tree.slice("sha256-".length)}.${manifest.slice("sha256-".length)}.json`;
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseRecord(text: string): InspectionRecord | undefined {
  try {
    // Written by `write` above; the version number stands for the shape.
    const record = JSON.parse(text) as InspectionRecord & { readonly version: number };
    return record.version === RECORD_VERSION ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
