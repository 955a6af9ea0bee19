import { readFileSync, readlinkSync } from "node:fs";
import { isSystemError } from "../../schemas/system-error.ts";

/**
 * Names this process in file names such that a later process can tell whether it still lives:
 * `<pid>.<start time>.<pid namespace>.<boot>`, with `0` for what the platform does not tell.
 */
export function ownMark(): string {
  const start = processState(process.pid)?.start ?? "0";
  return `${process.pid}.${start}.${namespaceOf("self")}.${bootId()}`;
}

/** The mark at the start of a file name, and what follows the `-` after it; `undefined` when there is none. */
export function splitMark(name: string): { readonly mark: string; readonly rest: string } | undefined {
  const match = /^(\d+\.\d+\.\d+\.[0-9a-f]+)-(.+)$/.exec(name);
  const [, mark, rest] = match ?? [];
  return mark === undefined || rest === undefined ? undefined : { mark, rest };
}

/**
 * Whether the process of a mark lives. A process of another pid namespace (a container that shares the home) cannot be
 * judged from here and counts as alive until the machine was booted again.
 */
export function isAlive(mark: string): boolean {
  const [pidText = "", start = "0", namespace = "0", boot = "0"] = mark.split(".");
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (start === "0" || !procIsReadable()) return answersSignals(pid);
  if (boot !== "0" && boot !== bootId()) return false;
  if (namespace !== "0" && namespace !== namespaceOf("self")) return true;
  const state = processState(pid);
  return state !== undefined && state.start === start && state.letter !== "Z" && state.letter !== "X";
}

interface ProcessState {
  readonly letter: string;
  /** Clock ticks since boot. */
  readonly start: string;
}

/** Fields 3 and 22 of proc_pid_stat(5), counted from behind the command name, which may hold spaces and brackets. */
function processState(pid: number): ProcessState | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  const [letter, start] = [fields[0], fields[19]];
  return letter === undefined || start === undefined ? undefined : { letter, start };
}

function namespaceOf(pid: "self"): string {
  if (process.platform !== "linux") return "0";
  try {
    return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/pid`))?.[0] ?? "0";
  } catch (error) {
    if (isSystemError(error)) return "0";
    throw error;
  }
}

function bootId(): string {
  return readProc("/proc/sys/kernel/random/boot_id")?.slice(0, 8) ?? "0";
}

function procIsReadable(): boolean {
  return processState(process.pid) !== undefined;
}

function readProc(path: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isSystemError(error, "ESRCH");
  }
}
