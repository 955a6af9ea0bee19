import { isDeepStrictEqual } from "node:util";
import { CodedError } from "../../../schemas/errors.ts";
import { isRecord } from "../../../schemas/record.ts";
import { editJson, readCommentedJson } from "../../../schemas/settings-edit.ts";
import { readTextIfPresent } from "../../generations/state-files.ts";
import { rewriteFile } from "../rewrite-file.ts";
import { parsedToml } from "../toml.ts";
import type { HomeEntry } from "./home-entry.ts";
import { withoutTomlEntry } from "./toml-removal.ts";

/**
 * Takes one entry out of its file, everything else of it as it was. Of several entries the last of a file goes first, so
 * that the paths of the others stay right. Throws `E_NOT_FOUND` when something else stands there by now, `E_JSON`, `E_SCHEMA`,
 * `E_UNEDITABLE`, `E_IO`.
 */
export async function takeOut({ file, path, value, kind, name }: HomeEntry): Promise<void> {
  const text = readTextIfPresent(file);
  const isToml = file.endsWith(".toml");
  const root = text === undefined ? undefined : isToml ? await parsedToml(text, file) : readCommentedJson(text, file);
  const found = valueAt(root, path);
  if (text === undefined || !isDeepStrictEqual(found, value)) {
    throw new CodedError("E_NOT_FOUND", `the ${kind} \`${name}\` in \`${file}\` is not what was shown any more`, {
      where: file,
      hint: "look again with `plugin doctor --agents`",
    });
  }
  if (isToml) {
    rewriteFile(file, await withoutTomlEntry(text, path, file));
    return;
  }
  const index = path.at(-1);
  const list = path.slice(0, -1);
  const others = typeof index === "number" ? listWithout(valueAt(root, list), index) : undefined;
  const edit = others === undefined ? { path, value: undefined } : { path: list, value: others };
  rewriteFile(file, editJson(text, [edit], file));
}

function listWithout(list: unknown, index: number): readonly unknown[] | undefined {
  return Array.isArray(list) ? (list as readonly unknown[]).toSpliced(index, 1) : undefined;
}

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, step) => {
    if (typeof step === "number") return Array.isArray(at) ? (at as readonly unknown[])[step] : undefined;
    return isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, root);
}
