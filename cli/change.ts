import { followed } from "../marketplace/agents/follow.ts";
import type { Change, ChangeReport, Target } from "../marketplace/install/change.ts";
import type { ScanReport } from "../schemas/sarif.ts";
import type { Plan, PlanStep } from "../marketplace/plan/plan.ts";
import { codeMode } from "./code-mode.ts";
import type { VerbContext } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import type { ParsedArguments } from "./flags.ts";
import { agentLines, outlookLines } from "./print/agent-text.ts";
import { counted } from "./print/amount.ts";
import { consentLines } from "./print/consent-text.ts";
import { planLines, subjectText } from "./print/plan-text.ts";
import { bold, green, red } from "./print/style.ts";
import { askAboutPlaces } from "./strange-places.ts";
import type { VerbResult } from "./verb.ts";

/** What some verbs say of a change beside what it is. */
export interface ChangeOptions {
  /** The agents that were named. */
  readonly to?: readonly string[] | undefined;
  /** What other scanners found. */
  readonly reports?: readonly ScanReport[] | undefined;
  /** Of a verb that has `TRUST_FLAG`. */
  readonly args?: ParsedArguments | undefined;
}

/** Carries out one change of one root with plan, question, consent and report; the body of every verb that changes plugins. */
export async function performChange(
  context: VerbContext,
  target: Target,
  change: Change,
  { to, reports, args }: ChangeOptions = {},
): Promise<VerbResult> {
  const engine = await context.engine();
  const agents = await engine.agents(to !== undefined);
  const { dryRun, yes, json, verbose } = context.options;
  const detail = verbose ? "long" : "short";
  const { writer } = context;
  let shown = false;
  let mode: string | undefined;
  const confirm = async (plan: Plan): Promise<boolean> => {
    mode = await codeMode(plan, context.environment);
    engine.quiet();
    if (!json) writer.out([...planLines(plan, detail), ...modeLines(mode)]);
    shown = true;
    if (yes || !engine.interactive || plan.steps.every((step) => step.action === "keep")) return true;
    if (json) writer.err(planLines(plan, detail));
    writer.err([""]);
    return engine.ask("go ahead?");
  };
  const allowPlaces = askAboutPlaces(context, engine, args);
  const { report, carried } = await followed(agents, {
    target,
    asked: to,
    dryRun,
    change: (foresee) => engine.change(target, change, { dryRun, confirm, allowPlaces, foresee, reports }),
    onTelling: () => engine.services.progress("telling other agents"),
  });
  // A dry run confirms nothing.
  mode ??= await codeMode(report.plan, context.environment);
  engine.quiet();
  return {
    exit: report.outcome === "declined" || carried.some(({ error }) => error) ? EXIT.failed : EXIT.ok,
    data: {
      outcome: report.outcome,
      generation: report.generation,
      plan: report.plan,
      agents: carried,
      repaired: report.repaired,
      ...(mode !== undefined && { codeMode: mode }),
    },
    text: () => [
      ...engine.notes().map((diagnostic) => `note: ${diagnostic.message}`),
      ...(isPlanned(report) && !shown ? [...planLines(report.plan, detail), ...modeLines(mode)] : []),
      ...(dryRun && verbose ? questionLines(report.plan, context.command) : []),
      ...outcomeLines(report, shown),
      ...(dryRun && report.outcome === "nothing" ? unwrittenLines(report.plan) : []),
      ...agentLines(carried),
    ],
  };
}

/** Whether there is a plan to show: nothing to do and a repair have none. */
function isPlanned({ outcome, plan, repaired }: ChangeReport): boolean {
  if (outcome === "nothing") return false;
  return repaired.length === 0 || plan.steps.some((step) => step.action !== "keep");
}

/** What a person would be asked to agree to, whole. */
function questionLines({ consent }: Plan, command: string): readonly string[] {
  return consent.length === 0 ? [] : ["", ...consentLines(consent, { detail: "long", command })];
}

/** What a dry run without a change of plugins says of the agents that were named. */
function unwrittenLines({ agents }: Plan): readonly string[] {
  return agents.length === 0
    ? []
    : ["", bold("other agents"), ...outlookLines(agents), "dry run, they were told nothing"];
}

function modeLines(mode: string | undefined): readonly string[] {
  return mode === undefined ? [] : ["", mode];
}

const PAST: Readonly<Record<Exclude<PlanStep["action"], "keep">, string>> = {
  install: "installed",
  update: "updated",
  downgrade: "downgraded",
  reinstall: "reinstalled",
  remove: "removed",
  enable: "enabled",
  disable: "disabled",
};

function outcomeLines(report: ChangeReport, shown: boolean): readonly string[] {
  const { outcome, plan, repaired } = report;
  const notes = shown || isPlanned(report) ? [] : plan.notes;
  const gap = shown || (outcome === "dry-run" && isPlanned(report)) ? [""] : [];
  switch (outcome) {
    case "nothing":
      return [...notes, "nothing to do, everything is as asked"];
    case "dry-run": {
      const repair = repaired.length === 0 ? [] : [`would repair ${repaired.map(bold).join(", ")}: missing or damaged`];
      return [...notes, ...gap, ...repair, "dry run, nothing was changed"];
    }
    case "declined":
      return [...gap, `${red("not done")}, nothing was changed`];
    case "done":
      return [...notes, ...gap, `${green("done:")} ${doneText(report)}${generationText(report)}`];
  }
}

function doneText({ plan, repaired }: ChangeReport): string {
  const parts = Object.entries(PAST).flatMap(([action, word]) => {
    const steps = plan.steps.filter((step) => step.action === action);
    const first = steps[0];
    if (first === undefined) return [];
    const subject =
      steps.length === 1
        ? `${bold(subjectText(first))} ${first.to ?? first.from ?? ""}`.trimEnd()
        : counted(steps.length, "plugin");
    return [`${word} ${subject}`];
  });
  const mended =
    repaired.length === 0 ? [] : [`repaired ${repaired.map(bold).join(", ")} (missing or damaged, fetched again)`];
  const done = [...parts, ...mended];
  if (done.length > 0) return done.join(", ");
  const locked = plan.tools.filter(({ count }) => count > 0);
  return locked.length > 0
    ? `locked what the tools of ${counted(locked.length, "MCP server")} say`
    : "written down, no plugin had to change";
}

function generationText(report: ChangeReport): string {
  return ` (generation ${String(report.generation)})`;
}
