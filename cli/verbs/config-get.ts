import { optionText } from "../../plugin-api/placeholders.ts";
import { CodedError } from "../../schemas/errors.ts";
import { optionOf, type ConfiguredPlugin } from "../config/configured-plugin.ts";
import { secretsHere, settingsHere, type SettingsHere } from "../config/option-files.ts";
import { namedPlugin } from "../config/named-plugin.ts";
import { optionStates } from "../config/option-state.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { warnAbout } from "../installed.ts";
import type { Verb, VerbResult } from "../verb.ts";

/** `plugin config get`. */
export const verb: Verb = {
  name: "config get",
  summary: "print the value of one option",
  positionals: [
    { name: "plugin", completes: "installed", required: true },
    { name: "option", required: true },
  ],
  flags: [{ name: "reveal", summary: "show a secret, on a terminal only" }],
  about: [
    "Prints the value that counts, also a default. Exit code 1 when there is none. A secret is shown with `--reveal` only, and only to a person: not into a pipe or file, and not as JSON.",
  ],
  examples: ["plugin config get notes@acme folder", "plugin config get notes@acme token --reveal"],
  run: async (context, args) => {
    const [word = "", key = ""] = args.positionals;
    const plugin = await namedPlugin(context, word);
    const option = optionOf(plugin, key);
    const here = settingsHere(context);
    if (option.sensitive) return revealed(context, plugin, key, here, args.switches.has("reveal"));
    const { states, diagnostics } = await optionStates(plugin, here, undefined);
    await warnAbout(context, diagnostics);
    const state = states.find((one) => one.key === key);
    if (state?.value === undefined) throw unset(plugin.id, key);
    return {
      exit: EXIT.ok,
      data: { ...state, diagnostics },
      text: () => (Array.isArray(state.value) ? state.value.map(String) : [optionText(state.value)]),
    };
  },
};

async function revealed(
  context: VerbContext,
  plugin: ConfiguredPlugin,
  key: string,
  here: SettingsHere,
  reveal: boolean,
): Promise<VerbResult> {
  const { options, writer } = context;
  if (!reveal) {
    throw new CodedError("E_OPTION", `\`${key}\` of \`${plugin.id}\` is secret and is not shown`, {
      hint: "`--reveal` shows it on a terminal; `plugin config list` says whether it is set",
    });
  }
  if (options.json || !writer.stdoutIsTerminal) {
    throw new CodedError("E_USAGE", "a secret is shown on a terminal only, not as JSON and not into a pipe or file", {
      hint: "programs get it where it is kept, e.g. with `secret-tool` or the program of `secrets.command`",
    });
  }
  const secrets = await secretsHere(context, here, [plugin]);
  const { services } = await context.engine();
  services.audit.append({
    action: "secret option reveal",
    subject: plugin.id,
    outcome: "allowed",
    detail: { name: key },
  });
  const value = await secrets.option(plugin.id, key);
  if (value === undefined) throw unset(plugin.id, key);
  return { exit: EXIT.ok, data: {}, text: () => [value] };
}

function unset(id: string, key: string): CodedError {
  return new CodedError("E_OPTION", `\`${key}\` of \`${id}\` has no value`, {
    hint: `\`plugin config set ${id} ${key}\` sets it`,
  });
}
