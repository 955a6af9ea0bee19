import { CodedError } from "../../schemas/errors.ts";
import { EXIT } from "../exit-code.ts";
import { GLOBAL_FLAGS } from "../flags.ts";
import type { Verb } from "../verb.ts";
import { VERBS } from "../verb-table.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** `plugin completion`. */
export const verb: Verb = {
  name: "completion",
  summary: "print a completion script for a shell",
  positionals: [{ name: "shell", required: true }],
  flags: [],
  about: ["The shell is `bash`, `zsh` or `fish`. Verbs and flags are completed."],
  examples: [
    "plugin completion bash > ~/.local/share/bash-completion/completions/plugin",
    "plugin completion fish | source",
  ],
  run: async (_context, args) => {
    const shell = args.positionals[0] ?? "";
    const known = SHELLS.find((name) => name === shell);
    if (known === undefined) {
      throw new CodedError("E_USAGE", `there is no completion for \`${shell}\``, {
        hint: "the shells are `bash`, `zsh` and `fish`",
        data: { unknown: shell, candidates: [...SHELLS] },
      });
    }
    const script = await SCRIPTS[known]();
    return { exit: EXIT.ok, data: { shell, script: script.join("\n") }, text: () => script };
  },
};

const names = (entry: (typeof VERBS)[number]): readonly string[] => [entry.name, ...(entry.aliases ?? [])];
const topWords = (): string => VERBS.flatMap(names).join(" ");
const group = VERBS.find((entry) => entry.verbs !== undefined);
const groupWords = (): string => (group?.verbs ?? []).flatMap(names).join(" ");

/** Flags by verb; the verbs are loaded to be asked. */
async function flagWords(): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  const globals = GLOBAL_FLAGS.map((flag) => `--${flag.name}`);
  for (const entry of VERBS) {
    const own = entry.load === undefined ? [] : (await entry.load()).verb.flags.map((flag) => `--${flag.name}`);
    all.set(names(entry).join("|"), [...own, ...globals].join(" "));
  }
  return all;
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], () => Promise<readonly string[]>>> = {
  bash: async () => [
    "_plugin() {",
    '  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} words=""',
    `  if [ "$COMP_CWORD" -eq 1 ]; then words="${topWords()}"`,
    '  elif [ "${word:0:1}" = - ]; then',
    "    case $verb in",
    ...[...(await flagWords())].map(([verbs, flags]) => `      ${verbs}) words="${flags}" ;;`),
    "    esac",
    `  elif [ "$COMP_CWORD" -eq 2 ]; then case $verb in ${group === undefined ? "" : names(group).join("|")}) words="${groupWords()}" ;; esac`,
    "  fi",
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    "}",
    "complete -o default -F _plugin plugin",
  ],
  zsh: async () => [
    "#compdef plugin",
    "_plugin() {",
    `  if (( CURRENT == 2 )); then compadd -- ${topWords()}; return; fi`,
    "  if [[ $PREFIX == -* ]]; then",
    "    case $words[2] in",
    ...[...(await flagWords())].map(([verbs, flags]) => `      ${verbs}) compadd -- ${flags} ;;`),
    "    esac",
    "    return",
    "  fi",
    `  if (( CURRENT == 3 )) && [[ $words[2] == (${group === undefined ? "" : names(group).join("|")}) ]]; then compadd -- ${groupWords()}; return; fi`,
    "  _files",
    "}",
    "compdef _plugin plugin",
  ],
  fish: async () => [
    ...VERBS.flatMap((entry) =>
      names(entry).map(
        (name) =>
          `complete -c plugin -n __fish_use_subcommand -a ${name} -d '${entry.summary.replaceAll("'", String.raw`\'`)}'`,
      ),
    ),
    ...(group === undefined
      ? []
      : [`complete -c plugin -n '__fish_seen_subcommand_from ${names(group).join(" ")}' -a '${groupWords()}'`]),
    ...GLOBAL_FLAGS.map(
      (flag) => `complete -c plugin -l ${flag.name} -d '${flag.summary.replaceAll("'", String.raw`\'`)}'`,
    ),
  ],
};
