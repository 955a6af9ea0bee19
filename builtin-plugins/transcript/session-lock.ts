import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type * as Sqlite from "node:sqlite";
import { SessionError } from "./session-error.ts";

const SQLITE_BUSY = 5;

/**
 * Takes the one lock on a session: an exclusive transaction on an empty SQLite file, which the kernel ends with its owner, so that no
 * crash leaves a session locked. The file stays: removing it would let two owners lock two files of one name.
 */
export function lockSession(file: string, id: string): Disposable {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { DatabaseSync } = sqlite();
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY) {
      throw new SessionError(
        `session \`${id}\` is open in another process`,
        "go on there, or end it first; without `--resume` a new session begins",
      );
    }
    throw new SessionError(`session \`${id}\` cannot be locked: ${String(error)}`, `look at \`${file}\``, error);
  }
  let held = true;
  return {
    [Symbol.dispose]: () => {
      if (held) database.close();
      held = false;
    },
  };
}

/** Loads `node:sqlite` without the warning that Node 22 and 24 print about it. */
function sqlite(): typeof Sqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
