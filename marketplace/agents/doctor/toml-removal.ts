import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../../schemas/record.ts";
import { CodedError } from "../../../schemas/errors.ts";
import { parsedToml } from "../toml.ts";
import { type Cut, type EntryPath, tomlCuts } from "./toml-cuts.ts";

/**
 * A TOML text without the entry at a path, everything else of it byte for byte as it was, comments included. The result is
 * read again before it is given out. Throws `E_SCHEMA` when the text is no TOML, `E_UNEDITABLE` when the entry is written
 * in a way that cannot be cut out.
 */
export async function withoutTomlEntry(text: string, path: EntryPath, file: string): Promise<string> {
  const left = pruned(without(await parsedToml(text, file), path));
  const cut = cutOut(text, await tomlCuts(text, path));
  if (cut !== text && isDeepStrictEqual(pruned(await parsedIfValid(cut, file)), left)) return cut;
  throw new CodedError("E_UNEDITABLE", `\`${path.join(".")}\` cannot be cut out of \`${file}\``, {
    where: file,
    hint: "take it out by hand",
  });
}

async function parsedIfValid(text: string, file: string): Promise<unknown> {
  try {
    return await parsedToml(text, file);
  } catch (error) {
    if (error instanceof CodedError && error.code === "E_SCHEMA") return undefined;
    throw error;
  }
}

function cutOut(text: string, cuts: readonly Cut[]): string {
  return cuts
    .toSorted((left, right) => right.start - left.start)
    .reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
}

function without(value: unknown, [step, ...rest]: EntryPath): unknown {
  if (typeof step === "number" && Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return rest.length === 0 ? list.toSpliced(step, 1) : list.with(step, without(list[step], rest));
  }
  if (typeof step !== "string" || !isRecord(value)) return value;
  const others = Object.entries(value).filter(([key]) => key !== step);
  return Object.fromEntries(rest.length === 0 ? others : [...others, [step, without(value[step], rest)]]);
}

/** Without empty tables and lists: a table goes with the last header that names something in it. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned).filter((one) => !isEmpty(one));
  if (!isRecord(value)) return value;
  const members = Object.entries(value).map(([key, inner]) => [key, pruned(inner)] as const);
  return Object.fromEntries(members.filter(([, inner]) => !isEmpty(inner)));
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) ? Object.keys(value).length === 0 : Array.isArray(value) && value.length === 0;
}
