import { CodedError } from "../../schemas/errors.ts";
import { parseTreePath } from "../../schemas/tree-path.ts";
import { quoted } from "../store/member-rules.ts";

/** One file of an archive. */
export interface ArchiveFile {
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** What an archive may unpack to (attacks.md, default limits). */
export interface ArchiveLimits {
  readonly totalBytes: number;
  readonly fileBytes: number;
  readonly entries: number;
  /** Expanded to compressed size, once more than a mebibyte is expanded. */
  readonly ratio: number;
}

/** What to do about an archive, by what is wrong with it. */
export interface ArchiveHints {
  readonly refused: string;
  readonly damaged: string;
}

/** For what its author published. */
export const PUBLISHED_HINTS: ArchiveHints = {
  refused: "use another version of it, or tell its author",
  damaged: "fetch it again; if that does not help, its author has to publish it again",
};

/** The limits of an archive that is one plugin. */
export const PLUGIN_LIMITS: ArchiveLimits = {
  totalBytes: 512 * 1024 * 1024,
  fileBytes: 64 * 1024 * 1024,
  entries: 20_000,
  ratio: 200,
};

const RATIO_AFTER_BYTES = 1024 * 1024;

/**
 * The members of one archive while it is read, under the rules of attacks.md AX01 to AX24 that need no look at the store: kinds, paths,
 * what occurs twice, and our own count of everything whatever the archive claims. `label` names the archive in messages.
 */
export class Members {
  readonly files: Map<string, ArchiveFile> = new Map();
  readonly #directories = new Set<string>();
  readonly #label: string;
  readonly #limits: ArchiveLimits;
  readonly #hints: ArchiveHints;
  #entries = 0;
  #expanded = 0;

  constructor(label: string, limits: ArchiveLimits, hints: ArchiveHints = PUBLISHED_HINTS) {
    this.#label = label;
    this.#limits = limits;
    this.#hints = hints;
  }

  /** Counts a header before anything is done with it. Throws `E_LIMIT_ENTRIES`. */
  countEntry(): void {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries)
      throw this.#tooMuch("E_LIMIT_ENTRIES", `has more than ${this.#limits.entries} members`);
  }

  /** Counts bytes as they come out of the decompressor. Throws `E_LIMIT_SIZE` or `E_LIMIT_RATIO`. */
  countBytes(expanded: number, compressedSoFar: number): void {
    this.#expanded += expanded;
    const { totalBytes, ratio } = this.#limits;
    if (this.#expanded > totalBytes) throw this.#tooMuch("E_LIMIT_SIZE", `unpacks to more than ${totalBytes} bytes`);
    if (this.#expanded > RATIO_AFTER_BYTES && this.#expanded > ratio * Math.max(compressedSoFar, 1))
      throw this.#tooMuch("E_LIMIT_RATIO", `unpacks to more than ${ratio} times its size`);
  }

  /** Counts what is known of one file. Throws `E_LIMIT_FILE`. */
  countFile(path: string, bytes: number): void {
    const { fileBytes } = this.#limits;
    if (bytes > fileBytes)
      throw this.#tooMuch("E_LIMIT_FILE", `holds ${quoted(path)}, which is larger than ${fileBytes} bytes`);
  }

  addDirectory(written: string): void {
    const path = this.#path(written);
    if (path === "") return;
    if (this.files.has(path)) throw this.refusal("E_ARCHIVE_PATH", written, "is a file and a directory");
    this.#addParents(path, written);
    this.#directories.add(path);
  }

  addFile(written: string, file: ArchiveFile): void {
    const path = this.#path(written);
    if (path === "") throw this.refusal("E_ARCHIVE_PATH", written, "has no name");
    if (this.files.has(path) || this.#directories.has(path))
      throw this.refusal("E_ARCHIVE_PATH", written, "occurs twice");
    this.#addParents(path, written);
    this.files.set(path, file);
  }

  /** The refusal of one member. */
  refusal(code: "E_ARCHIVE_LINK" | "E_ARCHIVE_TYPE" | "E_ARCHIVE_PATH", path: string, why: string): CodedError {
    return new CodedError(code, `${this.#label} holds ${quoted(path)}, which ${why}`, {
      hint: this.#hints.refused,
    });
  }

  #addParents(path: string, written: string): void {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      if (this.files.has(parent)) throw this.refusal("E_ARCHIVE_PATH", written, "lies below a file");
      this.#directories.add(parent);
    }
  }

  #path(written: string): string {
    const parsed = parseTreePath(written);
    if ("path" in parsed) return parsed.path;
    throw this.refusal("E_ARCHIVE_PATH", written, parsed.problem.why);
  }

  #tooMuch(code: "E_LIMIT_ENTRIES" | "E_LIMIT_SIZE" | "E_LIMIT_RATIO" | "E_LIMIT_FILE", why: string): CodedError {
    return new CodedError(code, `${this.#label} ${why}`, { hint: this.#hints.refused });
  }
}

/** The refusal of an archive that cannot be read to its end. */
export function corruptArchive(
  label: string,
  cause: unknown,
  why = "is damaged",
  hints: ArchiveHints = PUBLISHED_HINTS,
): CodedError {
  return new CodedError("E_ARCHIVE_CORRUPT", `${label} ${why}`, {
    hint: hints.damaged,
    ...(cause === undefined ? {} : { cause }),
  });
}
