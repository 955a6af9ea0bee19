import { lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Settings } from "../../plugin-api/services/settings.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { JsonEdit } from "../../schemas/plain-json.ts";
import { editJson, readCommentedJson } from "../../schemas/settings-edit.ts";
import { replaceFile } from "../platform/durable-file.ts";
import { ioError } from "../../schemas/system-error.ts";
import { readSettingsText } from "./settings-files.ts";

const SHARED = 0o644;
const PRIVATE = 0o600;
/** Keeps everything of the folder but the shared settings out of the repository. */
const IGNORED = "*\n!settings.json\n";
const ALL_IGNORED = "*\n";
const UNFIT: ReadonlySet<string> = new Set(["", "__proto__", "constructor", "prototype"]);

/** The file of ours that a person's change of a layer goes to. */
function ownSettingsFile(layer: "local" | "project" | "user", workspace: Workspace): string {
  switch (layer) {
    case "user":
      return join(workspace.plugsmithHome, "settings.json");
    case "project":
      return join(workspace.projectDirectory, ".plugsmith", "settings.json");
    case "local":
      return join(workspace.projectDirectory, ".plugsmith", "settings.local.json");
  }
}

/**
 * Writes one top-level key, `undefined` removes it; comments, order and unknown keys stay. Throws `E_TRUST` for files of a
 * workspace that nobody trusts, `E_PATH_ESCAPE` for one that links elsewhere, `E_JSON` for a file that is none, `E_IO`.
 */
export function writeSetting(workspace: Workspace, ...[layer, key, value]: Parameters<Settings["set"]>): string {
  requireKeys([key]);
  return editSettings(workspace, layer, () => [{ path: [key], value }]);
}

/** The same for members below a key; `edits` are made for what the file holds at that moment. */
export function editSettings(
  workspace: Workspace,
  layer: Parameters<Settings["set"]>[0],
  edits: (current: unknown, file: string) => readonly JsonEdit[],
): string {
  const file = ownSettingsFile(layer, workspace);
  const target = layer === "user" ? followed(file) : insideProject(file, workspace);
  const text = readSettingsText(target);
  const before = text === undefined || text.trim() === "" ? "{}\n" : text;
  const wanted = edits(readCommentedJson(before, file), file);
  requireKeys(wanted.flatMap(({ path }) => path));
  const after = editJson(before, wanted, file);
  if (after === text || (text === undefined && wanted.every(({ value }) => value === undefined))) return file;
  const mode = statSync(target, { throwIfNoEntry: false })?.mode ?? (layer === "project" ? SHARED : PRIVATE);
  if (layer !== "user") ignoreInRepository(dirname(target), layer);
  replaceFile(target, after, { mode: mode & 0o777, temporary: `${target}.${process.pid}.new` });
  return file;
}

function requireKeys(keys: readonly (string | number)[]): void {
  const wrong = keys.find((key) => UNFIT.has(String(key)));
  if (wrong === undefined) return;
  throw new CodedError("E_NAME", `\`${wrong}\` cannot be the key of a setting`, { hint: "choose another name" });
}

function insideProject(file: string, { projectDirectory, trusted }: Workspace): string {
  if (!trusted) {
    throw new CodedError("E_TRUST", `nothing is written to \`${projectDirectory}\`, which nobody trusts`, {
      hint: "`plugin trust` in that folder says that you do",
      where: file,
    });
  }
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw ioError("create", folder, error);
  }
  const real = followed(file);
  if (realpathSync(folder).startsWith(projectDirectory + sep) && real.startsWith(projectDirectory + sep)) return real;
  throw new CodedError("E_PATH_ESCAPE", `\`${file}\` is a link that leads elsewhere, nothing is written through it`, {
    hint: "replace the link by a regular file or directory",
    where: file,
  });
}

/** Where a file really lies; a link that leads nowhere is not followed. */
function followed(file: string): string {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() !== true) return file;
  try {
    return realpathSync(file);
  } catch (error) {
    throw ioError("follow", file, error);
  }
}

function ignoreInRepository(folder: string, layer: "local" | "project"): void {
  const file = join(folder, ".gitignore");
  const present = lstatSync(file, { throwIfNoEntry: false });
  if (present === undefined) return replaceFile(file, IGNORED, { mode: SHARED });
  // Private picks of plugins ignore the whole folder; shared settings are to be committed.
  if (layer === "project" && present.isFile() && readSettingsText(file) === ALL_IGNORED) {
    replaceFile(file, IGNORED, { mode: SHARED });
  }
}
