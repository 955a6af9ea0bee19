import type {
  Plan,
  PlanExecutable,
  PlanLauncher,
  PlanPackages,
  PlanStep,
  PlanTools,
} from "../../marketplace/plan/plan.ts";
import { outlookLines } from "./agent-text.ts";
import { bytesText, counted, kindWord, provisionText, signed, sumProvisions } from "./amount.ts";
import { type Detail, differenceLines } from "./difference-text.ts";
import { diagnosticSummary } from "./diagnostic-lines.ts";
import { executableSummary } from "./executable-text.ts";
import { bold, columns, dim, foreign, green, red, yellow } from "./style.ts";
import { wrapped } from "./wrapped.ts";

const MARKS: Readonly<Record<PlanStep["action"], string>> = {
  install: green("+"),
  update: green("^"),
  downgrade: yellow("v"),
  reinstall: yellow("~"),
  remove: red("-"),
  enable: green("o"),
  disable: yellow("x"),
  keep: "=",
};

/** The plugin, or the components of it that alone are switched. */
export function subjectText({ id, components }: Pick<PlanStep, "id" | "components">): string {
  return components === undefined ? id : components.map((component) => `${id}:${component}`).join(", ");
}

function versionText(step: PlanStep): string {
  if (step.from !== undefined && step.to !== undefined && step.from !== step.to) return `${step.from} -> ${step.to}`;
  return step.to ?? step.from ?? "";
}

/** `needed by a@m (^1.0)`, nearest dependant first. */
function whyText(step: Pick<PlanStep, "id" | "why">): string {
  const chain = step.why.filter((link) => link.id !== step.id);
  if (chain.length === 0) return "";
  const needing = [...chain].reverse().map((link) => `${link.id} (${link.range})`);
  return `needed by ${needing.join(", needed by ")}`;
}

function stepRow(step: PlanStep): readonly string[] {
  const why = whyText(step);
  const reason = step.action === "remove" && why !== "" ? `was ${why}` : why;
  return [MARKS[step.action], step.action, bold(subjectText(step)), versionText(step), dim(reason)];
}

/** More steps than `most` are a table of the first ones, those that were asked for before others, and a list of the rest. */
function stepLines(steps: readonly PlanStep[], most = 60, rows = 40): readonly string[] {
  if (steps.length <= most) return columns(steps.map(stepRow), "  ");
  const [asked, needed] = [steps.filter((step) => whyText(step) === ""), steps.filter((step) => whyText(step) !== "")];
  const shown = new Set([...asked, ...needed].slice(0, rows));
  const rest = steps.filter((step) => !shown.has(step));
  const lines = columns([...shown].map(stepRow), "  ");
  const groups = Map.groupBy(rest, (step) => step.action);
  return [
    ...lines,
    ...[...groups].flatMap(([action, ones]) => [
      `  ${MARKS[action]}  ${action} ${String(ones.length)} more`,
      ...wrapped(ones.map((step) => `${subjectText(step)} ${versionText(step)}`.trimEnd())).map(
        (line) => `       ${line}`,
      ),
    ]),
  ];
}

/** More plugins than this are only counted: consent and `info` show them whole. */
const MAX_EXECUTING = 25;

