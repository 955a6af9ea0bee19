import type { PolicyFlag } from "../../../schemas/policy-flags.ts";
import type { RulePlace } from "../../../schemas/policy.ts";
import { MANAGED_FILES, type PolicyAgent } from "./policy-agent.ts";
import { type Compiled, NOTHING, type PolicyLoss, stricter, weaker } from "./policy-loss.ts";
import type { WrittenPolicy } from "./written-policy.ts";

/** Puts one key of a policy into one agent's file. */
export type Cell = (policy: WrittenPolicy, agent: PolicyAgent) => Compiled;

/** How every agent says one key, and under which names it stands in our files. */
export type PolicyRow = Readonly<Record<PolicyAgent, Cell>> & { readonly keys: readonly string[] };

/** How an agent says a switch that is on. */
export interface SwitchWords {
  readonly writes?: Compiled["settings"] | undefined;
  /** What it does not enforce all the same. */
  readonly weaker?: Unsaid | undefined;
  /** What it refuses beyond the switch. */
  readonly stricter?: string | undefined;
}

/** Why something is not enforced, and what can be done about it. */
export interface Unsaid {
  readonly reason: string;
  readonly hint: string;
}

/** One cell for every agent. */
export function everyAgent(keys: readonly string[], cell: Cell): PolicyRow {
  return { keys, ...everyCell(cell) };
}

/** What only Plugsmith knows: lost wherever `places` finds it. */
export function oursAlone(
  keys: readonly string[],
  places: (policy: WrittenPolicy) => readonly RulePlace[],
  { reason, hint }: Unsaid,
): PolicyRow {
  return everyAgent(keys, (policy, agent) => ({
    settings: {},
    losses: places(policy).map((place) => weaker(place, `${MANAGED_FILES[agent].title} ${reason}`, hint)),
  }));
}

/** What is about Plugsmith itself and means nothing elsewhere. */
export function aboutPlugsmith(keys: readonly string[]): PolicyRow {
  return everyAgent(keys, () => NOTHING);
}

/** A switch, on where any file has it on. */
export function switchRow(flag: PolicyFlag, words: Readonly<Record<PolicyAgent, SwitchWords>>): PolicyRow {
  return {
    keys: [flag],
    ...everyCell((policy, agent) => {
      const place = switchPlace(policy, flag);
      return place === undefined ? NOTHING : said(place, words[agent]);
    }),
  };
}

/** A switch that no agent has. */
export function ourSwitch(flag: PolicyFlag, reason: string, hint: string): PolicyRow {
  const places = (policy: WrittenPolicy): readonly RulePlace[] => {
    const place = switchPlace(policy, flag);
    return place === undefined ? [] : [place];
  };
  return oursAlone([flag], places, { reason, hint });
}

/** Where a switch is on. */
function switchPlace(policy: WrittenPolicy, flag: PolicyFlag): RulePlace | undefined {
  return policy.map(({ document }) => document.flags[flag]).find((one) => one?.value === true)?.place;
}

function everyCell(cell: Cell): Omit<PolicyRow, "keys"> {
  return { claude: cell, codex: cell, copilot: cell, vscode: cell };
}

function said(place: RulePlace, words: SwitchWords): Compiled {
  const losses: readonly PolicyLoss[] = [
    ...(words.weaker === undefined ? [] : [weaker(place, words.weaker.reason, words.weaker.hint)]),
    ...(words.stricter === undefined ? [] : [stricter(place, words.stricter)]),
  ];
  return { settings: words.writes ?? {}, losses };
}
