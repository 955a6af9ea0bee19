import { spawnSync } from "node:child_process";
import { CodedError } from "../../schemas/errors.ts";
import { isSystemError } from "../../schemas/system-error.ts";

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** How one git command ended. */
interface GitEnd {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * An author's own repository: git runs in it as the author would run it, with their configuration, hooks, keys and prompts,
 * which is what signing and committing need. Never to be used on a repository of somebody else.
 */
export class WorkTree {
  readonly directory: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(directory: string, environment: Readonly<Record<string, string | undefined>>) {
    this.directory = directory;
    this.#environment = environment;
  }

  /** The output of a command without its last line end. Throws `E_GIT` with git's own words, and `E_GIT_MISSING`. */
  run(argv: readonly string[], hint = "run it yourself to see more", input?: string): string {
    const { ok, stdout, stderr } = this.#end(argv, input);
    if (ok) return stdout.replace(/\n$/u, "");
    throw new CodedError("E_GIT", `\`git ${argv.join(" ")}\` failed: ${saidBy(stderr)}`, {
      hint,
      where: this.directory,
    });
  }

  /** The output of a command that may fail, without its last line end; `undefined` when it does. */
  ask(argv: readonly string[]): string | undefined {
    const { ok, stdout } = this.#end(argv);
    return ok ? stdout.replace(/\n$/u, "") : undefined;
  }

  /** The output of a command as bytes. Throws as `run` does. */
  bytes(argv: readonly string[], input: string): Buffer {
    const done = spawnSync("git", argv, {
      cwd: this.directory,
      env: { ...this.#environment, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" },
      maxBuffer: MAX_OUTPUT_BYTES,
      input,
    });
    if (done.error === undefined && done.status === 0) return done.stdout;
    throw new CodedError(
      "E_GIT",
      `\`git ${argv.join(" ")}\` failed: ${done.error?.message ?? saidBy(done.stderr.toString())}`,
      {
        hint: "run it yourself to see more",
        where: this.directory,
      },
    );
  }

  #end(argv: readonly string[], input?: string): GitEnd {
    const done = spawnSync("git", argv, {
      cwd: this.directory,
      env: { ...this.#environment, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" },
      encoding: "utf8",
      maxBuffer: MAX_OUTPUT_BYTES,
      input,
      // A passphrase or a commit hook may ask the author something.
      stdio: [input === undefined ? "inherit" : "pipe", "pipe", "pipe"],
    });
    // Ctrl-C at a terminal reaches git too.
    if (done.signal === "SIGINT") throw new CodedError("E_INTERRUPTED", "interrupted");
    if (done.error === undefined) return { ok: done.status === 0, stdout: done.stdout, stderr: done.stderr };
    if (isSystemError(done.error, "ENOENT")) {
      throw new CodedError("E_GIT_MISSING", "the `git` program was not found", {
        hint: "install git",
        cause: done.error,
      });
    }
    throw new CodedError("E_GIT", `\`git ${argv.join(" ")}\` could not be run: ${done.error.message}`, {
      cause: done.error,
      hint: "run it yourself to see more",
    });
  }
}

/** What git says went wrong: the lines that it marks so, otherwise its last ones. */
function saidBy(stderr: string): string {
  const lines = stderr.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  const marked = lines.filter((line) => /^(?:fatal|error): /u.test(line));
  const said = (marked.length > 0 ? marked : lines).slice(-3).join("; ");
  return said === "" ? "it said nothing" : said;
}

/** The person that git names as the author of commits made here; without one, or without git, the `fallback`. */
export function authorHere(
  tree: WorkTree,
  fallback: string,
): { readonly name: string; readonly email?: string | undefined } {
  try {
    const name = tree.ask(["config", "--get", "user.name"]);
    if (name === undefined || name === "") return { name: fallback };
    const email = tree.ask(["config", "--get", "user.email"]);
    return email === undefined || email === "" ? { name } : { name, email };
  } catch (error) {
    if (error instanceof CodedError && error.code === "E_GIT_MISSING") return { name: fallback };
    throw error;
  }
}