function executionLines(executables: readonly PlanExecutable[]): readonly string[] {
  const plugins = [...Map.groupBy(executables, (one) => one.id)];
  const shown = plugins.length > MAX_EXECUTING ? plugins.slice(0, MAX_EXECUTING - 1) : plugins;
  const rest = plugins.slice(shown.length);
  const counts = sumProvisions(rest.flatMap(([, ones]) => ones.map(({ kind }) => ({ [kind]: 1 }))));
  return [
    ...shown.flatMap(([id, ones]) => [`  ${id}`, ...executableSummary(ones, "    ")]),
    ...(rest.length === 0
      ? []
      : [
          `  and ${String(rest.length)} more plugins with ${provisionText(counts)}:`,
          ...wrapped(rest.map(([id]) => id)).map((line) => `    ${line}`),
        ]),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", bold(title), ...lines];
}

/** What a session and the disk pay; nothing when it is nothing. */
function costLines({ tokensDelta, bytesDelta }: Plan): readonly string[] {
  const parts = [
    ...(tokensDelta === 0 ? [] : [`${signed(tokensDelta)} tokens always on (estimate)`]),
    ...(bytesDelta === 0 ? [] : [`${bytesDelta < 0 ? "" : "+"}${bytesText(bytesDelta)} on disk`]),
  ];
  return parts.length === 0 ? [] : [`  ${parts.join(", ")}`];
}

/** More names are only counted. */
const MAX_SCRIPTS_NAMED = 5;

function packageLines({ id, count, hosts, scripts }: PlanPackages): readonly string[] {
  const named = scripts.slice(0, MAX_SCRIPTS_NAMED).map((name) => foreign(name));
  const rest = scripts.length - named.length;
  const names = [...named, ...(rest === 0 ? [] : [`${String(rest)} more`])].join(", ");
  return [
    `  ${id}: ${counted(count, "package")} from ${hosts.join(", ")}`,
    ...(scripts.length === 0
      ? []
      : [`    not run: the install ${scripts.length === 1 ? "script" : "scripts"} of ${names}`]),
  ];
}

/** More plugins that get other files are only named. */
const MAX_DIFFERING = 25;

function differingLines({ differences }: Plan, detail: Detail): readonly string[] {
  const shown = detail === "long" ? differences : differences.slice(0, MAX_DIFFERING);
  const rest = differences.slice(shown.length).map(({ id }) => id);
  return [
    ...shown.flatMap(({ id, difference }) => {
      const lines = differenceLines(difference, detail, "    ");
      return lines.length === 0 ? [] : [`  ${id}`, ...lines];
    }),
    ...(rest.length === 0
      ? []
      : [`  and ${counted(rest.length, "more plugin")}:`, ...wrapped(rest).map((line) => `    ${line}`)]),
  ];
}

function launcherText({ packages = [], image, before, count = 0, unlocked }: PlanLauncher): string {
  if (unlocked !== undefined) return `is unlocked, each start may run other code: ${foreign(unlocked)}`;
  const earlier = before === undefined ? "" : `${before.join(", ")} -> `;
  if (image !== undefined) return `starts the image ${earlier}${image}`;
  const others = count - packages.length;
  const rest = others === 0 ? "" : ` and ${counted(others, "other package")}`;
  return `starts ${earlier}${packages.join(", ")}${rest} from the store`;
}

/** More names are only counted. */
const MAX_TOOLS_NAMED = 10;

function toolLines({ id, server, count, added, changed, removed }: PlanTools): readonly string[] {
  const whose = `  ${id}: MCP server ${foreign(server)}:`;
  if (count === 0) return [`${whose} ${counted(removed.length, "tool")} not locked any more`];
  const named = (names: readonly string[]): string => {
    const shown = names.slice(0, MAX_TOOLS_NAMED).map((name) => foreign(name));
    return [...shown, ...(names.length > shown.length ? [`${String(names.length - shown.length)} more`] : [])].join(
      ", ",
    );
  };
  return [
    `${whose} ${counted(count, "tool")} locked to what ${count === 1 ? "it says" : "they say"}`,
    ...(added.length === 0 ? [] : [`    new: ${named(added)}`]),
    ...(changed.length === 0 ? [] : [`    says something else than was locked: ${named(changed)}`]),
    ...(removed.length === 0 ? [] : [`    not locked any more: ${named(removed)}`]),
  ];
}

/** What is written down where no plugin changes. */
function writtenText({ launchers, tools }: Plan): string {
  if (launchers.length > 0) return "only what is locked for their commands";
  return tools.length > 0 ? "only what is locked of their tools" : "only what is written down about them";
}

/** What a verb is about to do, for people. */
export function planLines(plan: Plan, detail: Detail = "short"): readonly string[] {
  const steps = plan.steps.filter((step) => step.action !== "keep");
  const kept = plan.steps.length - steps.length;
  const where =
    plan.root === "user" ? "for you" : `in ${plan.root}${plan.scope === "local" ? " (your own picks)" : ""}`;
  const gained = steps.filter((step) => step.action === "install");
  const lost = steps.filter((step) => step.action === "remove");
  return [
    `${bold("plan")} ${plan.verb} ${where}${kept === 0 ? "" : dim(` (${String(kept)} already installed)`)}`,
    ...(steps.length === 0 ? [`  no plugin changes, ${writtenText(plan)}`] : []),
    ...stepLines(steps),
    ...section(
      "gains",
      gained.length === 0 ? [] : [`  ${provisionText(sumProvisions(gained.map((step) => step.provides)))}`],
    ),
    ...section(
      "loses",
      lost.length === 0 ? [] : [`  ${provisionText(sumProvisions(lost.map((step) => step.provides)))}`],
    ),
    ...section("changes", differingLines(plan, detail)),
    ...section("other agents", outlookLines(plan.agents)),
    ...section("can execute", executionLines(plan.executables)),
    ...section(
      "names",
      plan.collisions.map((one) => `  ${kindWord(one.kind)} ${bold(one.name)}: ${one.ids.join(", ")}: ${one.effect}`),
    ),
    ...section(
      "launchers",
      plan.launchers.map((one) => `  ${one.id}: ${foreign(one.component)} ${launcherText(one)}`),
    ),
    ...section("tools", plan.tools.flatMap(toolLines)),
    ...section("npm packages", plan.packages.flatMap(packageLines)),
    ...section(
      "cycles",
      plan.cycles.map((cycle) => `  ${[...cycle, cycle[0] ?? ""].join(" -> ")}`),
    ),
    ...section("cost", costLines(plan)),
    ...section(
      "notes",
      plan.notes.map((note) => `  ${note}`),
    ),
    ...section("findings", diagnosticSummary(plan.diagnostics, "  ")),
  ];
}
