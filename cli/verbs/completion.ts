import { CodedError } from "../../schemas/errors.ts";
import { EXIT } from "../exit-code.ts";
import { completableNames, NAME_KINDS } from "../completable-names.ts";
import { GLOBAL_FLAGS, valueOf } from "../flags.ts";
import type { Verb } from "../verb.ts";
import { VERBS, type VerbEntry } from "../verb-table.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** `plugin completion`. */
export const verb: Verb = {
  name: "completion",
  summary: "print a completion script for a shell",
  positionals: [{ name: "shell" }],
  flags: [
    { name: "names", value: "kind", choices: NAME_KINDS, summary: "print what the script offers as names instead" },
  ],
  about: [
    "The shell is `bash`, `zsh` or `fish`. Verbs, flags, and names of installed plugins and marketplaces are completed.",
  ],
  examples: [
    "plugin completion bash > ~/.local/share/bash-completion/completions/plugin",
    "plugin completion fish | source",
  ],
  run: async (context, args) => {
    const kind = NAME_KINDS.find((one) => one === valueOf(args, "names"));
    if (kind !== undefined) {
      const offered = await completableNames(context, kind);
      return { exit: EXIT.ok, data: { names: offered }, text: () => offered };
    }
    const shell = args.positionals[0];
    if (shell === undefined) {
      throw new CodedError("E_USAGE", "`plugin completion` needs <shell>", {
        hint: "the shells are `bash`, `zsh` and `fish`",
      });
    }
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

const names = (entry: VerbEntry): readonly string[] => [entry.name, ...(entry.aliases ?? [])];
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

/** Words of those verbs whose words are names of a kind. */
async function verbsOffering(entries: readonly VerbEntry[], kind: string): Promise<readonly string[]> {
  const words: string[] = [];
  for (const entry of entries) {
    const verb = (await entry.load?.())?.verb;
    if (verb?.positionals.some(({ completes }) => completes === kind) === true) words.push(...names(entry));
  }
  return words;
}

const groupNames = group === undefined ? [] : names(group);
const offering = (kind: (typeof NAME_KINDS)[number]): string => `plugin completion --names ${kind} 2>/dev/null`;

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], () => Promise<readonly string[]>>> = {
  bash: async () => [
    "_plugin() {",
    '  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} words=""',
    `  if [ "$COMP_CWORD" -eq 1 ]; then words="${topWords()}"`,
    '  elif [ "${word:0:1}" = - ]; then',
    "    case $verb in",
    ...[...(await flagWords())].map(([verbs, flags]) => `      ${verbs}) words="${flags}" ;;`),
    "    esac",
    "  else",
    "    case $verb in",
    `      ${groupNames.join("|")})`,
    `        if [ "$COMP_CWORD" -eq 2 ]; then words="${groupWords()}"`,
    `        else case \${COMP_WORDS[2]} in ${(await verbsOffering(group?.verbs ?? [], "marketplaces")).join("|")}) words="$(${offering("marketplaces")})" ;; esac; fi ;;`,
    `      ${(await verbsOffering(VERBS, "installed")).join("|")}) words="$(${offering("installed")})" ;;`,
    "    esac",
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
    "  case $words[2] in",
    `    ${groupNames.join("|")})`,
    `      if (( CURRENT == 3 )); then compadd -- ${groupWords()}; return; fi`,
    `      case $words[3] in ${(await verbsOffering(group?.verbs ?? [], "marketplaces")).join("|")}) compadd -- \${(f)"$(${offering("marketplaces")})"}; return ;; esac ;;`,
    `    ${(await verbsOffering(VERBS, "installed")).join("|")}) compadd -- \${(f)"$(${offering("installed")})"}; return ;;`,
    "  esac",
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
    `complete -c plugin -n '__fish_seen_subcommand_from ${(await verbsOffering(VERBS, "installed")).join(" ")}; and not __fish_seen_subcommand_from ${groupNames.join(" ")}' -f -a '(${offering("installed")})'`,
    `complete -c plugin -n '__fish_seen_subcommand_from ${groupNames.join(" ")}; and __fish_seen_subcommand_from ${(await verbsOffering(group?.verbs ?? [], "marketplaces")).join(" ")}' -f -a '(${offering("marketplaces")})'`,
    ...GLOBAL_FLAGS.map(
      (flag) => `complete -c plugin -l ${flag.name} -d '${flag.summary.replaceAll("'", String.raw`\'`)}'`,
    ),
  ],
};
