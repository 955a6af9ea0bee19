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

/** A verb that is a group of verbs. */
interface VerbGroup {
  /** The words that name it, and those that may follow. */
  readonly names: readonly string[];
  readonly words: string;
  /** Those of its verbs after which a marketplace is named. */
  readonly offering: readonly string[];
}

async function verbGroups(): Promise<readonly VerbGroup[]> {
  const groups: VerbGroup[] = [];
  for (const entry of VERBS) {
    if (entry.verbs === undefined) continue;
    const words = entry.verbs.flatMap(names).join(" ");
    groups.push({ names: names(entry), words, offering: await verbsOffering(entry.verbs, "marketplaces") });
  }
  return groups;
}

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
    ...(await verbGroups()).flatMap((group) => [
      `      ${group.names.join("|")})`,
      `        if [ "$COMP_CWORD" -eq 2 ]; then words="${group.words}"`,
      ...(group.offering.length === 0
        ? []
        : [
            `        else case \${COMP_WORDS[2]} in ${group.offering.join("|")}) words="$(${offering("marketplaces")})" ;; esac`,
          ]),
      "        fi ;;",
    ]),
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
    ...(await verbGroups()).flatMap((group) => [
      `    ${group.names.join("|")})`,
      `      if (( CURRENT == 3 )); then compadd -- ${group.words}; return; fi`,
      ...(group.offering.length === 0
        ? []
        : [
            `      case $words[3] in ${group.offering.join("|")}) compadd -- \${(f)"$(${offering("marketplaces")})"}; return ;; esac`,
          ]),
      "      ;;",
    ]),
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
    ...(await verbGroups()).flatMap((group) => [
      `complete -c plugin -n '__fish_seen_subcommand_from ${group.names.join(" ")}' -a '${group.words}'`,
      ...(group.offering.length === 0
        ? []
        : [
            `complete -c plugin -n '__fish_seen_subcommand_from ${group.names.join(" ")}; and __fish_seen_subcommand_from ${group.offering.join(" ")}' -f -a '(${offering("marketplaces")})'`,
          ]),
    ]),
    `complete -c plugin -n '__fish_seen_subcommand_from ${(await verbsOffering(VERBS, "installed")).join(" ")}; and not __fish_seen_subcommand_from ${(await verbGroups()).flatMap((group) => group.names).join(" ")}' -f -a '(${offering("installed")})'`,
    ...GLOBAL_FLAGS.map(
      (flag) => `complete -c plugin -l ${flag.name} -d '${flag.summary.replaceAll("'", String.raw`\'`)}'`,
    ),
  ],
};
