import { recorded } from "../../core/audit/recorded.ts";
import { optionPlaces } from "../../core/settings/plugin-options.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { optionOf, type ConfiguredPlugin } from "./configured-plugin.ts";
import { fittingValue, pathRemark } from "./given-value.ts";
import { secretsHere, settingsHere, writeOption } from "./option-files.ts";

/** What setting an option came to. */
export interface SetOption {
  readonly outcome: "done" | "dry-run";
  /** File, or back end of a secret. */
  readonly to: string;
}

/**
 * Gives an option the value that texts stand for: a secret goes where the person keeps those, any other into their own settings.
 * Throws `E_OPTION` when it does not fit, `E_SOURCE_BLOCKED` when the managed policy has set it, `E_KEYCHAIN`.
 */
export async function setOption(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  key: string,
  words: readonly string[],
): Promise<SetOption> {
  const { cwd, options } = context;
  const option = optionOf(plugin, key);
  const { id } = plugin;
  const value = fittingValue({ id, key, option, cwd }, words);
  const { services } = await context.engine();
  const remark = pathRemark(option, value, cwd);
  if (remark !== undefined) services.remark(remark);
  if (option.sensitive) {
    const secrets = await secretsHere(context, settingsHere(context), [plugin]);
    const to = secrets.backend();
    if (to === "memory") {
      throw new CodedError("E_KEYCHAIN", "`secrets.backend` is `memory`, which ends with this command", {
        hint: "choose where secrets last: `keychain`, `encrypted-file` or `command`",
      });
    }
    if (!options.dryRun) await secrets.setOption(id, key, String(value));
    return { outcome: options.dryRun ? "dry-run" : "done", to };
  }
  return services.exclusively<SetOption>(() => {
    const { workspace, settings } = settingsHere(context);
    const place = optionPlaces(id, plugin.options, settings).value.get(key);
    if (place?.layer === "managed") throw managed(id, key, place.file);
    if (options.dryRun) return { outcome: "dry-run", to: ownFile(workspace.plugsmithHome) };
    const record = { action: "option set", subject: id, detail: { name: key } };
    return recorded(services.audit, record, () => ({ outcome: "done", to: writeOption(workspace, id, key, value) }));
  });
}

/** Where a value is, for people: a file as it is, a back end in words. */
export function placeText(to: string): string {
  return PLACES.get(to) ?? to;
}

const PLACES: ReadonlyMap<string, string> = new Map([
  ["keychain", "the keychain"],
  ["encrypted-file", "the encrypted file"],
  ["command", "the program of `secrets.command`"],
  ["environment", "the environment"],
]);

/** The person's own settings below a home. */
export function ownFile(home: string): string {
  return `${home}/settings.json`;
}

/** The refusal to change what an administrator has set. */
export function managed(id: string, key: string, file: string): CodedError {
  return new CodedError("E_SOURCE_BLOCKED", `\`${key}\` of \`${id}\` is set by \`pluginConfigs\` in ${file}`, {
    hint: "ask your administrator about it",
  });
}
