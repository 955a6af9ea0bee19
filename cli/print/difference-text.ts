import type { SetChange, SetDifference } from "../../marketplace/compare/compare-sets.ts";
import type {
  Amount,
  Change,
  ExecutableFact,
  FileDifference,
  PluginDifference,
} from "../../marketplace/compare/difference.ts";
import { bytesText, counted, kindWord, signed } from "./amount.ts";
import { bold, dim, foreign, green, red, yellow } from "./style.ts";

/** How much of a difference is shown: every fact, or the first ones of each kind in one line each. */
export type Detail = "long" | "short";

/** More files are only counted; `--json` lists them all. */
const MAX_FILES = 100;
/** More facts of a kind are only counted in the short form. */
const MAX_SHORT = 6;
/** A longer command is cut in the short form. */
const MAX_DISPLAY = 100;

const MARKS: Readonly<Record<FileDifference["change"], string>> = {
  added: green("+"),
  removed: red("-"),
  changed: yellow("~"),
};

/** What differs in files, contributions, what runs, what is asked for, and cost; nothing where nothing does. */
export function differenceLines(difference: PluginDifference, detail: Detail, indent: string): readonly string[] {
  const { files, contributions, executables, capabilities, hosts, dependencies, requiredOptions } = difference;
  const facts = <T>(title: string, change: Change<T>, text: (fact: T) => string): readonly string[] =>
    factLines(title, change, text, detail, indent);
  return [
    ...fileLines(files, detail, indent),
    ...facts("adds", contributions, ({ kind, name }) => `${kindWord(kind)} ${name}`),
    ...facts("can execute", executables, executableText),
    ...facts("asks for", capabilities, (capability) => capability),
    ...facts("names the host", hosts, (host) => host),
    ...facts("needs", dependencies, ({ id, range }) => `${id} ${range}`),
    ...facts("needs the option", requiredOptions, (option) => option),
    ...costLines(difference, indent),
  ];
}

function fileLines(files: readonly FileDifference[], detail: Detail, indent: string): readonly string[] {
  if (files.length === 0) return [];
  const of = (change: FileDifference["change"]): number => files.filter((file) => file.change === change).length;
  const parts = (["added", "removed", "changed"] as const).flatMap((change) =>
    of(change) === 0 ? [] : [`${String(of(change))} ${change}`],
  );
  const [added, removed] = [sum(files, "added"), sum(files, "removed")];
  const head = `${indent}files: ${parts.join(", ")}${lineText({ added, removed })}`;
  const shown = detail === "long" ? files.slice(0, MAX_FILES) : [];
  const rest = detail === "long" ? files.length - shown.length : 0;
  return [
    head,
    ...shown.map((file) => `${indent}  ${changedFileText(file)}`),
    ...(rest === 0 ? [] : [`${indent}  and ${counted(rest, "more file")}, which \`--json\` lists`]),
  ];
}

/** One file that differs, with its lines. */
export function changedFileText({ change, path, lines, program }: FileDifference): string {
  return `${MARKS[change]} ${foreign(path)}${lineText(lines)}${program === true ? dim(" program") : ""}`;
}

const sum = (files: readonly FileDifference[], side: "added" | "removed"): number =>
  files.reduce((total, { lines }) => total + (lines?.[side] ?? 0), 0);

function lineText(lines: FileDifference["lines"]): string {
  if (lines === undefined) return "";
  const parts = [
    ...(lines.added === 0 ? [] : [`+${String(lines.added)}`]),
    ...(lines.removed === 0 ? [] : [`-${String(lines.removed)}`]),
  ];
  return parts.length === 0 ? "" : dim(` (${parts.join(" ")} ${lines.added + lines.removed === 1 ? "line" : "lines"})`);
}

/** One thing that can execute, in one line. */
export function executableText({ kind, name, display }: ExecutableFact): string {
  return kind === "script" ? `${kindWord(kind)} ${display}` : `${kindWord(kind)} ${name}: ${display}`;
}

