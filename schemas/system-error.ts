import { CodedError } from "./errors.ts";

/** Whether a caught value is a failed system call, with one of these codes if any are named. */
export function isSystemError(
  error: unknown,
  ...codes: readonly string[]
): error is NodeJS.ErrnoException & { readonly code: string } {
  // Errors of Node itself, of SQLite too, have a code and name no call.
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error) || typeof error.code !== "string")
    return false;
  return codes.length === 0 || codes.includes(error.code);
}

/** The `E_IO` of a file operation that failed; `action` is a verb such as `write`. A `CodedError` passes through as it is. */
export function ioError(action: string, path: string, cause: unknown): CodedError {
  if (cause instanceof CodedError) return cause;
  const reason = isSystemError(cause) ? cause.code : cause instanceof Error ? cause.message : String(cause);
  return new CodedError("E_IO", `cannot ${action} \`${path}\`: ${reason}`, {
    cause,
    where: path,
    hint: HINTS.get(reason) ?? "look at the path and run the command again",
  });
}

const FREE_SPACE = "free some space on that disk and run the command again";

const HINTS: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", FREE_SPACE],
  // In the words of SQLite, which holds the home.
  ["database or disk is full", FREE_SPACE],
  ["EDQUOT", "free some space in your quota and run the command again"],
  ["EACCES", "look at the owner and the permissions of the path"],
  ["EPERM", "look at the owner and the permissions of the path"],
  ["ENOENT", "look at the path, and make its folder if that is missing"],
  ["EROFS", "the file system is read-only; choose another home with `PLUGSMITH_HOME`"],
  ["EMFILE", "raise the limit of open files (`ulimit -n`) and run the command again"],
  ["ENFILE", "the machine has too many open files; close some programs and run the command again"],
  ["EIO", "the disk reported an error; look at its health before running the command again"],
  ["EXDEV", "the home must lie on one file system; choose another one with `PLUGSMITH_HOME`"],
]);
