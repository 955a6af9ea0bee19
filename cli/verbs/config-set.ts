import { CodedError } from "../../schemas/errors.ts";
import { askOptions } from "../config/ask-options.ts";
import { optionOf, type ConfiguredPlugin } from "../config/configured-plugin.ts";
import { refuseSecretWord, sourceText, valueSource, type ValueSource } from "../config/given-value.ts";
import { secretsHere, settingsHere } from "../config/option-files.ts";
import { namedPlugin } from "../config/named-plugin.ts";
import { optionStates, type OptionState } from "../config/option-state.ts";
import { requirePerson } from "../config/scope.ts";
import { placeText, setOption, type SetOption } from "../config/set-option.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { bold, green } from "../print/style.ts";
import type { Verb } from "../verb.ts";

type Change = SetOption & { readonly key: string };

/** `plugin config set`. */
export const verb: Verb = {
  name: "config set",
  summary: "give options of a plugin their values",
  positionals: [
    { name: "plugin", completes: "installed", required: true },
    { name: "option" },
    { name: "value", variadic: true },
  ],
  flags: [
    { name: "stdin", summary: "read the value from standard input" },
    { name: "from-env", value: "name", summary: "take the value from this environment variable" },
    { name: "from-keytar", value: "service/account", summary: "take a secret that a program stored with keytar" },
  ],
  about: [
    "The option may also be written `option=value`. A secret never stands in the command line: without a value you are asked and see nothing of what you type. It goes where `secrets.backend` in your settings says, by default the keychain of the system; everything else goes into your own settings.",
    "Without an option you are asked for all of them. Several values are several words.",
  ],
  examples: [
    "plugin config set notes@acme folder ~/notes",
    "plugin config set notes@acme token",
    "plugin config set notes@acme token --from-env NOTES_TOKEN",
    "plugin config set notes@acme token --from-keytar notes-app/me@example.com",
  ],
  run: async (context, args) => {
    const [word = "", second, ...more] = args.positionals;
    requirePerson(context);
    const plugin = await namedPlugin(context, word);
    const { key, words } = keyAndWords(second, more);
    const source = valueSource(args, words.length > 0);
    const changes =
      key === undefined
        ? await askAll(context, plugin)
        : words.length > 0
          ? [{ key, ...(await setWords(context, plugin, key, words)) }]
          : source !== undefined
            ? [{ key, ...(await setFrom(context, plugin, key, source)) }]
            : await ask(context, plugin, key);
    const outcome = changes.length === 0 ? "nothing" : (changes[0]?.outcome ?? "nothing");
    return {
      exit: EXIT.ok,
      data: { outcome, plugin: plugin.id, set: changes.map(({ key: name, to }) => ({ key: name, to })) },
      text: () => lines(plugin.id, changes),
    };
  },
};

/** `key value` or `key=value`; a key holds no `=`. */
function keyAndWords(second: string | undefined, more: readonly string[]) {
  const equals = second?.indexOf("=") ?? -1;
  if (second === undefined || equals < 0) return { key: second, words: more };
  return { key: second.slice(0, equals), words: [second.slice(equals + 1), ...more] };
}

function setWords(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  key: string,
  words: readonly string[],
): Promise<SetOption> {
  if (optionOf(plugin, key).sensitive) throw refuseSecretWord(plugin.id, key);
  return setOption(context, plugin, key, words);
}

async function setFrom(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  key: string,
  source: ValueSource,
): Promise<SetOption> {
  const option = optionOf(plugin, key);
  const text = await sourceText(source, key, option, context.environment);
  return setOption(context, plugin, key, option.multiple ? text.split(/\r?\n/u) : [text]);
}

async function askAll(context: VerbContext, plugin: ConfiguredPlugin): Promise<readonly Change[]> {
  const keys = Object.keys(plugin.options);
  if (keys.length === 0) {
    throw new CodedError("E_OPTION", `\`${plugin.id}\` has no options`, { hint: "`plugin info` shows what it has" });
  }
  return askFor(context, plugin, keys, `name the option: ${keys.map((key) => `\`${key}\``).join(", ")}`);
}

function ask(context: VerbContext, plugin: ConfiguredPlugin, key: string): Promise<readonly Change[]> {
  const { sensitive } = optionOf(plugin, key);
  const ways = sensitive
    ? "`--stdin`, `--from-env NAME` or `--from-keytar SERVICE/ACCOUNT`"
    : "`--stdin` or `--from-env NAME`";
  return askFor(
    context,
    plugin,
    [key],
    sensitive ? `give the value with ${ways}` : `write it after the option, or use ${ways}`,
  );
}

async function askFor(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  keys: readonly string[],
  hint: string,
): Promise<readonly Change[]> {
  const engine = await context.engine();
  if (!engine.interactive) {
    throw new CodedError(
      "E_USAGE",
      `no value for ${keys.map((key) => `\`${key}\``).join(", ")}, and nobody can be asked`,
      { hint },
    );
  }
  const here = settingsHere(context);
  const { states } = await optionStates(plugin, here, await secretsHere(context, here, [plugin]));
  const asked = keys.flatMap((key): readonly OptionState[] => states.filter((state) => state.key === key));
  return askOptions(context, plugin, asked);
}

function lines(id: string, changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return ["nothing was changed"];
  return changes.map(({ key, to, outcome }) =>
    outcome === "dry-run"
      ? `dry run, ${bold(key)} of ${id} was not set (it would be kept in ${placeText(to)})`
      : `${green("done:")} ${bold(key)} of ${id} is kept in ${placeText(to)}`,
  );
}
