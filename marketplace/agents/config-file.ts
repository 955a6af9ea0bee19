import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { editJson, readCommentedJson } from "../../schemas/settings-edit.ts";
import { isRecord } from "../../schemas/record.ts";
import { readTextIfPresent, removeIfPresent } from "../generations/state-files.ts";
import { isWriteProtected, rewriteFile } from "./rewrite-file.ts";

/** One member that a configuration file of an agent must have. */
export interface ConfigEdit {
  /** Absolute path of a JSON or JSONC file. */
  readonly file: string;
  readonly path: readonly string[];
  readonly value: unknown;
  /** The plugin that it is of, and what of it, for reports. */
  readonly plugin: string;
  readonly component: string;
}

/** A configuration file of an agent as it is remembered while something of ours is in it. */
export interface ConfigRecord {
  readonly file: string;
  /** Its text before anything of ours was in it; `null` when there was no file. */
  readonly before: string | null;
  /** Its text after we, or the agent told by us, wrote it last. */
  readonly after: string | null;
  /** Whether somebody else wrote it in between, so that `before` cannot simply be put back. */
  readonly changed: boolean;
  readonly members: readonly { readonly path: readonly string[]; readonly value: unknown }[];
}

/** What is known of a file when it is about to be written again. */
export function openConfig(file: string, record: ConfigRecord | undefined): ConfigRecord {
  const text = readTextIfPresent(file) ?? null;
  if (record === undefined) return { file, before: text, after: text, changed: false, members: [] };
  return { ...record, changed: record.changed || text !== record.after };
}

/** What is remembered of a file once everything has been written. */
export function closeConfig(record: ConfigRecord): ConfigRecord {
  return { ...record, after: readTextIfPresent(record.file) ?? null };
}

/** A file's record while those members are being written: the old ones and the new are ours, whichever stand there after a crash. */
export function claimMembers(record: ConfigRecord, wanted: readonly ConfigEdit[]): ConfigRecord {
  const others = record.members.filter((one) => !wanted.some((edit) => isDeepStrictEqual(memberOf(edit), one)));
  return { ...record, members: [...others, ...wanted.map(memberOf)] };
}

function memberOf({ path, value }: ConfigEdit): ConfigRecord["members"][number] {
  return { path, value };
}

/**
 * Brings the members of ours in a file to the wanted ones. A member that somebody changed since is left to them.
 * Throws `E_JSON` when the file is not valid JSON, `E_IO`.
 */
export function writeMembers(record: ConfigRecord, wanted: readonly ConfigEdit[]): ConfigRecord {
  const kept = record.members.filter(({ path }) => wanted.some((edit) => samePath(edit.path, path)));
  const gone = record.members.filter((member) => !kept.includes(member));
  if (wanted.length === 0 && gone.length === 0) return record;
  const text = readTextIfPresent(record.file) ?? "{}\n";
  const root: unknown = readCommentedJson(text, record.file);
  const removals = gone
    .filter(({ path, value }) => isDeepStrictEqual(memberAt(root, path), value))
    .map(({ path }) => ({ path, value: undefined }));
  const additions = wanted
    .filter(({ path, value }) => !isDeepStrictEqual(memberAt(root, path), value))
    .map(({ path, value }) => ({ path, value }));
  const edits = [...removals, ...emptied(record, root, removals, wanted), ...additions];
  if (edits.length > 0) {
    mkdirSync(dirname(record.file), { recursive: true });
    rewriteFile(record.file, editJson(text, edits, record.file));
  }
  return { ...record, members: wanted.map(memberOf) };
}

/** The objects that were made for members of ours and hold nothing else once those are gone, innermost first. */
function emptied(
  { before }: ConfigRecord,
  root: unknown,
  removals: readonly { readonly path: readonly string[] }[],
  wanted: readonly ConfigEdit[],
): readonly { readonly path: readonly string[]; readonly value: undefined }[] {
  const original: unknown = before === null ? {} : readCommentedJson(before, "before");
  const parents = new Set(removals.map(({ path }) => path.slice(0, -1).join("\0")).filter((path) => path !== ""));
  return [...parents]
    .map((parent) => parent.split("\0"))
    .filter((parent) => {
      const object = memberAt(root, parent);
      const leaving = removals.filter(({ path }) => samePath(path.slice(0, -1), parent)).length;
      const isNeeded = wanted.some(({ path }) => samePath(path.slice(0, -1), parent));
      return (
        !isNeeded &&
        isRecord(object) &&
        Object.keys(object).length === leaving &&
        memberAt(original, parent) === undefined
      );
    })
    .map((path) => ({ path, value: undefined }));
}

/** Puts a file back as it was before us, byte for byte; `false` when somebody else wrote it since, and it is left alone. */
export function restoreConfig(record: ConfigRecord): boolean {
  if (record.changed) return false;
  if (record.before === null) removeIfPresent(record.file);
  else rewriteFile(record.file, record.before);
  return true;
}

/** The edits whose member is somebody else's: it exists and is not what was written here. */
export function takenMembers(edits: readonly ConfigEdit[], records: readonly ConfigRecord[]): readonly ConfigEdit[] {
  return [...Map.groupBy(edits, ({ file }) => file)].flatMap(([file, ones]) => {
    const text = readTextIfPresent(file);
    if (text === undefined) return [];
    const root: unknown = readCommentedJson(text, file);
    const own = records.find((record) => record.file === file)?.members ?? [];
    return ones.filter(({ path }) => {
      const found = memberAt(root, path);
      if (found === undefined) return false;
      return !own.some((member) => samePath(member.path, path) && isDeepStrictEqual(member.value, found));
    });
  });
}

/** The edits that are not there yet and whose file is write-protected. */
export function protectedMembers(edits: readonly ConfigEdit[]): readonly ConfigEdit[] {
  return [...Map.groupBy(edits, ({ file }) => file)].flatMap(([file, ones]) => {
    if (!isWriteProtected(file)) return [];
    const root: unknown = readCommentedJson(readTextIfPresent(file) ?? "{}", file);
    return ones.filter(({ path, value }) => !isDeepStrictEqual(memberAt(root, path), value));
  });
}

/** The value at a path of members; `undefined` when there is none. */
export function memberAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined), root);
}

function samePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((step, index) => step === right[index]);
}
