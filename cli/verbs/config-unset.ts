import { recorded } from "../../core/audit/recorded.ts";
import { optionPlaces } from "../../core/settings/plugin-options.ts";
import { isRecord } from "../../schemas/record.ts";
import { optionOf, type ConfiguredPlugin } from "../config/configured-plugin.ts";
import { removeOption, secretsHere, settingsHere, type SettingsHere } from "../config/option-files.ts";
import { namedPlugin } from "../config/named-plugin.ts";
import { requirePerson } from "../config/scope.ts";
import { managed, ownFile, placeText } from "../config/set-option.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { bold, green } from "../print/style.ts";
import type { Verb } from "../verb.ts";

interface Unset {
  readonly outcome: "done" | "nothing" | "dry-run";
  readonly from: string;
  /** A file of the person that is not ours and goes on setting it. */
  readonly still?: string | undefined;
}

/** `plugin config unset`. */
export const verb: Verb = {
  name: "config unset",
  summary: "take the value of one option away",
  positionals: [
    { name: "plugin", completes: "installed", required: true },
    { name: "option", required: true },
  ],
  flags: [],
  about: ["Its default counts again, if it has one. A secret is deleted where it is kept."],
  examples: ["plugin config unset notes@acme folder", "plugin config unset notes@acme token --dry-run"],
  run: async (context, args) => {
    const [word = "", key = ""] = args.positionals;
    requirePerson(context);
    const plugin = await namedPlugin(context, word);
    const here = settingsHere(context);
    const isStale = !Object.hasOwn(plugin.options, key) && standsIn(here, plugin.id, key);
    const sensitive = !isStale && optionOf(plugin, key).sensitive;
    const result = sensitive ? await unsetSecret(context, plugin, key, here) : await unsetPlain(context, plugin, key);
    const { outcome, from, still } = result;
    return {
      exit: EXIT.ok,
      data: { outcome, plugin: plugin.id, key, from, ...(still !== undefined && { still }) },
      text: () => [
        outcome === "nothing"
          ? `nothing to do, ${bold(key)} of ${plugin.id} is not set in ${placeText(from)}`
          : outcome === "dry-run"
            ? "dry run, nothing was changed"
            : `${green("done:")} ${bold(key)} of ${plugin.id} is no longer set in ${placeText(from)}`,
        ...(still === undefined ? [] : [`  hint: ${still} sets it too, which other agents read: correct it there`]),
      ],
    };
  },
};

/** A value of an option that the plugin no longer has can be taken away too. */
function standsIn({ settings }: SettingsHere, id: string, key: string): boolean {
  return settings.layers("pluginConfigs").some(({ layer, value }) => {
    const config = isRecord(value) && Object.hasOwn(value, id) ? value[id] : undefined;
    const options = isRecord(config) ? config["options"] : undefined;
    return layer === "user" && isRecord(options) && Object.hasOwn(options, key);
  });
}

async function unsetSecret(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  key: string,
  here: SettingsHere,
): Promise<Unset> {
  const secrets = await secretsHere(context, here, [plugin]);
  const from = secrets.backend();
  if (context.options.dryRun) return { outcome: "dry-run", from };
  return { outcome: (await secrets.deleteOption(plugin.id, key)) ? "done" : "nothing", from };
}

async function unsetPlain(context: VerbContext, { id, options }: ConfiguredPlugin, key: string): Promise<Unset> {
  const { services } = await context.engine();
  return services.exclusively(async () => {
    const place = () => optionPlaces(id, options, settingsHere(context).settings).value.get(key);
    const before = place();
    if (before?.layer === "managed") throw managed(id, key, before.file);
    const here = settingsHere(context);
    const from = ownFile(here.workspace.plugsmithHome);
    if (context.options.dryRun) return { outcome: "dry-run", from };
    const stood = before !== undefined || standsIn(here, id, key);
    if (!stood) return { outcome: "nothing", from };
    const record = { action: "option unset", subject: id, detail: { name: key } };
    await recorded(services.audit, record, () => removeOption(here.workspace, id, key));
    const still = place()?.file;
    return { outcome: before?.file === still && still !== undefined ? "nothing" : "done", from, still };
  });
}
