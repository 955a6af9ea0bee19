import { readdirSync, readFileSync } from "node:fs";
import { isSystemError } from "../../schemas/system-error.ts";

/** The variable by which a program of a plugin and everything that it starts is known, whoever its parents are (attacks.md HK04). */
export const PROCESS_MARK = "PLUGSMITH_PROCESS";

/** The processes that carry a mark; none where the system does not show the environment of processes. */
export function markedProcesses(mark: string): readonly number[] {
  if (process.platform !== "linux") return [];
  const wanted = `\0${PROCESS_MARK}=${mark}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name) && `\0${environmentOf(name)}`.includes(wanted))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch (error) {
    // It ended meanwhile, or runs as somebody else.
    if (isSystemError(error)) return "";
    throw error;
  }
}
