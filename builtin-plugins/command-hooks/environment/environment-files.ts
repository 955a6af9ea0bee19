import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session, Workspace } from "plugsmith/plugin-api";
import type { Surroundings } from "../handlers/surroundings.ts";
import { hookLabel, type Hook } from "../hook.ts";
import type { SessionVariables, Variables } from "./session-variables.ts";

/** Events whose programs may export variables, by the file that `CLAUDE_ENV_FILE` names (formats.md §6.4). */
const EVENTS: ReadonlySet<string> = new Set(["SessionStart", "Setup", "CwdChanged", "FileChanged"]);
const MAX_BYTES = 1_000_000;
const READ_MS = 10_000;
/** The shell's own, and what the host adds. */
const OWN: ReadonlySet<string> = new Set([
  "_",
  "SHLVL",
  "PWD",
  "OLDPWD",
  "CLAUDE_ENV_FILE",
  "PLUGSMITH_SESSION",
  "PLUGSMITH_PROCESS",
]);

/** A file that one hook may write exports to. */
export interface EnvironmentFile {
  readonly path: string;
  readonly hook: Hook;
  readonly event: string;
  readonly session: Session;
}

/** Hands out files for exports, and reads what hooks wrote into them. */
export class EnvironmentFiles {
  readonly #directory: string;
  readonly #variables: SessionVariables;

  constructor(directory: string, variables: SessionVariables) {
    this.#directory = directory;
    this.#variables = variables;
  }

  /** A new empty file; nothing for hooks that get none. */
  create(hook: Hook, event: string, session: Session | undefined): EnvironmentFile | undefined {
    const { handler } = hook.contribution;
    const isAwaited = handler.type === "command" && handler.async !== true && handler.asyncRewake !== true;
    if (session === undefined || !EVENTS.has(event) || !isAwaited) return undefined;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, `${randomUUID()}.sh`);
    writeFileSync(path, "", { mode: 0o600 });
    return { path, hook, event, session };
  }

  /** Takes over what a hook exported, and removes the file. Resolves with what is wrong with it. */
  async take(file: EnvironmentFile, surroundings: Surroundings, signal: AbortSignal): Promise<string | undefined> {
    const { path, event, session } = file;
    try {
      const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (bytes === 0) return undefined;
      if (bytes > MAX_BYTES) return `its \`CLAUDE_ENV_FILE\` is longer than ${String(MAX_BYTES)} bytes`;
      const before = applied(await surroundings.environmentOf(file.hook.plugin), this.#variables.of(session));
      const read = await this.#read(file, before, surroundings, signal);
      if (typeof read === "string") return `its \`CLAUDE_ENV_FILE\` could not be read: ${read}`;
      this.#variables.add(session, event, changes(before, read));
      return undefined;
    } finally {
      rmSync(path, { force: true });
    }
  }

  /** Its lines are shell, e.g. `export PATH="$PATH:/more"`, so a shell reads them, as the plugin whose hook wrote them. */
  async #read(
    { path, hook, session }: EnvironmentFile,
    environment: Readonly<Record<string, string>>,
    { processes }: Surroundings,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string> | string> {
    const running = processes.start({
      plugin: hook.plugin,
      purpose: `exports of ${hookLabel(hook)}`,
      command: process.platform === "win32" ? "bash.exe" : "bash",
      // By its path: the file may change PATH.
      args: ["-c", 'set -a; . "$0" >&2 && exec /usr/bin/env -0', path],
      directory: session.directory,
      environment,
      signal: AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]),
      stdin: "ignore",
    });
    const [output, problems]: [Uint8Array[], Uint8Array[]] = [[], []];
    running.onOutput((chunk) => output.push(chunk));
    running.onErrorOutput((chunk) => problems.push(chunk));
    const { code } = await running.ended;
    if (code !== 0) {
      const last = textOf(problems).trim().split("\n").at(-1) ?? "";
      return last === "" ? `the shell ended with ${String(code)}` : last.slice(0, 300);
    }
    const pairs = textOf(output)
      .split("\0")
      .map((pair): [string, string] => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at), pair.slice(at + 1)];
      });
    return new Map(pairs.filter(([name]) => name !== ""));
  }
}

/** The person's environment with the variables of hooks. */
function applied(environment: Workspace["environment"], variables: Variables): Readonly<Record<string, string>> {
  const all = Object.entries({ ...environment, ...variables });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

function changes(before: Readonly<Record<string, string>>, after: ReadonlyMap<string, string>): Variables {
  const set = [...after].filter(([name, value]) => before[name] !== value);
  const taken = Object.keys(before).filter((name) => !after.has(name));
  const all = [...set, ...taken.map((name): [string, null] => [name, null])];
  return Object.fromEntries(all.filter(([name]) => !OWN.has(name)));
}

function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
