import { CodedError } from "../errors.ts";
import { placeOf, type JsonDocument } from "../json-text.ts";

/** A file of a plugin that was read, with its path for messages. */
export interface LockDocument {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly locate: JsonDocument["locate"];
}

/** The refusal of a lock, or of the `package.json` beside it, at the key or value it is about. */
export function lockProblem(
  { file, locate }: Pick<LockDocument, "file" | "locate">,
  path: readonly (string | number)[],
  message: string,
  hint: string,
): CodedError {
  return new CodedError("E_PACKAGE_LOCK", message, { where: placeOf(file, locate(path, "key")), hint });
}
