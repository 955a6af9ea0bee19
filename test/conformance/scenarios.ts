import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { explanationText, solve, type SolveOutcome } from "../../marketplace/solve/index.ts";
import { findFlaw } from "../marketplace/solve/oracle.ts";
import { type Problem, type Registry, registryProvider, requestOf } from "../marketplace/solve/registry.ts";
import { findBetter } from "./domination.ts";

/** One scenario file of `resolver-scenario/1`. */
interface Scenario {
  readonly id: string;
  readonly registry: Registry;
  readonly root: { readonly requires: Readonly<Record<string, string>> };
  readonly locked?: Readonly<Record<string, string>>;
  readonly options?: { readonly prefer?: "newest" | "oldest"; readonly overrides?: Readonly<Record<string, string>> };
  readonly expect: Expectation;
}

interface Expectation {
  readonly kind: "solution" | "unsatisfiable";
  readonly solution?: Readonly<Record<string, string>>;
  readonly match?: "exact" | "non-dominated";
  readonly mustMention?: readonly string[];
  readonly involves?: readonly string[];
  readonly mustNotMention?: readonly string[];
}

interface Suite {
  readonly format: "resolver-suite/1";
  readonly id: string;
  readonly registry: Registry;
  readonly queries: readonly Pick<Scenario, "root" | "expect">[];
}

const SEEDS = [1, 2, 3];

/** Checks one answer; gives what is wrong with it. */
async function judge(scenario: Scenario, outcome: SolveOutcome): Promise<string | undefined> {
  const { expect } = scenario;
  if (outcome.kind !== expect.kind) {
    const detail = outcome.kind === "unsatisfiable" ? `\n${explanationText(outcome.explanation)}` : "";
    return `expected ${expect.kind}, got ${outcome.kind}${detail}`;
  }
  if (outcome.kind === "solution") {
    const found = Object.fromEntries(outcome.versions);
    const problem = problemOf(scenario);
    const flaw = findFlaw(problem, found);
    if (flaw !== undefined) return flaw;
    if (expect.match === "exact") return sameRecord(found, expect.solution ?? {});
    if (expect.match === "non-dominated") {
      const better = await findBetter(problem, found);
      return better === undefined ? undefined : `dominated by ${JSON.stringify(better)}`;
    }
    return undefined;
  }
  return judgeExplanation(scenario, expect, outcome);
}

function judgeExplanation(
  { registry }: Scenario,
  expect: Expectation,
  { explanation }: Extract<SolveOutcome, { kind: "unsatisfiable" }>,
): string | undefined {
  const text = explanationText(explanation);
  const silent = (expect.mustMention ?? []).filter((id) => !mentions(text, id));
  if (silent.length > 0) return `does not mention ${silent.join(", ")}:\n${text}`;
  const noisy = (expect.mustNotMention ?? []).filter((id) => mentions(text, id) || explanation.packages.includes(id));
  if (noisy.length > 0) return `mentions ${noisy.join(", ")}:\n${text}`;
  const untouched = (expect.involves ?? []).filter((id) => !explanation.packages.includes(id));
  if (untouched.length > 0) return `does not involve ${untouched.join(", ")}:\n${text}`;
  const missing = (expect.involves ?? []).filter((id) => registry[id] === undefined && !mentions(text, id));
  if (missing.length > 0) return `does not name the missing ${missing.join(", ")}:\n${text}`;
  return undefined;
}

/** Whether the text has a literal that starts with the package id. */
function mentions(text: string, id: string): boolean {
  return text.split("`").some((part, place) => place % 2 === 1 && (part === id || part.startsWith(`${id} `)));
}

function sameRecord(
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string | undefined {
  const sorted = (record: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(record).sort());
  return sorted(found) === sorted(wanted) ? undefined : `expected ${sorted(wanted)}, got ${sorted(found)}`;
}

function problemOf({ registry, root, locked = {}, options = {} }: Scenario): Problem {
  const { prefer: mode = "newest", overrides = {} } = options;
  return { registry, root: root.requires, locked, overrides, mode };
}

function run(scenario: Scenario): Promise<SolveOutcome> {
  const problem = problemOf(scenario);
  return solve(requestOf(problem), registryProvider(problem.registry));
}

function print(outcome: SolveOutcome): string {
  return JSON.stringify(outcome, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}

/** The same record with its keys in another order, from a linear congruential generator. */
function shuffled<T>(record: Readonly<Record<string, T>>, seed: number): Record<string, T> {
  const entries = Object.entries(record);
  let state = seed;
  for (let last = entries.length - 1; last > 0; last--) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const pick = state % (last + 1);
    const [a, b] = [entries[last], entries[pick]];
    if (a !== undefined && b !== undefined) [entries[last], entries[pick]] = [b, a];
  }
  return Object.fromEntries(entries);
}

async function check(scenario: Scenario): Promise<string | undefined> {
  const first = await run(scenario);
  const wrong = await judge(scenario, first);
  if (wrong !== undefined) return wrong;
  const answer = print(first);
  for (const seed of SEEDS) {
    const registry = shuffled(
      Object.fromEntries(Object.entries(scenario.registry).map(([id, versions]) => [id, shuffled(versions, seed)])),
      seed,
    );
    const root = { requires: shuffled(scenario.root.requires, seed) };
    if (print(await run({ ...scenario, registry, root })) !== answer) return `seed ${seed} gives another answer`;
  }
  return undefined;
}

function readScenarios(folder: string): Scenario[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
  return files.flatMap((name) => {
    // The corpus states its own shape in `format`; a file that breaks it fails the step.
    const parsed = JSON.parse(readFileSync(join(folder, name), "utf8")) as (Scenario & { format?: string }) | Suite;
    if (!("queries" in parsed)) return [parsed];
    return parsed.queries.map((query, place) => ({ ...query, id: `${parsed.id}#${place}`, registry: parsed.registry }));
  });
}

const folder = resolve(process.argv[2] ?? "../shared/resolver-scenarios");
if (!existsSync(folder)) {
  console.log("corpus absent");
} else {
  let passed = 0;
  const failed: string[] = [];
  for (const scenario of readScenarios(folder)) {
    const wrong = await check(scenario);
    if (wrong === undefined) passed++;
    else failed.push(`${scenario.id}: ${wrong}`);
  }
  for (const line of failed) console.log(line);
  console.log(`scenarios: ${passed} passed, ${failed.length} failed`);
  if (failed.length > 0 || passed === 0) process.exitCode = 1;
}
