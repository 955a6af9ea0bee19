import { resolve } from "node:path";
import type { LayeredValue, SettingsLayer } from "../../plugin-api/services/settings.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { readSettings, type SettingsValues } from "../../schemas/settings-file.ts";
import type { ManagedFile } from "../platform/managed-files.ts";
import { managedValues } from "./managed-settings.ts";
import { isTracked, readSettingsText, settingsPlaces, type SettingsPlace } from "./settings-files.ts";

/** What settings are read from. */
export interface SettingsSources {
  readonly workspace: Workspace;
  /** Values of `--settings`: a JSON text or a file, the last one strongest. */
  readonly flags: readonly string[];
  readonly managed: readonly ManagedFile[];
}

/** A file of a workspace that nobody trusts: it was read and left out. */
export interface WithheldFile {
  readonly file: string;
  readonly layer: "local" | "project";
  readonly keys: readonly string[];
}

/** Every layer, read. */
export interface LoadedSettings {
  /** Strongest first. */
  readonly files: readonly { readonly layer: SettingsLayer; readonly file: string; readonly values: SettingsValues }[];
  readonly withheld: readonly WithheldFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Those of administrators too, to see whether anything changed. */
  readonly texts: SettingsTexts["texts"];
}

/** The files of people and projects as they were read. */
export interface SettingsTexts {
  /** By path; `undefined` for a file that is not there. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the files of people and projects; one that cannot be read stands in the diagnostics. */
export function readSettingsTexts(workspace: Workspace): SettingsTexts {
  const diagnostics: Diagnostic[] = [];
  const texts = new Map(settingsPlaces(workspace).map(({ file }) => [file, textOf(file, diagnostics)]));
  return { texts, diagnostics };
}

/**
 * Reads every layer. A file that cannot be read as a whole keeps the values that it had `before`: it may be half written, and
 * rules that deny must not vanish with it. Throws for a `--settings` that could never be read; what is wrong with a file stands in
 * the diagnostics.
 */
export function loadSettings(
  { workspace, flags, managed }: SettingsSources,
  before?: Pick<LoadedSettings, "files">,
  written: SettingsTexts = readSettingsTexts(workspace),
): LoadedSettings {
  const diagnostics: Diagnostic[] = [...written.diagnostics];
  const withheld: WithheldFile[] = [];
  const texts = new Map(written.texts);
  const known = (file: string): SettingsValues | undefined => before?.files.find((one) => one.file === file)?.values;
  const read = (text: string, file: string): SettingsValues => {
    const { value, diagnostics: found } = readSettings(text, file);
    diagnostics.push(...found);
    return value ?? known(file) ?? {};
  };
  const own = settingsPlaces(workspace).flatMap((place): LoadedSettings["files"] => {
    const text = texts.get(place.file);
    if (text === undefined) return [];
    const { file, layer } = place;
    const values = read(text, file);
    if (layer === "user") return [{ layer, file, values }];
    if (workspace.trusted) return [{ layer: effectiveLayer(place, workspace), file, values }];
    withheld.push({ file, layer, keys: Object.keys(values) });
    return [];
  });
  const given = flags
    .map((flag) => {
      const file = flagFile(flag, workspace.directory);
      try {
        return { layer: "flags" as const, file, values: flagValues(flag, file) };
      } catch (error) {
        // Once it was read, a file that goes may not keep what an administrator changes from counting.
        const values = known(file);
        if (values === undefined || !isCodedError(error)) throw error;
        diagnostics.push({ code: error.code, severity: "error", message: error.message, file, hint: error.hint });
        return { layer: "flags" as const, file, values };
      }
    })
    .reverse();
  for (const each of managed) texts.set(each.file, each.trusted ? each.text : undefined);
  const administrator = managedValues(managed, known).map(({ file, values }) => ({
    layer: "managed" as const,
    file,
    values,
  }));
  return { files: inOrder([...administrator, ...given, ...own]), withheld, diagnostics, texts };
}

/** Every layer that sets a key, strongest first; the values are frozen, since several plugins are handed the same. */
export function layersOf({ files }: LoadedSettings, key: string): readonly LayeredValue[] {
  return files.flatMap(({ layer, file, values }) =>
    Object.hasOwn(values, key) ? [{ layer, file, value: freeze(values[key]) }] : [],
  );
}

const LAYERS: readonly SettingsLayer[] = ["managed", "flags", "local", "project", "user"];

/** A local file that counts as the project's comes after those of the local layer. */
function inOrder(files: LoadedSettings["files"]): LoadedSettings["files"] {
  return files.toSorted((left, right) => LAYERS.indexOf(left.layer) - LAYERS.indexOf(right.layer));
}

function effectiveLayer({ layer, file }: SettingsPlace, workspace: Workspace): SettingsLayer {
  return layer === "local" && isTracked(file, workspace) ? "project" : layer;
}

function textOf(file: string, diagnostics: Diagnostic[]): string | undefined {
  try {
    return readSettingsText(file);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    diagnostics.push({ code: error.code, severity: "error", message: error.message, file, hint: error.hint });
    return undefined;
  }
}

/** The file that a `--settings` names; `--settings` itself for JSON. */
function flagFile(flag: string, directory: string): string {
  return flag.trimStart().startsWith("{") ? "--settings" : resolve(directory, flag);
}

function flagValues(flag: string, file: string): SettingsValues {
  const text = flag.trimStart().startsWith("{") ? flag : readSettingsText(file);
  if (text === undefined) {
    throw new CodedError("E_NOT_FOUND", `\`--settings ${flag}\` names no file`, {
      hint: "name a JSON file that exists, or give the JSON itself",
    });
  }
  const { value, diagnostics } = readSettings(text, file);
  const [wrong] = diagnostics;
  if (wrong === undefined) return value ?? {};
  throw new CodedError("E_USAGE", `\`--settings\` cannot be used: ${wrong.message}`, {
    hint: wrong.hint,
    where: wrong.line === undefined ? file : `${file}:${wrong.line}:${wrong.column ?? 1}`,
  });
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
