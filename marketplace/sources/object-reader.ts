import type { ChildProcessWithoutNullStreams } from "node:child_process";

import { CodedError } from "../../schemas/errors.ts";
import { gitFailure } from "./git-failure.ts";
import type { GitRunner } from "./git-runner.ts";

/** One object out of the store. */
export interface GitObject {
  readonly oid: string;
  readonly type: "blob" | "tree" | "commit" | "tag";
  readonly bytes: Buffer;
}

/** What several reads together may still bring, counted down. */
interface Allowance {
  bytes: number;
}

interface Pending {
  readonly allowance: Allowance;
  readonly resolve: (found: GitObject | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** `<oid> <type> <size>`, `<name> missing` or `<name> ambiguous`. */
const HEADER = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/u;
const NEWLINE = 0x0a;
const ARGUMENTS = ["cat-file", "--batch"] as const;
const MAX_STDERR = 4096;
const MAX_TOTAL = 512 * 1024 * 1024;

/** One long-lived `git cat-file --batch`: pipelined reads of one object store, no process per object. */
export class ObjectReader {
  readonly #runner: GitRunner;
  readonly #gitDirectory: string;
  readonly #maxBytes: number;
  #child: ChildProcessWithoutNullStreams | undefined;
  #stderr = "";
  readonly #pending: Pending[] = [];
  #first = 0;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #header: { readonly oid: string; readonly type: GitObject["type"]; readonly size: number } | undefined;

  /** `maxBytes`: reading a larger object fails with `E_LIMIT_FILE`. */
  constructor(runner: GitRunner, gitDirectory: string, maxBytes: number) {
    this.#runner = runner;
    this.#gitDirectory = gitDirectory;
    this.#maxBytes = maxBytes;
  }

  /**
   * Objects by name (an oid, or any revision expression that holds no newline), `undefined` where absent. Order as asked.
   * Throws `E_LIMIT_SIZE` when all of them have more than `maxTotalBytes`; nothing beyond a limit is held in memory.
   */
  async read(names: readonly string[], maxTotalBytes: number = MAX_TOTAL): Promise<readonly (GitObject | undefined)[]> {
    if (names.length === 0) return [];
    const child = this.#started();
    const allowance = { bytes: maxTotalBytes };
    const answers = names.map(
      () => new Promise<GitObject | undefined>((resolve, reject) => this.#pending.push({ allowance, resolve, reject })),
    );
    child.stdin.write(`${names.join("\n")}\n`);
    return await Promise.all(answers);
  }

  /** Ends the process; pending reads fail. */
  close(): void {
    const child = this.#child;
    if (child === undefined) return;
    this.#fail(child, new CodedError("E_INTERRUPTED", "reading the repository was stopped"));
    child.stdin.end();
    child.kill();
  }

  #started(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child;
    const child = this.#runner.start({ arguments: ARGUMENTS, gitDirectory: this.#gitDirectory });
    this.#child = child;
    this.#stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (this.#child !== child) return;
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      this.#drain();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString("utf8")).slice(-MAX_STDERR);
    });
    child.stdin.on("error", () => child.stdin.destroy());
    const argv = ["git", `--git-dir=${this.#gitDirectory}`, ...ARGUMENTS];
    child.on("error", (error) => this.#fail(child, error));
    child.on("close", (code) => this.#fail(child, gitFailure(argv, this.#stderr, `exit ${code}`)));
    return child;
  }

  #fail(child: ChildProcessWithoutNullStreams, error: unknown): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#chunks = [];
    this.#buffered = 0;
    this.#header = undefined;
    const waiting = this.#pending.splice(0).slice(this.#first);
    this.#first = 0;
    for (const { reject } of waiting) reject(error);
  }

  #drain(): void {
    for (;;) {
      if (this.#header === undefined) {
        const line = this.#takeLine();
        if (line === undefined) return;
        const match = HEADER.exec(line);
        if (match === null) {
          this.#answer(undefined);
          continue;
        }
        const [, oid = "", type = "", size = "0"] = match;
        // The pattern admits these four words only.
        this.#header = { oid, type: type as GitObject["type"], size: Number(size) };
        const refusal = this.#refusal(oid, Number(size));
        if (refusal !== undefined) return this.#abandon(refusal);
      }
      if (this.#buffered < this.#header.size + 1) return;
      const { oid, type, size } = this.#header;
      const bytes = this.#take(size + 1).subarray(0, size);
      this.#header = undefined;
      this.#answer({ oid, type, bytes });
    }
  }

  /** Counts an announced object; an error when it is more than was allowed. */
  #refusal(oid: string, size: number): CodedError | undefined {
    const allowance = this.#pending[this.#first]?.allowance;
    if (size > this.#maxBytes) return tooLarge(oid, size, this.#maxBytes);
    if (allowance === undefined || size <= allowance.bytes) {
      if (allowance !== undefined) allowance.bytes -= size;
      return undefined;
    }
    return new CodedError("E_LIMIT_SIZE", `the files in \`${this.#gitDirectory}\` expand to too many bytes`, {
      hint: "a plugin should not be that large; it may be an attack",
    });
  }

  /** Stops reading an answer that is too large; the next read starts a new process. */
  #abandon(error: CodedError): void {
    const child = this.#child;
    if (child === undefined) return;
    this.#fail(child, error);
    child.kill("SIGKILL");
  }

  #answer(found: GitObject | undefined): void {
    const pending = this.#pending[this.#first];
    this.#first += 1;
    if (this.#first === this.#pending.length) {
      this.#pending.length = 0;
      this.#first = 0;
    }
    pending?.resolve(found);
  }

  #takeLine(): string | undefined {
    let before = 0;
    for (const chunk of this.#chunks) {
      const end = chunk.indexOf(NEWLINE);
      if (end >= 0)
        return this.#take(before + end + 1)
          .toString("utf8")
          .slice(0, -1);
      before += chunk.length;
    }
    return undefined;
  }

  #take(size: number): Buffer {
    const [first] = this.#chunks;
    this.#buffered -= size;
    if (first !== undefined && first.length >= size) {
      if (first.length === size) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(size);
      return first.subarray(0, size);
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = all.length === size ? [] : [all.subarray(size)];
    return all.subarray(0, size);
  }
}

function tooLarge(oid: string, size: number, maxBytes: number): CodedError {
  return new CodedError("E_LIMIT_FILE", `git object \`${oid}\` has ${size} bytes; the limit is ${maxBytes}`, {
    hint: "a plugin should not carry files that large",
  });
}
