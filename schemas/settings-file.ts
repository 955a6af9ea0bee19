import type { Diagnosed, Diagnostic } from "./diagnostic.ts";
import { isCodedError, type CodedError } from "./errors.ts";
import { type JsonDocument, readJson } from "./json-text.ts";
import { escapeControl } from "./names.ts";
import { SETTINGS_KEYS } from "./settings-keys.ts";
import { settingsShape } from "./shapes.ts";
import { isRecord } from "./record.ts";
import { positionIn } from "./text-position.ts";

/** Top-level keys and their values. */
export type SettingsValues = Readonly<Record<string, unknown>>;

/** The keys that have a shape; where none of them stands, its schema is not loaded. */
const SHAPED = SETTINGS_KEYS.filter((key) => key !== "hooks");

/**
 * Reads a settings file, comments allowed. What has the wrong shape is left out with a finding: a member of a key that holds
 * an object, else the whole key; hooks are left to their own reader, which drops handlers one by one. `undefined` for a text
 * that is no JSON object, or repeats a key.
 */
export function readSettings(text: string, file: string): Diagnosed<SettingsValues | undefined> {
  return settingsOf(() => readJson(text, { file, dangerousKeys: "refuse", comments: true }), file);
}

/** The same for a file that somebody may have read as JSON already. */
export function settingsOf(read: () => JsonDocument, file: string): Diagnosed<SettingsValues | undefined> {
  try {
    const json = read();
    if (!isRecord(json.value)) return nothing({ code: "E_SCHEMA", message: `\`${file}\` is not an object` }, file);
    const values: Record<string, unknown> = { ...json.value };
    const { hooks: _hooks, ...checked } = values;
    const result = SHAPED.some((key) => Object.hasOwn(checked, key)) ? settingsShape(checked) : undefined;
    const diagnostics = (result?.error?.issues ?? []).map(({ path, message }): Diagnostic => {
      const steps = path.filter((step) => typeof step !== "symbol");
      return {
        code: "E_SCHEMA",
        severity: "error",
        message: `\`${escapeControl(steps.join("."))}\` has a value that cannot be used: ${escapeControl(message)}`,
        file,
        ...json.locate(steps),
        hint: "correct or remove it",
        dropped: escapeControl(leaveOut(values, steps).join(".")),
      };
    });
    return { value: values, diagnostics };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return nothing(error, file);
  }
}

/** Returns the path of what is left out. */
function leaveOut(
  values: Record<string, unknown>,
  [key = "", member]: readonly (string | number)[],
): readonly (string | number)[] {
  const value = values[key];
  if (!isRecord(value) || member === undefined) {
    Reflect.deleteProperty(values, key);
    return [key];
  }
  values[key] = Object.fromEntries(Object.entries(value).filter(([name]) => name !== member));
  return [key, member];
}

function nothing(
  { code, message, where, hint }: Pick<CodedError, "code" | "message"> & Partial<CodedError>,
  file: string,
): Diagnosed<undefined> {
  const place = positionIn(where);
  const diagnostic: Diagnostic = { code, severity: "error", message, file, ...place, hint: hint ?? "make it `{}`" };
  return { value: undefined, diagnostics: [diagnostic] };
}
