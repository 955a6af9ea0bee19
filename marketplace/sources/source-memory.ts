import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { isRecord } from "../../schemas/record.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { writeDurableFile } from "../store/durable-file.ts";

/** The repository that was found at a source. */
export interface RememberedSource {
  /** `GitUrl.identity`. */
  readonly identity: string;
  /** Branch, tag or `HEAD` that was looked at first. */
  readonly ref: string;
  /** The first commit that was seen, or that a person accepted. */
  readonly first: string;
  readonly at: string;
  /** Commits that stood at the end of its refs and have one history with `first`; the newest last, `first` not among them. */
  readonly later: readonly string[];
}

/** How a memory is kept. */
export interface SourceMemoryOptions {
  /** `Home.sources`. */
  readonly directory: string;
  /** False in a dry run, which leaves nothing behind. */
  readonly keeps: boolean;
  readonly now: () => Date;
}

const SCHEMA = 1;
const KEPT = 31;

/** Which repository was found at each source, one file a source; nothing but a person's yes makes it forget. */
export class SourceMemory {
  readonly #options: SourceMemoryOptions;
  readonly #known = new Map<string, RememberedSource | undefined>();

  constructor(options: SourceMemoryOptions) {
    this.#options = options;
  }

  /** Throws `E_STATE_CORRUPT` for a damaged file: what cannot be read could have said no. */
  of(identity: string): RememberedSource | undefined {
    if (!this.#known.has(identity)) this.#known.set(identity, read(this.#file(identity), identity));
    return this.#known.get(identity);
  }

  /** Adds a commit to what is known of a source; begins with it when nothing is. */
  remember(identity: string, ref: string, commit: string): void {
    const known = this.of(identity);
    if (known === undefined) return this.replace(identity, ref, commit);
    const later = [...known.later.filter((other) => other !== commit), commit].slice(-KEPT);
    this.#write({ ...known, later });
  }

  /** Begins anew with a commit. */
  replace(identity: string, ref: string, commit: string): void {
    this.#write({ identity, ref, first: commit, at: this.#options.now().toISOString(), later: [] });
  }

  #write(source: RememberedSource): void {
    this.#known.set(source.identity, source);
    const { directory, keeps } = this.#options;
    if (!keeps) return;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw ioError("create", directory, error);
    }
    const file = this.#file(source.identity);
    const text = `${JSON.stringify({ schema: SCHEMA, ...source }, undefined, 2)}\n`;
    // Fetches hold no lock of the home, and two of one source may end together.
    const temporary = `${file}.${String(process.pid)}.new`;
    writeDurableFile(file, text, { temporary, mode: 0o600, directoryLater: true });
  }

  #file(identity: string): string {
    return join(this.#options.directory, `${createHash("sha256").update(identity).digest("hex").slice(0, 32)}.json`);
  }
}

function read(file: string, identity: string): RememberedSource | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw ioError("read", file, error);
  }
  const value = parsed(text);
  if (isRecord(value) && typeof value["schema"] === "number" && value["schema"] > SCHEMA) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` was written by a newer Plugsmith`, {
      where: file,
      hint: "update Plugsmith",
    });
  }
  if (isRemembered(value) && value.identity === identity) return value;
  throw new CodedError("E_STATE_CORRUPT", `what is remembered of \`${identity}\` is damaged`, {
    where: file,
    hint: "remove the file if you know that the repository still is the one that it was",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRemembered(value: unknown): value is RememberedSource {
  if (!isRecord(value) || value["schema"] !== SCHEMA) return false;
  const { later } = value as { readonly later?: unknown };
  const texts = ["identity", "ref", "first", "at"].every((key) => typeof value[key] === "string");
  return texts && Array.isArray(later) && later.every((commit) => typeof commit === "string");
}