/** What came and went of one kind; the short form cuts and counts. */
export function factLines<T>(
  title: string,
  { added, removed }: Change<T>,
  text: (fact: T) => string,
  detail: Detail,
  indent: string,
): readonly string[] {
  const all = [
    ...removed.map((fact) => `${red("-")} ${shown(text(fact), detail)}`),
    ...added.map((fact) => `${green("+")} ${shown(text(fact), detail)}`),
  ];
  if (all.length === 0) return [];
  const lines = detail === "short" && all.length > MAX_SHORT ? all.slice(0, MAX_SHORT - 1) : all;
  const rest = all.length - lines.length;
  return [
    `${indent}${title}:`,
    ...[...lines, ...(rest === 0 ? [] : [`and ${String(rest)} more`])].map((line) => `${indent}  ${line}`),
  ];
}

function shown(text: string, detail: Detail): string {
  const characters = [...foreign(text)];
  if (detail === "long" || characters.length <= MAX_DISPLAY) return characters.join("");
  return `${characters.slice(0, MAX_DISPLAY - 1).join("")}…`;
}

function costLines({ tokens, bytes }: PluginDifference, indent: string): readonly string[] {
  const size = bytes.after - bytes.before;
  const parts = [...tokenText(tokens), ...(size === 0 ? [] : [`${size < 0 ? "" : "+"}${bytesText(size)}`])];
  return parts.length === 0 ? [] : [`${indent}cost: ${parts.join(", ")}`];
}

function tokenText({ before, after }: Amount): readonly string[] {
  if (before === after) return [];
  return [`${signed(after - before)} tokens always on (estimate, ${String(before)} -> ${String(after)})`];
}

const CHANGES: Readonly<Record<SetChange["change"], string>> = {
  added: green("+"),
  removed: red("-"),
  changed: yellow("~"),
  enabled: green("o"),
  disabled: yellow("x"),
  switched: yellow("~"),
};

/** Two sets of plugins against each other, for people. */
export function setDifferenceLines({ from, to, changes, tokens }: SetDifference, detail: Detail): readonly string[] {
  const title = `${bold(from)} -> ${bold(to)}`;
  if (changes.length === 0) return [`${title}: no plugin differs`];
  const roots = [...Map.groupBy(changes, ({ root }) => root)];
  return [
    title,
    ...roots.flatMap(([root, ones]) => [
      ...(root === "" || (roots.length === 1 && root === "user") ? [] : ["", dim(root === "user" ? "yours" : root)]),
      ...ones.flatMap((one) => changeLines(one, detail)),
    ]),
    ...tokenText(tokens).map((line) => `cost of all: ${line}`),
  ];
}

function changeLines(one: SetChange, detail: Detail): readonly string[] {
  const { id, change, from, to, difference, problem } = one;
  const version = from !== undefined && to !== undefined && from !== to ? `${from} -> ${to}` : (to ?? from ?? "");
  const isSwitch = change === "enabled" || change === "disabled" || change === "switched";
  const word = change === "switched" ? "components switched" : change;
  // What is added or removed whole is told shortly: every file of it is.
  const depth = change === "changed" ? detail : "short";
  return [
    `${CHANGES[change]} ${bold(id)} ${version} ${dim(word)}`,
    ...(problem === undefined ? [] : [`    files not compared: ${foreign(problem)}`]),
    ...(difference === undefined || isSwitch ? [] : differenceLines(difference, depth, "    ")),
  ];
}

/** The unified text of a file's change, with its lines coloured as usual. */
export function patchLines(text: string): readonly string[] {
  return text.split("\n").map((line) => {
    const visible = foreign(line);
    if (/^(?:---|\+\+\+) /u.test(line)) return bold(visible);
    if (line.startsWith("@@")) return dim(visible);
    return line.startsWith("+") ? green(visible) : line.startsWith("-") ? red(visible) : visible;
  });
}
