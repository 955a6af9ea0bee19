import { CodedError } from "../../schemas/errors.ts";

/** An error that the operating system answered with, e.g. `code: "ENOENT"`. */
export interface SystemError extends Error {
  readonly code: string;
}

/** Whether a caught value is the answer of a failed system call. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
}

/** The `E_IO` for a file operation that failed; `action` is a verb such as `read`. */
export function ioError(action: string, path: string, cause: unknown): CodedError {
  const reason = isSystemError(cause) ? cause.code : cause instanceof Error ? cause.message : String(cause);
  const hint = HINTS.get(reason);
  return new CodedError("E_IO", `cannot ${action} \`${path}\`: ${reason}`, {
    cause,
    where: path,
    ...(hint === undefined ? {} : { hint }),
  });
}

const FREE_SPACE = "free some space on that disk and run the command again";

const HINTS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "look at the owner and the permissions of the path"],
  ["EPERM", "look at the owner and the permissions of the path"],
  ["ENOSPC", FREE_SPACE],
  // In the words of SQLite, which holds the home.
  ["database or disk is full", FREE_SPACE],
  ["EDQUOT", "free some space in your quota and run the command again"],
  ["EROFS", "the file system is read-only; choose another home with `PLUGSMITH_HOME`"],
  ["EMFILE", "raise the limit of open files (`ulimit -n`) and run the command again"],
]);
