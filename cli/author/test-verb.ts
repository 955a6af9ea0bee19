import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { confusion, routeAll } from "../../marketplace/author/routing/confusion.ts";
import { ioError } from "../../schemas/system-error.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { homeOf } from "../home.ts";
import { Interruption } from "../interruption.ts";
import type { VerbResult } from "../verb.ts";
import { ProgressLine } from "../print/progress.ts";
import { junit } from "./junit.ts";
import type { CaseOutcome } from "./outcome.ts";
import { routedSet } from "./routed-set.ts";
import { runCase, type CaseContext } from "./run-case.ts";
import { isSubject, requireTestTrust, subjectsIn, type Subject } from "./subjects.ts";
import { reportLines, type PluginReport } from "./test-report.ts";

type Progress = ProgressLine["show"];

/** The body of `plugin test`. */
export async function testPlugins(context: VerbContext, args: ParsedArguments): Promise<VerbResult> {
  const interruption = new Interruption();
  const progress = new ProgressLine(context.writer, context.options.verbose);
  try {
    return await tested(context, args, progress.show, interruption.signal);
  } finally {
    progress.clear();
    interruption.close();
  }
}

async function tested(
  context: VerbContext,
  args: ParsedArguments,
  progress: Progress,
  signal: AbortSignal,
): Promise<VerbResult> {
  const shown = args.positionals[0] ?? ".";
  const routingOnly = args.switches.has("routing");
  const home = homeOf(context.environment);
  const directory = resolve(context.cwd, shown);
  const none = routingOnly && args.positionals.length === 0 && !isSubject(directory);
  const subjects = none ? [] : subjectsIn(directory, shown);
  const filter = valueOf(args, "filter");
  const plugins: PluginReport[] = [];
  for (const subject of subjects) {
    if (!routingOnly && !args.switches.has("trust-workspace")) requireTestTrust(subject, shown, context.environment);
    const { manifest, tests } = subject;
    const chosen = routingOnly ? [] : tests.cases.filter(({ name }) => filter === undefined || name.includes(filter));
    const { environment } = context;
    const model = valueOf(args, "model");
    const cases = await runCases(
      chosen,
      { pluginDirectory: subject.directory, manifest, environment, model, signal },
      progress,
    );
    plugins.push({ name: manifest.name, directory: subject.directory, cases, diagnostics: tests.diagnostics });
  }
  const declared = subjects.some(({ tests }) => tests.routing.length > 0);
  const isRouted = routingOnly || (declared && filter === undefined);
  const routed = isRouted ? routeAll(await routedSet(home, context.cwd, subjects)) : [];
  const matrix = confusion(routed);
  const results = [...plugins.flatMap(({ cases }) => cases), ...routed];
  if (results.length === 0 && plugins.every(({ diagnostics }) => diagnostics.length === 0))
    throw nothingToTest(shown, filter, routingOnly);
  const file = valueOf(args, "junit");
  if (file !== undefined) write(resolve(context.cwd, file), junit(plugins, routed));
  const failed = results.some(({ ok }) => !ok) || plugins.some(({ diagnostics }) => diagnostics.length > 0);
  return {
    exit: failed ? EXIT.failed : EXIT.ok,
    data: { plugins, routing: { prompts: routed, matrix } },
    text: () => reportLines(plugins, routed, matrix),
  };
}

async function runCases(
  cases: Subject["tests"]["cases"],
  context: CaseContext,
  progress: Progress,
): Promise<readonly CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  // One at a time: each has a whole host, and what they start must not compete for the same deadline.
  for (const [at, one] of cases.entries()) {
    progress(`${context.manifest.name}, case ${at + 1} of ${cases.length}: ${one.name}`);
    outcomes.push(await runCase(one, context));
  }
  return outcomes;
}

function nothingToTest(shown: string, filter: string | undefined, routing: boolean): CodedError {
  if (filter !== undefined)
    return new CodedError("E_NOT_FOUND", `no case of \`${shown}\` has \`${filter}\` in its name`, {
      hint: "`plugin test` without `--filter` lists them",
    });
  const what = routing ? "declares prompts under `routing`" : "has a test case";
  return new CodedError("E_NOT_FOUND", `no plugin here ${what}`, {
    hint: 'write them in `tests/NAME.yaml` of the plugin; the author guide has the format under "Tests"',
  });
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw ioError("write", file, error);
  }
}
