import type { LayeredValue, Settings, SettingsLayer } from "../../plugin-api/services/settings.ts";
import type { Diagnosed, Diagnostic } from "../../schemas/diagnostic.ts";
import { escapeControl } from "../../schemas/names.ts";
import { usableDefault, wantedValue } from "../../schemas/option-value.ts";
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
  const { value: places, diagnostics } = optionPlaces(id, declared, settings);
  const values = Object.entries(declared).flatMap(([key, option]) => {
    const value = places.get(key)?.value ?? (option.sensitive ? undefined : usableDefault(option));
    return value === undefined ? [] : [[key, value] as const];
  });
  const missing = Object.entries(declared).flatMap(([key, option]): readonly Diagnostic[] => {
    if (option.sensitive || !option.required || usableDefault(option) !== undefined || places.has(key)) return [];
    const message = `option \`${key}\` of \`${id}\` is required and has no value`;
    const hint = `\`plugin config set ${id} ${key}\` sets it: ${option.title}`;
    return [{ code: "W_SETTING", severity: "warning", message, hint }];
  });
  return { value: Object.freeze(Object.fromEntries(values)), diagnostics: [...diagnostics, ...missing] };
}

/** The strongest value that fits of each option that settings give one, with where it stands; none of them is secret. */
export function optionPlaces(
  id: string,
  declared: Readonly<Record<string, UserOption>>,
  settings: Pick<Settings, "layers">,
): Diagnosed<ReadonlyMap<string, LayeredValue>> {
  const diagnostics: Diagnostic[] = [];
  const places = new Map<string, LayeredValue>();
  for (const { layer, file, value } of settings.layers("pluginConfigs")) {
    for (const [key, given] of optionsIn(memberOf(value, id))) {
      const option = Object.hasOwn(declared, key) ? declared[key] : undefined;
      const problem = problemOf(option, given, layer);
      if (problem === undefined) {
        if (!places.has(key)) places.set(key, { layer, file, value: given });
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
  return { value: places, diagnostics };
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
      text: "it is secret, so no file of settings may hold it (the keychain does)",
      hint: "remove it from the file, take the secret for known to others, and give a new one to `plugin config set`",
    };
  }
  if (!LAYERS.has(layer)) {
    return { text: `files of the ${layer} layer set no options`, hint: "set it in your own settings" };
  }
  const wanted = wantedValue(option, value);
  return wanted === undefined ? undefined : { text: `it must be ${wanted}`, hint: "correct it" };
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
