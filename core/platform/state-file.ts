import { existsSync, readFileSync, renameSync } from "node:fs";
import { CodedError } from "../../schemas/errors.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { isRecord } from "../../schemas/record.ts";

/** The text of a file of ours; `undefined` when there is none. Throws `E_IO`. */
export function readStateText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return undefined;
    throw ioError("read", file, error);
  }
}

/** The object that a text holds, when it is of this schema; `undefined` for a damaged one. Throws `E_SCHEMA_NEWER`. */
export function parseState(text: string, file: string, schema: number): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value["schema"] !== "number") return undefined;
  if (value["schema"] > schema) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` was written by a newer Plugsmith (schema ${value["schema"]})`, {
      hint: "update Plugsmith, or use another `PLUGSMITH_HOME`",
      where: file,
    });
  }
  return value["schema"] === schema ? value : undefined;
}

/** Renames a damaged file so that nothing overwrites it. Throws `E_IO`. */
export function keepAside(file: string): void {
  let aside = `${file}.damaged`;
  for (let count = 2; existsSync(aside); count += 1) aside = `${file}.damaged-${count}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    throw ioError("keep aside", file, error);
  }
}
