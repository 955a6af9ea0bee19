import type { Contribution } from "../../schemas/plugin-manifest.ts";
import { kindWord, provisionText, signed } from "../print/amount.ts";
import { diagnosticCounts, diagnosticLines } from "../print/diagnostic-lines.ts";
import { contributionName, executionLines, inventoryLines } from "../print/info-text.ts";
import { bold, dim, green, red } from "../print/style.ts";
import type { DevView } from "./dev-view.ts";

/** The whole view. */
export function viewLines(view: DevView): readonly string[] {
  const { manifest } = view;
  return [
    ...(manifest === undefined ? [] : [`${bold(manifest.name)} ${manifest.version ?? ""}`.trimEnd()]),
    ...(manifest === undefined ? [] : inventoryLines(manifest)),
    ...shadowLines(view),
    ...executionLines(view.executables),
    ...(manifest === undefined ? [] : ["", bold("cost"), `  ${String(view.tokens)} tokens always on (estimate)`, ""]),
    ...findingLines(view),
  ];
}

/** What a change made of the view: what is wrong now, what came and went, what it costs. */
export function changeLines(before: DevView, after: DevView): readonly string[] {
  const [old, now] = [namesOf(before), namesOf(after)];
  const [ran, runs] = [runsOf(before), runsOf(after)];
  const cost = after.tokens - before.tokens;
  const shadows = shadowLines(after);
  return [
    ...[...now].filter((name) => !old.has(name)).map((name) => `  ${green("+")} ${name}`),
    ...[...old].filter((name) => !now.has(name)).map((name) => `  ${red("-")} ${name}`),
    ...[...runs].filter((run) => !ran.has(run)).map((run) => `  ${green("+")} can execute ${run}`),
    ...[...ran].filter((run) => !runs.has(run)).map((run) => `  ${red("-")} can execute ${run}`),
    ...(cost === 0 ? [] : [`  ${signed(cost)} tokens always on, now ${String(after.tokens)}`]),
    ...(shadows.join("\n") === shadowLines(before).join("\n") ? [] : shadows),
    ...findingLines(after),
  ];
}

function findingLines({ diagnostics, manifest }: DevView): readonly string[] {
  const failed = diagnostics.some(({ severity }) => severity === "error");
  const provides: Record<string, number> = {};
  for (const { kind } of manifest?.contributions ?? []) provides[kind] = (provides[kind] ?? 0) + 1;
  return [
    ...diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic)),
    `${failed ? red("not valid:") : green("valid:")} ${provisionText(provides)}; ${diagnosticCounts(diagnostics)}`,
  ];
}

function shadowLines({ collisions, stolen }: DevView): readonly string[] {
  if (collisions.length + stolen.length === 0) return [];
  return [
    "",
    bold("shadows"),
    ...collisions.map(
      ({ kind, name, ids, effect }) => `  ${kindWord(kind)} ${bold(name)}: ${ids.join(", ")}: ${effect}`,
    ),
    ...stolen.map(({ by, from, prompts }) => `  ${by} answers prompts of ${from}: ${dim(prompts.join(", "))}`),
  ];
}

function namesOf({ manifest }: DevView): ReadonlySet<string> {
  const named = (one: Contribution): string => `${kindWord(one.kind)} ${contributionName(one)}`;
  return new Set((manifest?.contributions ?? []).map((one) => named(one)));
}

function runsOf({ executables }: DevView): ReadonlySet<string> {
  return new Set(executables.map(({ kind, name, display }) => `${kindWord(kind)} ${name}: ${display}`));
}
