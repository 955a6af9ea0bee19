/** The error that a plugin threw, where the kernel has put its own words around it. */
export function ownError(error: Error): Error {
  const stamped = "code" in error && error.code === "E_PLUGIN_FAILED";
  return stamped && error.cause instanceof Error ? error.cause : error;
}

/** What a person can do about an error; `undefined` where it does not say. By its field: many kinds of error have one. */
export function hintOf(error: unknown): string | undefined {
  return error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
}
