import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { homeAt } from "../../marketplace/home.ts";
import { Store } from "../../marketplace/store/store.ts";
import { type Generation, treesOf } from "../../schemas/generation.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { type InProcessResult, pluginHere } from "../support/in-process.ts";
import { type Place, place } from "../support/machine.ts";
import { fileDigests } from "../support/file-digests.ts";
import { type Fault, traced, type TracedRun } from "./syscalls.ts";
import type { FaultedVerb } from "./verbs.ts";

/** What a fault may take from: everything of the person's. The marketplace beside it is the author's. */
const OURS = ["home", "project"];

/** What a machine holds, without moments and numbers, as texts to compare. */
export interface Held {
  /** The plugins of every root, with digests. */
  readonly generation: string;
  /** Intents and locks. */
  readonly files: string;
  /** Settings, catalogs, links for people, data. */
  readonly rest: string;
}

/** A machine on which one verb is run again and again from one state. */
export interface World extends Disposable {
  readonly at: Place;
  /** What it holds before the verb, and after a run that nothing interrupted. */
  readonly before: Held;
  readonly after: Held;
  /** Puts everything back to the state before the verb. */
  reset(): Promise<void>;
  /** Runs the verb under strace; records further calls on request. */
  run(fault?: Fault, also?: readonly string[]): Promise<TracedRun>;
  /** Runs the verb as it is, to its end; in this process, since a sweep does so thousands of times. */
  again(): Promise<InProcessResult>;
  /** Runs another command where the verb runs, likewise. */
  other(words: readonly string[]): Promise<InProcessResult>;
  /** What is wrong with what the machine holds now; empty when it is whole. */
  problems(): readonly string[];
  held(): Held;
  /** Whether a path belongs to the person's machine. */
  owns(path: string): boolean;
}

/** Makes a world for a verb. */
export async function world(verb: FaultedVerb): Promise<World> {
  const at = place();
  await verb.prepare(at);
  await copy(OURS.map((name) => [at.path(name), at.path("kept", name)]));
  const cwd = verb.cwd ?? ".";
  const reset = (): Promise<void> => copy(OURS.map((name) => [at.path("kept", name), at.path(name)]));
  const held = (): Held => heldBy(at);
  const before = held();
  const asked = await at.run(verb.words, { cwd });
  const digest = /--accept (sha256-[0-9a-f]{64})/u.exec(asked.stderr)?.[1];
  const words = digest === undefined ? verb.words : [...verb.words, "--accept", digest];
  if (digest !== undefined) await at.ok(words, { cwd });
  const after = held();
  const other = (others: readonly string[]): Promise<InProcessResult> =>
    pluginHere(others, { home: at.path("home"), cwd: at.path(cwd) });
  // Code that the verb compiled is there from the start, so that every run makes the same calls.
  await copy([[at.path("home/cache/compile"), at.path("kept/home/cache/compile")]]);
  return {
    at,
    before,
    after,
    reset,
    held,
    again: () => other(words),
    other,
    run: (fault, also) =>
      traced(words, { cwd: at.path(cwd), environment: environmentOf(at), log: at.path("strace.log"), also }, fault),
    problems: () => problemsOf(at),
    owns: (path) => OURS.some((name) => path.startsWith(at.path(name))),
    [Symbol.dispose]: () => at[Symbol.dispose](),
  };
}

function environmentOf(at: Place): Readonly<Record<string, string>> {
  const home = at.path("home");
  return { PATH: process.env["PATH"] ?? "", HOME: home, PLUGSMITH_HOME: home, PLUGSMITH_AGENTS: "off" };
}

/** Copies with times, since the files of the lock are recognised by them. */
async function copy(pairs: readonly (readonly [from: string, to: string])[]): Promise<void> {
  for (const [from, to] of pairs) {
    rmSync(to, { recursive: true, force: true });
    mkdirSync(dirname(to), { recursive: true });
    if (existsSync(from)) await promisify(execFile)("cp", ["-a", from, to]);
  }
}

function heldBy(at: Place): Held {
  const generation = at.generation();
  const roots = Object.entries(generation?.roots ?? {}).map(([key, { plugins }]) => [
    key,
    plugins.map((plugin) => ({ ...plugin, installedAt: "" })),
  ]);
  const digests = (counts: RegExp): string =>
    JSON.stringify(
      fileDigests(at.directory, (path) => counts.test(path)),
      null,
      1,
    );
  return {
    generation: JSON.stringify(Object.fromEntries(roots), null, 1),
    files: digests(/^(?:home|project|(?:home|project)\/plugins\.(?:json|lock))$/u),
    rest: digests(
      /^(?:project|home$|home\/(?:settings\.json|\.claude|marketplaces(?!\/registry)|cache$|cache\/plugins|data))/u,
    ),
  };
}

/** The generation is complete: each tree is what its digest says, and locks are those that the sets were made from. */
function problemsOf(at: Place): readonly string[] {
  const home = homeAt(at.path("home"));
  const generation: Generation | undefined = at.generation();
  const closures = Object.entries(generation?.roots ?? {});
  const store = new Store(home);
  const trees = new Set(closures.flatMap(([, { plugins }]) => plugins.flatMap(treesOf)));
  const problems = [...trees].flatMap((tree) => store.verify(tree).problems.map((problem) => JSON.stringify(problem)));
  for (const [root, { lockDigest }] of closures) {
    const lock = root === "user" ? home.lock : `${root}/plugins.lock`;
    // A root that holds nothing any more has no lock.
    const digest = existsSync(lock) ? digestOf(readFileSync(lock)) : "";
    if (digest !== lockDigest) problems.push(`${lock} is not the lock of generation ${generation?.number ?? 0}`);
  }
  return problems;
}
