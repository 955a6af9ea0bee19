import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

/** The system calls with which this program changes a disk or makes sure that it holds what was written. */
export const CHANGING_CALLS: readonly string[] = [
  "rename",
  "fsync",
  "mkdir",
  "write",
  "pwrite64",
  "close",
  "unlink",
  "symlink",
  "rmdir",
];

/** What else would do so; a sweep refuses a trace with one of these. */
const OTHER_CALLS = [
  "renameat",
  "renameat2",
  "fdatasync",
  "mkdirat",
  "unlinkat",
  "symlinkat",
  "syncfs",
  "link",
  "linkat",
  "truncate",
  "ftruncate",
];

/** One call as strace printed it. */
export interface Syscall {
  /** Threads in the order in which they were first seen; 0 is the main one. */
  readonly thread: number;
  readonly name: string;
  /** Counts from 1 in this thread and name, as `when=` of strace does. */
  readonly ordinal: number;
  /** Every path that the call names, also those of its descriptors. */
  readonly paths: readonly string[];
  /** The descriptor that the call is about, when its first argument is one. */
  readonly descriptor: number | undefined;
  readonly line: string;
}

/** What one call is made to do instead of its work. */
export interface Fault {
  readonly name: string;
  readonly ordinal: number;
  /** `KILL` ends the process before the call; a name like `ENOSPC` is what the call then answers. */
  readonly effect: string;
}

/** How a traced command ended. */
export interface TracedRun {
  readonly exit: number | "killed";
  readonly output: string;
  readonly calls: readonly Syscall[];
  /** The call that the fault came to; absent without a fault, and when none came so far. */
  readonly hit: Syscall | undefined;
}

/** Where and how a traced command runs. */
export interface TracedPlace {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** File of the trace; replaced. */
  readonly log: string;
  /** Calls to record beside those that change a disk. */
  readonly also?: readonly string[] | undefined;
  /** What is run on this Node in the place of the real `plugin` command. */
  readonly program?: readonly string[] | undefined;
}

/**
 * Runs the real `plugin` command, or another program, under strace: only that process with all its threads, not the programs that it starts.
 *
 * One thread of the pool, since strace counts `when=` for each thread and a fault comes to whichever gets there first.
 */
export function traced(words: readonly string[], place: TracedPlace, fault?: Fault): Promise<TracedRun> {
  rmSync(place.log, { force: true });
  const calls = [...CHANGING_CALLS, ...OTHER_CALLS, ...(place.also ?? [])].join(",");
  const effect = fault?.effect === "KILL" ? "signal=KILL" : `error=${fault?.effect ?? ""}`;
  const injection = fault === undefined ? [] : ["-e", `inject=${fault.name}:${effect}:when=${fault.ordinal}`];
  const argv = ["-f", "-b", "execve", "-y", "-s", "0", "-o", place.log, "-e", `trace=${calls}`, ...injection];
  const program = place.program ?? [join(inject("bundle"), "plugin.js")];
  const child = spawn("strace", [...argv, process.execPath, ...program, ...words], {
    cwd: place.cwd,
    env: { ...place.environment, UV_THREADPOOL_SIZE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const text = readFileSync(place.log, "utf8");
      const killed = /^\d+ \+\+\+ killed by SIGKILL/mu.test(text) || signal === "SIGKILL";
      const read = readTrace(text);
      resolve({ exit: killed ? "killed" : (code ?? 128), output, calls: read, hit: hitOf(read, killed, fault) });
    });
  });
}

/** The call that a fault came to: strace marks an error, and a killed thread has its last call unfinished or without an answer. */
function hitOf(calls: readonly Syscall[], killed: boolean, fault: Fault | undefined): Syscall | undefined {
  if (fault === undefined) return undefined;
  if (fault.effect !== "KILL") return calls.find(({ line }) => line.includes("(INJECTED)"));
  if (!killed) return undefined;
  return calls.findLast(({ name, ordinal }) => name === fault.name && ordinal === fault.ordinal);
}

/** Reads the lines of a trace; a call that another thread interrupted counts once, where it began. */
function readTrace(text: string): readonly Syscall[] {
  const threads = new Map<string, number>();
  const counts = new Map<string, number>();
  const calls: Syscall[] = [];
  for (const line of text.split("\n")) {
    const begun = /^(\d+) +([a-z0-9_]+)\((.*)$/u.exec(line);
    const [, process = "", name = "", rest = ""] = begun ?? [];
    if (begun === null) continue;
    const thread = threads.get(process) ?? threads.size;
    threads.set(process, thread);
    const key = `${thread} ${name}`;
    const ordinal = (counts.get(key) ?? 0) + 1;
    counts.set(key, ordinal);
    const [, descriptor] = /^(\d+)</u.exec(rest) ?? [];
    calls.push({
      thread,
      name,
      ordinal,
      paths: pathsOf(rest),
      descriptor: descriptor === undefined ? undefined : Number(descriptor),
      line,
    });
  }
  return calls;
}

function pathsOf(text: string): readonly string[] {
  return [...text.matchAll(/"(\/[^"]*)"|\d<(\/[^>]*)>/gu)].map(([, quoted, descriptor]) => quoted ?? descriptor ?? "");
}
