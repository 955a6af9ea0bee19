/** What is wrong with a source of kind `command`. */
export interface CommandSourceProblem {
  readonly code: "E_SOURCE_INVALID" | "E_SCHEMA";
  readonly key: "command" | "timeout" | "mode";
  readonly why: string;
  readonly hint: string;
}

/** Why a source of kind `command` cannot be used (formats.md §2.3); `undefined` when it can. */
export function commandSourceProblem(
  command: string,
  { timeout, mode }: Readonly<Record<string, unknown>>,
): CommandSourceProblem | undefined {
  if (!/^[ -~]{1,500}$/.test(command) || / {4}/.test(command)) {
    const why = "must be at most 500 printable ASCII characters without a run of spaces";
    return { code: "E_SOURCE_INVALID", key: "command", why, hint: "name a short program" };
  }
  if (
    timeout !== undefined &&
    !(typeof timeout === "number" && Number.isInteger(timeout) && timeout >= 1 && timeout <= 600)
  )
    return { code: "E_SCHEMA", key: "timeout", why: "must be 1 to 600 seconds", hint: "write whole seconds" };
  if (mode !== undefined && mode !== "copy" && mode !== "link")
    return { code: "E_SCHEMA", key: "mode", why: "must be `copy` or `link`", hint: "remove it to copy" };
  return undefined;
}
