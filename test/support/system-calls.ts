import { resolve } from "node:path";

/** What a process did to the world, as `strace` saw it. */
export interface SystemCalls {
  /** Files that were executed, also in vain. */
  readonly programs: readonly string[];
  /** Addresses that were connected or sent to: `address:port`. */
  readonly contacts: readonly string[];
  /** Paths that were made, opened for writing, renamed or removed. */
  readonly writes: readonly string[];
}

/** Options of `strace` that give what `systemCalls` reads; the file for the record follows `-o`. */
export const STRACE: readonly string[] = [
  "-f",
  "-y",
  "-qq",
  "-s",
  "1000",
  "--seccomp-bpf",
  "-e",
  "trace=execve,connect,sendto,sendmsg,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,symlink,symlinkat,link,linkat,chmod,fchmodat,truncate,utimensat",
];

const CALL = /^\d+ +(\w+)\((.*)/u;
/** A text, behind the folder that it is relative to where the call names one. */
const TEXT = /(?:(?:\d+|AT_FDCWD)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/gu;
const LOOKING: ReadonlySet<string> = new Set(["execve", "connect", "sendto", "sendmsg"]);

/** Reads a record of `strace -f`, part for part: a file that is made below `marks` begins the part of its name. */
export function systemCalls(record: string, marks: string, directory: string): ReadonlyMap<string, SystemCalls> {
  const parts = new Map<string, Record<keyof SystemCalls, string[]>>();
  let part = { programs: [], contacts: [], writes: [] } as Record<keyof SystemCalls, string[]>;
  for (const line of record.split("\n")) {
    const [, call = "", rest = ""] = CALL.exec(line) ?? [];
    const texts = [...rest.matchAll(TEXT)].map(([, folder, text = ""]) => ({ folder, text }));
    const first = texts[0]?.text ?? "";
    if (call === "openat" && first.startsWith(`${marks}/`)) {
      part = { programs: [], contacts: [], writes: [] };
      parts.set(first.slice(marks.length + 1), part);
    } else if (call === "execve") part.programs.push(first);
    else if (LOOKING.has(call)) {
      const [, port, address] = /htons\((\d+)\).*?"([^"]+)"/u.exec(rest) ?? [];
      if (port !== undefined) part.contacts.push(`${address ?? ""}:${port}`);
    } else if (call === "openat" ? /O_CREAT|O_WRONLY|O_RDWR|O_TRUNC/u.test(rest) : call !== "") {
      // What a link says is no path that is touched.
      const touched = call.startsWith("symlink") ? texts.slice(-1) : texts;
      part.writes.push(...touched.map(({ folder = directory, text }) => resolve(folder, text)));
    }
  }
  return parts;
}
