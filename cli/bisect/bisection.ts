import { openConsentStore } from "../../core/trust/consent-store.ts";
import { join } from "node:path";
import { type FirstBad, firstBad, type Verdict } from "../../marketplace/bisect/first-bad.ts";
import { changesBetween, type StateChange, type TrialState, withChanges } from "../../marketplace/bisect/states.ts";
import type { TrialHomes } from "../../marketplace/bisect/trial-homes.ts";
import type { Home } from "../../marketplace/home.ts";
import type { ConsentItem } from "../../marketplace/plan/plan.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { CommandEnd } from "./run-command.ts";

/** One try. */
export interface BisectStep {
  readonly state: string;
  readonly verdict: Verdict;
  /** Absent when a signal ended the command. */
  readonly exit?: number | undefined;
}

/** What a bisection found. */
export interface Bisected {
  /** The last state that is good, and the first that is bad; more than one step apart when states between could not be tested. */
  readonly good: TrialState;
  readonly bad: TrialState;
  readonly isExact: boolean;
  /** What differs between them; of several plugins only the one that makes it bad, unless that could not be told. */
  readonly culprits: readonly StateChange[];
  readonly changes: readonly StateChange[];
  readonly steps: readonly BisectStep[];
}

/** How states are tried. */
export interface Trials {
  readonly homes: TrialHomes;
  readonly now: () => Date;
  /** What the person agreed to for these tries only. */
  readonly accepted: readonly ConsentItem[];
  readonly run: (home: Home, state: TrialState) => Promise<CommandEnd>;
  readonly onStep: (step: BisectStep) => void;
}

/**
 * Finds the first bad of several states, the first of which is good and the last bad, and then which of its plugins it is. An end that
 * would be the answer by the person's word alone is tried as well. Throws `E_USAGE` when it is not what they said.
 */
export async function bisect(states: readonly TrialState[], trials: Trials): Promise<Bisected> {
  const steps: BisectStep[] = [];
  const tryOut = async (state: TrialState): Promise<Verdict> => {
    const home = trials.homes.homeFor(state, trials.now());
    try {
      openConsentStore(join(home.state, "consent.json"), trials.now).record(trials.accepted);
      const { verdict, exit } = await trials.run(home, state);
      const step = { state: state.label, verdict, ...(exit === null ? {} : { exit }) };
      steps.push(step);
      trials.onStep(step);
      return verdict;
    } finally {
      trials.homes.drop(home);
    }
  };
  const found = await firstBad(states.length - 1, async (at) => tryOut(stateAt(states, at)));
  const [good, bad] = [stateAt(states, found.first - 1), stateAt(states, found.last)];
  if (found.last === states.length - 1) await confirm(bad, "bad", tryOut);
  if (found.first === 1) await confirm(good, "good", tryOut);
  const changes = changesBetween(good, bad);
  const isExact = found.first === found.last;
  const culprits = isExact && changes.length > 1 ? await guilty(good, changes, tryOut) : changes;
  return { good, bad, isExact, culprits, changes, steps };
}

async function confirm(
  state: TrialState,
  expected: "good" | "bad",
  tryOut: (state: TrialState) => Promise<Verdict>,
): Promise<void> {
  const verdict = await tryOut(state);
  if (verdict === expected || verdict === "skip") return;
  throw new CodedError("E_USAGE", `${state.label} is ${verdict}, and \`--${expected}\` says otherwise`, {
    hint:
      expected === "bad"
        ? "the command succeeds with every state that was tried: does it look at what is meant?"
        : "choose an earlier `--good`, with which the command succeeds",
  });
}

/** Which of several plugins makes a state bad: they are taken over one after another. */
async function guilty(
  good: TrialState,
  changes: readonly StateChange[],
  tryOut: (state: TrialState) => Promise<Verdict>,
): Promise<readonly StateChange[]> {
  const { first, last }: FirstBad = await firstBad(changes.length, async (at) => {
    const taken = changes.slice(0, at);
    return tryOut(withChanges(good, taken, `${good.label} with ${taken.map(({ id }) => id).join(", ")}`));
  });
  return changes.slice(first - 1, last);
}

function stateAt(states: readonly TrialState[], at: number): TrialState {
  const state = states[at];
  if (state === undefined) throw new CodedError("E_INTERNAL", `there is no state ${at}`);
  return state;
}
