import { optionText } from "../../plugin-api/placeholders.ts";
import type { ConfiguredPlugin } from "../config/configured-plugin.ts";
import { allWithOptions, namedPlugin } from "../config/named-plugin.ts";
import { settingsHere } from "../config/option-files.ts";
import { statesOf, type OptionState } from "../config/option-state.ts";
import { EXIT } from "../exit-code.ts";
import { warnAbout } from "../installed.ts";
import { placeText } from "../config/set-option.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin config list`. */
export const verb: Verb = {
  name: "config list",
  summary: "list the options of plugins, their values and where those come from",
  positionals: [{ name: "plugin", completes: "installed" }],
  flags: [],
  about: ["Of a secret it says only whether there is one, and where it is kept."],
  examples: ["plugin config list", "plugin config list notes@acme --json"],
  run: async (context, args) => {
    const [word] = args.positionals;
    const plugins = word === undefined ? await allWithOptions(context) : [await namedPlugin(context, word)];
    const here = settingsHere(context);
    const { options, diagnostics: found } = await statesOf(context, here, plugins, word !== undefined);
    const diagnostics = [...here.diagnostics, ...found];
    await warnAbout(context, diagnostics);
    return {
      exit: EXIT.ok,
      data: { options, diagnostics },
      text: () => (options.length === 0 ? [nothing(plugins, word)] : listLines(options)),
    };
  },
};

function nothing(plugins: readonly ConfiguredPlugin[], word: string | undefined): string {
  return word === undefined ? "no plugin here has options" : `${plugins[0]?.id ?? word} has no options`;
}

function listLines(options: readonly OptionState[]): readonly string[] {
  return [...Map.groupBy(options, ({ plugin }) => plugin)].flatMap(([plugin, own], at) => [
    ...(at === 0 ? [] : [""]),
    bold(plugin),
    ...columns(
      own.map((option) => [option.key, valueText(option), dim(fromText(option)), option.title]),
      "  ",
    ),
  ]);
}

function valueText({ state, sensitive, required, value }: OptionState): string {
  if (state === "unknown") return "(secret, unknown)";
  if (state === "unset") return required ? "(not set, required)" : "(not set)";
  return sensitive ? "(secret, set)" : optionText(value);
}

function fromText({ state, from }: OptionState): string {
  return state === "default" ? "default" : placeText(from ?? "");
}
