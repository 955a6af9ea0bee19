import type { PlanExecutable } from "../../marketplace/plan/plan.ts";
import { kindWord } from "./amount.ts";
import { columns, foreign } from "./style.ts";
import { wrapped } from "./wrapped.ts";

/** A command longer than this stands below its name instead of beside it. */
const MAX_BESIDE = 120;
/** A command of a plan is cut here. */
const MAX_IN_PLAN = 100;
/** More of one kind are only counted in a plan. */
const MAX_OF_KIND = 12;

/** Names longer than this together stand below what they run. */
const MAX_NAMES_BESIDE = 60;

/** Names that run the same. */
interface Runs {
  readonly kind: string;
  readonly names: readonly string[];
  readonly display: string;
}

/**
 * Everything that can execute, with full commands and every name; names that run the same stand together. What is long or has
 * several lines stands below its names, every line behind a mark, so that no name or command can pass for a line of ours.
 */
export function executableLines(executables: readonly PlanExecutable[], indent: string): readonly string[] {
  const rows = grouped(executables).map((runs) => {
    const lines = runs.display.split(/\r\n|[\n\r\u0085\u2028\u2029]/u).map((line) => foreign(line));
    const [only = "", ...more] = lines;
    const names = namesBeside(runs.names);
    const isBeside = more.length === 0 && [...only].length <= MAX_BESIDE && names !== undefined;
    const below = [
      ...(names === undefined ? wrapped(runs.names.map((name) => foreign(name))).map((line) => `: ${line}`) : []),
      ...(isBeside ? [] : lines.map((line) => `| ${line}`)),
    ];
    return { head: [kindWord(runs.kind), names ?? severalNames(runs.names), isBeside ? only : ""], below };
  });
  const heads = columns(
    rows.map(({ head }) => head),
    indent,
  );
  return rows.flatMap(({ below }, at) => [heads[at] ?? "", ...below.map((line) => `${indent}    ${line}`.trimEnd())]);
}

/** The same for a plan: one line each, what is long cut and what is numerous counted; consent shows it whole. */
export function executableSummary(executables: readonly PlanExecutable[], indent: string): readonly string[] {
  const rows: (readonly string[])[] = [];
  for (const [kind, ones] of Map.groupBy(grouped(executables), (runs) => runs.kind)) {
    const shown = ones.length > MAX_OF_KIND ? ones.slice(0, MAX_OF_KIND - 1) : ones;
    for (const { names, display } of shown)
      rows.push([kindWord(kind), namesBeside(names) ?? severalNames(names), cut(display)]);
    const rest = ones.slice(shown.length).reduce((sum, { names }) => sum + names.length, 0);
    if (rest > 0) rows.push([kindWord(kind), "…", `and ${String(rest)} more`]);
  }
  return columns(rows, indent);
}

/** Joins what has the same kind and runs the same, in the order of the first of each. */
function grouped(executables: readonly PlanExecutable[]): readonly Runs[] {
  const groups = Map.groupBy(executables, ({ kind, display }) => `${kind}\0${display}`);
  return [...groups.values()].flatMap((ones) => {
    const [first] = ones;
    return first === undefined
      ? []
      : [{ kind: first.kind, names: ones.map(({ name }) => name), display: first.display }];
  });
}

/** The names in one line; `undefined` when they are too long for that. */
function namesBeside(names: readonly string[]): string | undefined {
  const text = names.map((name) => foreign(name)).join(", ");
  return names.length === 1 || [...text].length <= MAX_NAMES_BESIDE ? text : undefined;
}

const severalNames = (names: readonly string[]): string => `${String(names.length)} names, all the same`;

function cut(text: string): string {
  const characters = [...foreign(text)];
  if (characters.length <= MAX_IN_PLAN) return characters.join("");
  return `${characters.slice(0, MAX_IN_PLAN - 1).join("")}… (${String(characters.length)} characters)`;
}
