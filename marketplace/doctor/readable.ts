import { committedNumbers, newestNumber, readGenerationNumber } from "../generations/generations.ts";
import type { Home } from "../home.ts";
import { isCodedError } from "../../schemas/errors.ts";
import type { Generation } from "../../schemas/generation.ts";

/** Whether a generation can be read; nothing is put aside. */
export function readable(home: Home, number: number): boolean {
  return tryGeneration(home, number) !== undefined;
}

/** The newest generation that can be read, as a session would take it; nothing is put aside. */
export function newestReadable(home: Home): Generation | undefined {
  for (const number of committedNumbers(home, newestNumber(home))) {
    const generation = tryGeneration(home, number);
    if (generation !== undefined) return generation;
  }
  return undefined;
}

/** Every committed generation that can be read, newest first; nothing is put aside. */
export function readableGenerations(home: Home): readonly Generation[] {
  return committedNumbers(home, newestNumber(home)).flatMap((number) => tryGeneration(home, number) ?? []);
}

function tryGeneration(home: Home, number: number): Generation | undefined {
  try {
    return readGenerationNumber(home, number);
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}
