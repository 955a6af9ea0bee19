import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { optionText } from "../../plugin-api/placeholders.ts";
import { shellWord } from "../../schemas/shell-word.ts";
import type { UserOption } from "../../schemas/plugin-manifest.ts";
import type { VerbContext } from "../context.ts";
import type { ConfiguredPlugin } from "./configured-plugin.ts";
import type { OptionState } from "./option-state.ts";
import { setOption, type SetOption } from "./set-option.ts";

/** How often one question is put when the answers do not fit. */
const TRIES = 3;

/** Asks at the terminal for options of a plugin; an empty answer leaves one as it is. Returns what was set. */
export async function askOptions(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  states: readonly OptionState[],
): Promise<readonly (SetOption & { readonly key: string })[]> {
  const set: (SetOption & { readonly key: string })[] = [];
  for (const state of states) {
    const option = plugin.options[state.key];
    const done =
      option === undefined ? undefined : await askOption(context, plugin, state, option).catch(interrupted(set));
    if (done !== undefined) set.push({ ...done, key: state.key });
  }
  return set;
}

/** What was answered before stays, so it cannot be said that nothing was changed. */
function interrupted(set: readonly { readonly key: string }[]): (error: unknown) => never {
  return (error) => {
    if (!isCodedError(error) || error.code !== "E_INTERRUPTED") throw error;
    const before =
      set.length === 0 ? "no option was set" : `${set.map(({ key }) => `\`${key}\``).join(", ")} set before`;
    throw new CodedError("E_INTERRUPTED", `interrupted, ${before}`, { cause: error });
  };
}

async function askOption(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  state: OptionState,
  option: UserOption,
): Promise<SetOption | undefined> {
  const { writer } = context;
  const engine = await context.engine();
  const { key } = state;
  engine.quiet();
  writer.err([`${plugin.id} ${key}: ${option.title}`, ...aboutLines(option)]);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const answer = (await engine.askText({ text: questionText(state, option), hidden: option.sensitive })).trim();
    if (answer === "") return undefined;
    try {
      return await setOption(context, plugin, key, option.multiple ? answer.split(/\s*,\s*/u) : [answer]);
    } catch (error) {
      if (!isCodedError(error) || error.code !== "E_OPTION") throw error;
      writer.err([`  ${error.message}`]);
    }
  }
  return undefined;
}

function aboutLines({ title, description }: UserOption): readonly string[] {
  return description === "" || description === title ? [] : [`  ${description}`];
}

function questionText({ key, state, value }: OptionState, option: UserOption): string {
  const { options, type, multiple, sensitive, required } = option;
  const kinds = multiple ? "several, with commas between" : type === "boolean" ? "true or false" : type;
  const wanted = options === undefined ? kinds : options.join(", ");
  const now = sensitive
    ? state === "set"
      ? "keep it"
      : undefined
    : value === undefined
      ? undefined
      : optionText(value);
  const empty = now === undefined ? (required ? "required" : "leave out") : now;
  return `  ${key} (${sensitive ? "secret, not shown" : wanted}) [${empty}]: `;
}

/** The commands that give options their values. */
export function setCommands(states: readonly OptionState[]): readonly string[] {
  return states.map(({ plugin, key, sensitive }) =>
    ["plugin config set", shellWord(plugin), shellWord(key), ...(sensitive ? [] : ["VALUE"])].join(" "),
  );
}
