/** How the host tells an error that a person can act on from a defect: by this mark, a code and a hint. */
const BRAND = Symbol.for("plugsmith.CodedError");

/** A session does not exist, is damaged, is in use, or would become invalid. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code = "E_SESSION";
  readonly hint: string | undefined;
  readonly where: string | undefined = undefined;
  readonly data: Readonly<Record<string, unknown>> = {};

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** Whether the operating system says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
