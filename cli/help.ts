import { GLOBAL_FLAGS, type FlagSpec } from "./flags.ts";
import { bold, columns } from "./print/style.ts";
import type { PositionalSpec, Verb } from "./verb.ts";
import { VERBS, type VerbEntry } from "./verb-table.ts";
import { VERSION } from "./version.ts";

function flagRow(flag: FlagSpec): readonly string[] {
  const value = flag.value === undefined ? "" : ` <${flag.choices?.join("|") ?? flag.value}>`;
  return [`${flag.short === undefined ? "    " : `-${flag.short}, `}--${flag.name}${value}`, flag.summary];
}

/** Flags as help lists them. */
export function flagLines(flags: readonly FlagSpec[]): readonly string[] {
  return columns(flags.map(flagRow), "  ");
}

const word = (entry: VerbEntry): string => [entry.name, ...(entry.aliases ?? [])].join(", ");

/** `plugin --help`. */
export function programHelp(): readonly string[] {
  return [
    `${bold("plugin")} ${VERSION}: package manager for coding-agent plugins`,
    "",
    "usage: plugin <verb> [words] [flags]",
    "",
    bold("verbs"),
    ...columns(
      VERBS.map((entry) => [word(entry), entry.summary]),
      "  ",
    ),
    "",
    bold("flags of every verb"),
    ...flagLines(GLOBAL_FLAGS),
    "",
    bold("exit codes"),
    "  0 ok, 1 failed, 2 usage, 3 refused by policy, trust or consent, 4 unsatisfiable, 130 interrupted",
    "",
    bold("example"),
    "  plugin marketplace add owner/repo",
    "  plugin add some-plugin@its-marketplace",
  ];
}

/** `plugin marketplace --help`. */
export function groupHelp(entry: VerbEntry): readonly string[] {
  const first = entry.verbs?.[0]?.name ?? "";
  return [
    `${bold(`plugin ${entry.name}`)}: ${entry.summary}`,
    "",
    `usage: plugin ${entry.name} <verb> [words] [flags]`,
    "",
    bold("verbs"),
    ...columns(
      (entry.verbs ?? []).map((verb) => [word(verb), verb.summary]),
      "  ",
    ),
    "",
    bold("example"),
    `  plugin ${entry.name} ${first} --help`,
  ];
}

function positionalText(positional: PositionalSpec): string {
  const name = `<${positional.name}>${positional.variadic === true ? "..." : ""}`;
  return positional.required === true ? name : `[${name}]`;
}

/** `plugin <verb> --help`. */
export function verbHelp(verb: Verb, entry: VerbEntry): readonly string[] {
  const usage = ["plugin", verb.name, ...verb.positionals.map(positionalText), "[flags]"].join(" ");
  const aliases = entry.aliases ?? [];
  return [
    `${bold(`plugin ${verb.name}`)}: ${verb.summary}`,
    "",
    `usage: ${usage}`,
    ...(aliases.length === 0 ? [] : [`also:  ${aliases.join(", ")}`]),
    ...(verb.about === undefined ? [] : ["", ...verb.about]),
    ...(verb.flags.length === 0 ? [] : ["", bold("flags"), ...flagLines(verb.flags)]),
    "",
    bold("flags of every verb"),
    ...flagLines(GLOBAL_FLAGS),
    "",
    bold(verb.examples.length === 1 ? "example" : "examples"),
    ...verb.examples.map((example) => `  ${example}`),
  ];
}
