/** A session does not exist, is damaged, is in use, or would become invalid. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code = "E_SESSION";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** Whether the operating system says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
