import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";

/** The `E_MANIFEST` of a folder that gives no plugin: its first finding, with the place from where the author stands. */
export function unloadable(diagnostics: readonly Diagnostic[], shown = "", prefix = ""): CodedError {
  const first = diagnostics.find(({ severity }) => severity === "error") ?? diagnostics[0];
  return new CodedError("E_MANIFEST", `${prefix}${first?.message ?? "the folder is no plugin"}`, {
    hint: first?.hint ?? "`plugin validate` shows what is wrong with it",
    where: placeOf(first, shown),
  });
}

function placeOf(finding: Diagnostic | undefined, shown: string): string | undefined {
  const folder = shown.replace(/^\.$|\/+$/u, "");
  if (finding?.file === undefined) return shown === "" ? undefined : shown;
  const { file, line, column } = finding;
  const path = folder === "" ? file : `${folder}/${file}`;
  return [path, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
}
