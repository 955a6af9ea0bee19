import { accessSync, constants, mkdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Sqlite from "node:sqlite";
import { ioError } from "../../schemas/system-error.ts";
import type { Exclusively } from "../../plugin-api/service-contracts.ts";
import { CodedError } from "../../schemas/errors.ts";

/** How a process waits for the home. */
export interface HoldOptions {
  /** How long one call waits for the other holders before it throws `E_LOCKED`. */
  readonly deadlineMs: number;
  /** Ends the wait; work that has begun sees to its own signal. */
  readonly signal: AbortSignal;
  /** Called once a call, when it finds the home held by somebody else. */
  readonly onWait?: ((holder: number | undefined) => void) | undefined;
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const SHORTEST_SLEEP_MS = 2;
const LONGEST_SLEEP_MS = 40;

/** The first byte that SQLite locks in a database file (its PENDING_BYTE). */
const LOCKED_BYTE = "1073741824";

/**
 * Makes the home's mutex out of an empty SQLite file: `BEGIN EXCLUSIVE` takes the kernel's lock on it, so the home is free
 * at once when its owner dies, and no clock is involved. The file is created on first use. Nothing else in the process may
 * open the file: closing any descriptor of it gives the lock away (fcntl(2)).
 *
 * The returned function throws `E_LOCKED` after its deadline, `E_INTERRUPTED` when the signal ends the wait, `E_IO` when the
 * home cannot be written or lies on a network file system, `E_STATE_CORRUPT` when the file is no mutex. It does not nest.
 */
export function holdHome(file: string, options: HoldOptions): Exclusively {
  return async (work) => {
    const database = openDatabase(file);
    try {
      await acquire(database, file, options);
      return await work();
    } finally {
      database.close();
    }
  };
}

/** The name of a file system whose locks other machines may not see, by its `statfs` type; `undefined` when it is none. */
export function networkFileSystem(type: number): string | undefined {
  return NETWORK_FILE_SYSTEMS.get(type >>> 0);
}

/** Magic numbers of statfs(2). */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "nfs"],
  [0x517b, "smb"],
  [0xfe534d42, "smb2"],
  [0xff534d42, "cifs"],
  [0x5346414f, "afs"],
  [0x73757245, "coda"],
  [0x00c36400, "ceph"],
]);

function openDatabase(file: string): Sqlite.DatabaseSync {
  const directory = dirname(file);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw ioError("create", directory, error);
  }
  refuseNetworkFileSystem(directory);
  try {
    const { DatabaseSync } = sqlite();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA busy_timeout = 0");
    return database;
  } catch (error) {
    throw ioError("open", file, error);
  }
}

function refuseNetworkFileSystem(directory: string): void {
  const name = process.platform === "linux" ? networkFileSystem(statfsSync(directory).type) : undefined;
  if (name === undefined) return;
  throw new CodedError(
    "E_IO",
    `\`${directory}\` lies on a network file system (\`${name}\`), whose locks cannot be relied on`,
    {
      hint: "set `PLUGSMITH_HOME` to a directory on a local disk",
      where: directory,
    },
  );
}

/** Loads `node:sqlite` without the warning that Node 22 and 24 print about it; every other warning still goes out. */
function sqlite(): typeof Sqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function acquire(database: Sqlite.DatabaseSync, file: string, options: HoldOptions): Promise<void> {
  let deadline: number | undefined;
  let sleepMs = SHORTEST_SLEEP_MS;
  for (let attempt = 0; !tryBegin(database, file); attempt += 1) {
    const holder = holderOf(file);
    if (attempt === 0) options.onWait?.(holder);
    // The first try, which nearly always succeeds, does without `performance`, which costs 2 ms to load.
    deadline ??= performance.now() + options.deadlineMs;
    if (performance.now() >= deadline) throw locked(file, holder, options.deadlineMs);
    try {
      await sleep(sleepMs * (0.5 + Math.random()), undefined, { signal: options.signal });
    } catch (cause) {
      throw new CodedError("E_INTERRUPTED", "interrupted while waiting for another `plugin` command", { cause });
    }
    sleepMs = Math.min(sleepMs * 2, LONGEST_SLEEP_MS);
  }
}

function tryBegin(database: Sqlite.DatabaseSync, file: string): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    // SQLite opens a file that it may not write read-only, and then takes a lock that others can take too.
    accessSync(file, constants.W_OK);
    return true;
  } catch (error) {
    const primary = sqliteCode(error) & 0xff;
    if (primary === SQLITE_BUSY) return false;
    if (primary === SQLITE_NOTADB || primary === SQLITE_CORRUPT) {
      throw new CodedError("E_STATE_CORRUPT", `\`${file}\` is not the empty file that it must be`, {
        cause: error,
        hint: "delete it while no `plugin` command runs; it holds no data",
        where: file,
      });
    }
    throw ioError("lock", file, error);
  }
}

function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;
}

/** The process that holds the lock, as the kernel tells it; `undefined` where the kernel does not. */
function holderOf(file: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const inode = String(statSync(file).ino);
    for (const line of readFileSync("/proc/locks", "utf8").split("\n")) {
      const [, , , access, pid, place, start] = line.trim().split(/\s+/);
      if (access === "WRITE" && place?.split(":")[2] === inode && start === LOCKED_BYTE && Number(pid) > 0)
        return Number(pid);
    }
    return undefined;
  } catch {
    // Without /proc, or once the file is gone, only the wording of a message is poorer.
    return undefined;
  }
}

function locked(file: string, holder: number | undefined, deadlineMs: number): CodedError {
  const who = holder === undefined ? "another process" : `process ${holder}`;
  return new CodedError(
    "E_LOCKED",
    `${who} has held the home for longer than the ${deadlineMs} ms this command waits`,
    {
      hint:
        holder === undefined
          ? "wait for the other `plugin` command to end, then run this one again"
          : `wait for process ${holder} to end, or end it, then run this command again`,
      where: file,
      data: { holder },
    },
  );
}
