import type { PlanExecutable } from "../../marketplace/plan/plan.ts";
import { escapeControl } from "../../schemas/names.ts";
import { kindWord } from "./amount.ts";
import { columns } from "./style.ts";

/** A command longer than this stands below its name instead of beside it. */
const MAX_BESIDE = 120;
/** A command of a plan is cut here. */
const MAX_IN_PLAN = 100;
/** More of one kind are only counted in a plan. */
const MAX_OF_KIND = 12;

/**
 * Everything that can execute, with full commands. Long ones and those of several lines stand below their name, every line
 * behind a bar, so that no command can pass for a line of ours.
 */
export function executableLines(executables: readonly PlanExecutable[], indent: string): readonly string[] {
  const rows = executables.map((one) => {
    const lines = one.display.split(/\r\n|[\n\r\u0085\u2028\u2029]/u).map((line) => escapeControl(line));
    const [only = "", ...more] = lines;
    const isBeside = more.length === 0 && [...only].length <= MAX_BESIDE;
    return { head: [...headOf(one), isBeside ? only : ""], below: isBeside ? [] : lines };
  });
  const heads = columns(
    rows.map(({ head }) => head),
    indent,
  );
  return rows.flatMap(({ below }, at) => [heads[at] ?? "", ...below.map((line) => `${indent}    | ${line}`.trimEnd())]);
}

/** The same for a plan: one line each, what is long cut and what is numerous counted; consent shows it whole. */
export function executableSummary(executables: readonly PlanExecutable[], indent: string): readonly string[] {
  const rows: (readonly string[])[] = [];
  for (const [kind, ones] of Map.groupBy(executables, (one) => one.kind)) {
    const shown = ones.length > MAX_OF_KIND ? ones.slice(0, MAX_OF_KIND - 1) : ones;
    for (const one of shown) rows.push([...headOf(one), cut(one.display)]);
    const rest = ones.length - shown.length;
    if (rest > 0) rows.push([kindWord(kind), "…", `and ${String(rest)} more`]);
  }
  return columns(rows, indent);
}

function headOf({ kind, name }: PlanExecutable): readonly string[] {
  return [kindWord(kind), escapeControl(name)];
}

function cut(text: string): string {
  const characters = [...escapeControl(text)];
  if (characters.length <= MAX_IN_PLAN) return characters.join("");
  return `${characters.slice(0, MAX_IN_PLAN - 1).join("")}… (${String(characters.length)} characters)`;
}
