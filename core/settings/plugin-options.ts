import type { Settings, SettingsLayer } from "../../plugin-api/services/settings.ts";
import type { Diagnosed, Diagnostic } from "../../schemas/diagnostic.ts";
import { escapeControl } from "../../schemas/names.ts";
import type { UserOption } from "../../schemas/plugin-manifest.ts";

/** Layers that may set options: a repository may not (formats.md §1.5). */
const LAYERS: ReadonlySet<SettingsLayer> = new Set(["managed", "flags", "user"]);

/**
 * The options of a plugin, without those that are secret: of each the strongest value of `pluginConfigs["<id>"].options` that
 * fits its declaration, else its default. What has no effect is named by a finding, also a required option without a value.
 */
export function pluginOptions(
  id: string,
  declared: Readonly<Record<string, UserOption>>,
  settings: Pick<Settings, "layers">,
): Diagnosed<Readonly<Record<string, unknown>>> {
  const diagnostics: Diagnostic[] = [];
  const values = new Map<string, unknown>();
  for (const { layer, file, value } of settings.layers("pluginConfigs")) {
    for (const [key, given] of optionsIn(memberOf(value, id))) {
      const option = Object.hasOwn(declared, key) ? declared[key] : undefined;
      const problem = problemOf(option, given, layer);
      if (problem === undefined) {
        if (!values.has(key)) values.set(key, given);
        continue;
      }
      diagnostics.push({
        code: "W_SETTING",
        severity: "warning",
        message: `option \`${escapeControl(key)}\` of \`${id}\` has no effect here: ${problem.text}`,
        file,
        hint: problem.hint,
      });
    }
  }
  for (const [key, option] of Object.entries(declared)) {
    if (option.sensitive || values.has(key)) continue;
    if (option.default !== undefined) values.set(key, option.default);
    else if (option.required) {
      const message = `option \`${key}\` of \`${id}\` is required and has no value`;
      const hint = `set \`pluginConfigs["${id}"].options.${key}\` in your settings: ${option.title}`;
      diagnostics.push({ code: "W_SETTING", severity: "warning", message, hint });
    }
  }
  return { value: Object.freeze(Object.fromEntries(values)), diagnostics };
}

/** Options of the plugin, and of servers that came in bundles: as `<server>.<key>`, or below `mcpServers` (formats.md §1.5). */
function optionsIn(config: unknown): readonly (readonly [key: string, value: unknown])[] {
  const servers = membersOf(memberOf(config, "mcpServers")).flatMap(([server, options]) =>
    membersOf(options).map(([key, value]) => [`${server}.${key}`, value] as const),
  );
  return [...membersOf(memberOf(config, "options")), ...servers];
}

function membersOf(value: unknown): readonly (readonly [key: string, value: unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

interface Problem {
  readonly text: string;
  readonly hint: string;
}

function problemOf(option: UserOption | undefined, value: unknown, layer: SettingsLayer): Problem | undefined {
  if (option === undefined) return { text: "the plugin declares no such option", hint: "look at its name" };
  if (option.sensitive) {
    return {
      text: "it is secret, so it is read from the keychain only",
      hint: "remove it from the file, and take the secret for known to others",
    };
  }
  if (!LAYERS.has(layer)) {
    return { text: `files of the ${layer} layer set no options`, hint: "set it in your own settings" };
  }
  const wanted = wantedOf(option, value);
  return wanted === undefined ? undefined : { text: `it must be ${wanted}`, hint: "correct it" };
}

/** What a value should have been; `undefined` when it fits. */
function wantedOf({ type, multiple, options, min, max }: UserOption, value: unknown): string | undefined {
  switch (type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "`true` or `false`";
    case "number":
      if (typeof value !== "number") return "a number";
      if (min !== undefined && value < min) return `at least ${min}`;
      return max !== undefined && value > max ? `at most ${max}` : undefined;
    default:
      if (multiple) {
        const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
        return isList ? undefined : "a list of texts";
      }
      if (typeof value !== "string") return "a text";
      return options === undefined || options.includes(value)
        ? undefined
        : `one of ${options.map((one) => `\`${escapeControl(one)}\``).join(", ")}`;
  }
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
