import type { Agents } from "../../marketplace/agents/agents.ts";
import type { AgentOutcome } from "../../marketplace/agents/carry.ts";
import type { Drift } from "../../marketplace/agents/doctor/drift.ts";
import { takeOut } from "../../marketplace/agents/doctor/take-out.ts";
import { type Unowned, unowned, type Unread } from "../../marketplace/agents/doctor/unowned.ts";
import { isCodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeDirectoryOf, homeOf } from "../home.ts";
import { agentLines } from "../print/agent-text.ts";
import { driftLines, entryText, examinationLines } from "../print/doctor-text.ts";
import { red } from "../print/style.ts";
import type { VerbResult } from "../verb.ts";

/** What is wrong, or foreign, in other agents. */
export interface Examination {
  readonly drift: readonly Drift[];
  readonly unowned: readonly Unowned[];
  readonly unread: readonly Unread[];
}

/** How a person is asked. */
export interface Asking {
  /** A yes to mending what is ours. */
  readonly mends: (question: string) => Promise<boolean>;
  /** A yes to one item that somebody else wrote. */
  readonly touches: (question: string) => Promise<boolean>;
}

/** What was mended. */
export interface Mended {
  readonly outcomes: readonly AgentOutcome[];
  /** What was taken out, as it was asked about. */
  readonly takenOut: readonly string[];
  /** What a person said yes to and could not be taken out, with the reason. */
  readonly refused: readonly Refused[];
}

/** One entry that stays where it is. */
export interface Refused {
  readonly what: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** `plugin doctor --agents`: exit 1 while something of ours drifted, or something cannot work. */
export async function agentsExamination(context: VerbContext, fix: boolean): Promise<VerbResult> {
  const { environment, options, writer } = context;
  const engine = await context.engine();
  const agents = await engine.agents(true);
  const machine = { environment, homeDirectory: homeDirectoryOf(environment) };
  const home = homeOf(environment);
  const examine = async (): Promise<Examination> => ({
    drift: (await agents?.examine()) ?? [],
    ...(await unowned(machine, home)),
  });
  engine.services.progress("asking other agents");
  let found = await examine();
  engine.quiet();
  let mended: Mended = { outcomes: [], takenOut: [], refused: [] };
  const mends = fix && !options.dryRun;
  const isAnswered = engine.interactive || options.yes;
  if (mends && agents !== undefined) {
    writer.err(examinationLines(found));
    const ask = async (question: string): Promise<boolean> => engine.interactive && (await engine.ask(question));
    const asking = { mends: async (question: string) => options.yes || (await ask(question)), touches: ask };
    mended = await mendAgents(found, agents, asking);
    engine.quiet();
    found = await examine();
  }
  const isWrong =
    mended.refused.length > 0 || found.drift.length > 0 || found.unowned.some(({ dead }) => dead !== undefined);
  const { drift, unread } = found;
  return {
    exit: isWrong ? EXIT.failed : EXIT.ok,
    data: {
      agents: {
        drift,
        unowned: found.unowned.map(withoutEntry),
        unread,
        mended: mended.outcomes,
        takenOut: mended.takenOut,
        refused: mended.refused,
      },
    },
    text: () => [
      ...agentLines(mended.outcomes),
      ...mended.takenOut.map((what) => `taken out: ${what}`),
      ...mended.refused.flatMap(({ what, message, hint }) => [
        `${red("not taken out")} ${what}: ${message}`,
        ...(hint === undefined ? [] : [`  hint: ${hint}`]),
      ]),
      ...(mends ? driftLines(found.drift, true) : examinationLines(found)),
      ...(mends && !isAnswered ? ["  hint: nobody can be asked; `--yes` says yes to writing what is ours again"] : []),
    ],
  };
}

function withoutEntry(one: Unowned): Omit<Unowned, "entry"> {
  const { entry: _, ...rest } = one;
  return rest;
}

/** Mends what the person says yes to: agents are written again, changed files written over and foreign entries taken out one by one. */
export async function mendAgents(found: Examination, agents: Agents, asking: Asking): Promise<Mended> {
  const outcomes: AgentOutcome[] = [];
  for (const [root, drifts] of Map.groupBy(found.drift, (one) => one.root)) {
    const overwrite = new Set<string>();
    for (const { path, mend, message } of drifts) {
      if (mend !== "overwrite" || path === undefined) continue;
      if (await asking.touches(`${message}; write it anew over that?`)) overwrite.add(path);
    }
    const names = [...new Set(drifts.flatMap(({ mend, agent }) => (mend === "carry" ? [agent] : [])))];
    if (names.length > 0 && !(await asking.mends(`write into ${names.join(", ")} again?`))) continue;
    if (names.length > 0 || overwrite.size > 0) outcomes.push(...(await agents.mend(root, overwrite)));
  }
  const takenOut: string[] = [];
  const refused: Refused[] = [];
  // The last of a list first: what is before it keeps its place.
  for (const one of found.unowned.toReversed()) {
    if (one.entry === undefined || !(await asking.touches(`take out ${entryText(one)}?`))) continue;
    const what = entryText(one);
    try {
      await takeOut(one.entry);
      takenOut.push(what);
    } catch (error) {
      // What was taken out before it stays so, and is told.
      if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
      const { code, message, hint } = error;
      refused.push({ what, code, message, hint });
    }
  }
  return { outcomes, takenOut, refused };
}
