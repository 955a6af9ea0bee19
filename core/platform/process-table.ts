import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { isSystemError } from "../../schemas/system-error.ts";

/** One running process. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The group where the system does not tell. */
  readonly session: number;
}

/** The processes of this machine that still run; those that only wait to be collected are left out. */
export async function processTable(): Promise<readonly ProcessRow[]> {
  return process.platform === "linux" ? procRows() : psRows();
}

/** The processes that belong to the group, or session, that a process leads, and `more`, with everything that they started. */
export function familyOf(
  leader: number,
  rows: readonly ProcessRow[],
  more: readonly number[] = [],
): ReadonlySet<number> {
  const family = new Set([leader, ...more]);
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const { pid, parent, group, session } of rows) {
      if (family.has(parent) || group === leader || session === leader) family.add(pid);
    }
  }
  const running = new Set(rows.map(({ pid }) => pid));
  return new Set([...family].filter((pid) => running.has(pid)));
}

function procRows(): readonly ProcessRow[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/u.test(name)) return [];
    const line = statLine(name);
    // proc_pid_stat(5): the name stands in parentheses and may hold any character.
    const [state, parent, group, session] = line?.slice(line.lastIndexOf(")") + 2).split(" ") ?? [];
    if (state === undefined || state === "Z" || state === "X") return [];
    return [{ pid: Number(name), parent: Number(parent), group: Number(group), session: Number(session) }];
  });
}

function statLine(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    // It ended meanwhile, or belongs to somebody who hides it.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

function psRows(): Promise<readonly ProcessRow[]> {
  return new Promise((resolve, reject) => {
    execFile("/bin/ps", ["-A", "-o", "pid=,ppid=,pgid=,stat="], (error, stdout) => {
      if (error !== null) return reject(error);
      const rows = stdout.split("\n").flatMap((line) => {
        const [pid, parent, group, state] = line.trim().split(/\s+/u);
        if (state === undefined || state.startsWith("Z")) return [];
        return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(group) }];
      });
      resolve(rows);
    });
  });
}
