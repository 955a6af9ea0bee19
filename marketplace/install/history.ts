import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { EMPTY_INTENT, type Intent, readIntent } from "../../schemas/plugins-json.ts";
import type { Generation, RootClosure } from "../../schemas/generation.ts";
import { makeStateDirectories } from "../generations/commit.ts";
import { listGenerations, readGenerationNumber } from "../generations/generations.ts";
import type { Home } from "../home.ts";
import { writeDurableFile } from "../store/durable-file.ts";
import type { RootState } from "./root-state.ts";

/** The texts of a root's files; `null` for one that does not exist. */
export interface RootTexts {
  readonly intent: string | null;
  readonly lock: string | null;
  readonly local: string | null;
}

/** What a generation did to the files of its root. */
interface RootTextChange {
  readonly schema: 1;
  readonly before: RootTexts;
  readonly after: RootTexts;
  /** Old id → new id of plugins that it renamed; absent when none. */
  readonly renames?: Readonly<Record<string, string>> | undefined;
}

/** The state of a root to go back to. */
export interface PastRoot {
  readonly number: number;
  readonly closure: RootClosure | undefined;
  readonly texts: RootTexts;
  /** Id now → id then, of plugins that have been renamed since. */
  readonly renames: ReadonlyMap<string, string>;
  /** Remarks for the person. */
  readonly notes: readonly string[];
}

/** Keeps what a generation does to its root's files, before the generation is committed, which makes the new name durable. */
export function keepTexts(home: Home, number: number, change: Omit<RootTextChange, "schema">): void {
  makeStateDirectories(home);
  writeDurableFile(textsPath(home, number), JSON.stringify({ schema: 1, ...change }), { directoryLater: true });
}

/**
 * The state of a root at generation `to`, or before the last change that was not itself undone.
 * Throws `E_NOT_FOUND` when there is no such generation or nothing to go back to.
 */
export function pastRoot(home: Home, state: RootState, to: number | undefined): PastRoot {
  const own = changesOf(home, state.key);
  const number = to ?? previous(own);
  if (number === undefined) {
    throw new CodedError("E_NOT_FOUND", "there is nothing to roll back: no kept generation changed this root", {
      hint: "`plugin generations` lists what there is",
    });
  }
  const past = number === 0 ? undefined : readGenerationNumber(home, number);
  const last = own.find((generation) => generation.number <= number);
  const next = own.findLast((generation) => generation.number > number);
  const made = last === undefined ? undefined : readTexts(home, last.number).after;
  const left = next === undefined ? undefined : readTexts(home, next.number).before;
  // A comment that was written by hand while that generation was current belongs to it. A root that no kept generation
  // changed is as it was.
  const kept = own.length === 0 && past?.roots[state.key] !== undefined ? textsNow(state) : NO_TEXTS;
  const texts = left !== undefined && (made === undefined || meansSame(left, made, state)) ? left : (made ?? kept);
  const { renames, notes } = renamesBack(home, own, number);
  return {
    number,
    closure: past?.roots[state.key],
    texts,
    renames,
    notes: [...editNotes(home, state, own[0]), ...notes],
  };
}

/** How far back texts of an intent are looked for. */
const MAX_EARLIER = 50;

/**
 * What the intent of a root said before each change up to now, newest first, as far back as nobody edited it by hand: to bring
 * one of these back takes nothing from anybody.
 */
export function* earlierIntents(home: Home, { key, shared }: RootState): Generator<string> {
  let now: string | null = shared.intent.text ?? null;
  for (const { number } of changesOf(home, key).slice(0, MAX_EARLIER)) {
    let change: RootTextChange;
    try {
      change = readTexts(home, number);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return;
    }
    if (change.after.intent !== now) return;
    now = change.before.intent;
    if (now !== null) yield now;
  }
}

/** The names that plugins had at a generation, by the names they have now. */
function renamesBack(
  home: Home,
  own: readonly GenerationSummary[],
  number: number,
): Pick<PastRoot, "renames" | "notes"> {
  const back = new Map<string, string>();
  const notes: string[] = [];
  for (const later of own.filter((generation) => generation.number > number)) {
    try {
      for (const [from, to] of Object.entries(readTexts(home, later.number).renames ?? {})) {
        const now = [...back].find(([, then]) => then === to)?.[0];
        if (now !== undefined) back.set(now, from);
        else if (!back.has(to)) back.set(to, from);
      }
    } catch (error) {
      if (!isCodedError(error)) throw error;
      notes.push(`${error.message}; data of plugins that it renamed stays under their new names`);
    }
  }
  return { renames: new Map([...back].filter(([now, then]) => now !== then)), notes };
}

/** Whether two states of a root's files differ in nothing but how the intents are written. */
function meansSame(left: RootTexts, right: RootTexts, state: RootState): boolean {
  const { path } = state.shared.intent;
  const read = (text: string | null): Intent => (text === null ? EMPTY_INTENT : readIntent(text, path));
  const meaning = (texts: RootTexts): string => JSON.stringify([read(texts.intent), texts.lock, read(texts.local)]);
  return meaning(left) === meaning(right);
}

/** What a rollback takes back beside the change: an edit by hand that came after it. */
function editNotes(home: Home, state: RootState, newest: GenerationSummary | undefined): readonly string[] {
  const { intent } = state.shared;
  if (newest === undefined || intent.text === undefined) return [];
  const { after } = readTexts(home, newest.number);
  if (after.intent === intent.text) return [];
  const now = { ...after, intent: intent.text };
  const way = meansSame(now, after, state)
    ? `\`plugin rollback --to ${newest.number}\` brings the edit back`
    : `the text is kept in \`${home.generations}\``;
  return [`\`${intent.path}\` was edited since generation ${newest.number}, which is taken back too; ${way}`];
}

function textsNow({ shared: { intent, lock }, local }: RootState): RootTexts {
  return { intent: intent.text ?? null, lock: lock.text ?? null, local: local?.text ?? null };
}

const NO_TEXTS: RootTexts = { intent: null, lock: null, local: null };

type GenerationSummary = Pick<Generation, "number" | "verb" | "root">;

/** Generations that changed a root, newest first. */
function changesOf(home: Home, key: string): readonly GenerationSummary[] {
  return listGenerations(home).filter((generation) => generation.root === key);
}

function previous(own: readonly GenerationSummary[]): number | undefined {
  let position = Number.POSITIVE_INFINITY;
  for (;;) {
    const last = own.find((generation) => generation.number <= position);
    if (last === undefined) return undefined;
    const undone = /^rollback to (\d+)$/.exec(last.verb)?.[1];
    if (undone === undefined) return last.number - 1;
    position = Number(undone);
  }
}

function readTexts(home: Home, number: number): RootTextChange {
  const path = textsPath(home, number);
  try {
    // Written by `keepTexts` above.
    return JSON.parse(readFileSync(path, "utf8")) as RootTextChange;
  } catch (error) {
    throw new CodedError("E_STATE_CORRUPT", `the kept files of generation ${number} cannot be read`, {
      where: path,
      hint: "roll back to another generation: `plugin rollback --to N`",
      cause: error,
    });
  }
}

function textsPath(home: Home, number: number): string {
  return join(home.generations, `${number}.texts.json`);
}
