import { existsSync, readdirSync } from "node:fs";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { Generation } from "../../schemas/generation.ts";
import { readGeneration } from "../../schemas/generation-file.ts";
import type { Home } from "../home.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { currentNumber, generationFile, generationNumber, keepAside, readTextIfPresent } from "./state-files.ts";

/** One line of `plugin generations`. */
export interface GenerationSummary {
  readonly number: number;
  readonly parent: number;
  readonly createdAt: string;
  readonly verb: string;
  readonly root: string;
  readonly current: boolean;
}

/** Receives what a person should know about a damaged state. */
export type Report = (diagnostic: Diagnostic) => void;

/**
 * The generation that this machine runs; `undefined` when nothing was committed yet.
 *
 * A damaged file is renamed to `…damaged-<n>`, reported as `E_STATE_CORRUPT`, and the newest readable generation before it
 * takes its place. Throws `E_SCHEMA_NEWER` for a file of a newer Plugsmith, which is left alone.
 */
export function readCurrent(home: Home, report?: Report): Generation | undefined {
  for (;;) {
    const number = currentNumber(home);
    if (number === 0) return orphaned(home, report);
    const generation = tryRead(home, number, report);
    if (generation !== undefined) return generation;
    if (currentNumber(home) === number) return fallback(home, number, report);
  }
}

/** One generation by its number. Throws `E_NOT_FOUND`, `E_STATE_CORRUPT` and `E_SCHEMA_NEWER`. */
export function readGenerationNumber(home: Home, number: number): Generation {
  const file = generationFile(home, number);
  const newest = newestNumber(home);
  const text = number > newest ? undefined : readTextIfPresent(file);
  if (text === undefined) throw number > newest ? noGeneration(number, file) : droppedGeneration(number, file);
  return parse(text, file, number);
}

function noGeneration(number: number, where: string): CodedError {
  const hint = "`plugin generations` lists those that exist";
  return new CodedError("E_NOT_FOUND", `there is no generation ${number}`, { where, hint });
}

/** Numbers are given once and without gaps, so one that is missing was there. */
function droppedGeneration(number: number, where: string): CodedError {
  return new CodedError("E_NOT_FOUND", `generation ${number} is no longer kept, so nothing can return to it`, {
    where,
    hint: "`plugin generations` lists those that are; `plugin cache gc --keep N` says how many of them stay",
  });
}

/** Every readable generation, newest first; those that never became current are not among them. */
export function listGenerations(home: Home, report?: Report): readonly GenerationSummary[] {
  const current = newestNumber(home);
  return committedNumbers(home, current).flatMap((number) => {
    const generation = tryRead(home, number, report);
    if (generation === undefined) return [];
    const { parent, createdAt, verb, root } = generation;
    return [{ number, parent, createdAt, verb, root, current: number === current }];
  });
}

/** Numbers of the generation files up to and including `last`, newest first. */
export function committedNumbers(home: Home, last: number): readonly number[] {
  let names: readonly string[] = [];
  try {
    names = readdirSync(home.generations);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw ioError("list", home.generations, error);
  }
  const numbers = names.map(generationNumber).filter((number) => number !== undefined);
  return numbers.filter((number) => number <= last).sort((left, right) => right - left);
}

/**
 * The number of the newest committed generation, readable or not; 0 when there is none. A generation file that was not
 * committed always has a journal, because the journal is written before it and removed after it.
 */
export function newestNumber(home: Home): number {
  const number = currentNumber(home);
  if (number !== 0) return number;
  const [newest, older] = committedNumbers(home, Number.MAX_SAFE_INTEGER);
  return (existsSync(home.journal) ? older : newest) ?? 0;
}

/** The newest readable generation before a lost one. */
function fallback(home: Home, lost: number, report: Report | undefined): Generation | undefined {
  for (const number of committedNumbers(home, lost - 1)) {
    const generation = tryRead(home, number, report);
    if (generation !== undefined) {
      report?.(corrupt(generationFile(home, lost), `generation ${lost} is lost; generation ${number} is used instead`));
      return generation;
    }
  }
  report?.(corrupt(generationFile(home, lost), `generation ${lost} is lost and there is no readable one before it`));
  return undefined;
}

/** `current` is absent: nothing was committed, unless a generation file without a journal shows that something was. */
function orphaned(home: Home, report: Report | undefined): Generation | undefined {
  const newest = newestNumber(home);
  if (newest === 0) return undefined;
  report?.(corrupt(home.current, `the link \`${home.current}\` to the current generation is lost`));
  return tryRead(home, newest, report) ?? fallback(home, newest, report);
}

/** `undefined` when the file is missing or damaged; a damaged one is put aside and reported. */
function tryRead(home: Home, number: number, report: Report | undefined): Generation | undefined {
  const file = generationFile(home, number);
  const text = readTextIfPresent(file);
  if (text === undefined) return undefined;
  try {
    return parse(text, file, number);
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_SCHEMA_NEWER" || error.code === "E_IO") throw error;
    const aside = keepAside(file, existsSync);
    const kept = aside === undefined ? "it could not be put aside" : `it was kept as \`${aside}\``;
    report?.(corrupt(file, `${error.message}; ${kept}`));
    return undefined;
  }
}

function parse(text: string, file: string, number: number): Generation {
  const generation = readGeneration(text, file);
  if (generation.number === number) return generation;
  throw new CodedError("E_STATE_CORRUPT", `\`${file}\` holds generation ${generation.number}`, { where: file });
}

function corrupt(file: string, message: string): Diagnostic {
  const hint = "run `plugin verify`, then `plugin sync` in each root, to make the state whole again";
  return { code: "E_STATE_CORRUPT", severity: "error", message, file, hint };
}
