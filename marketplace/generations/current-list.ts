import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readGenerationList, type ListedGeneration } from "../../schemas/generation-list.ts";
import type { Home } from "../home.ts";
import { isSystemError } from "../../schemas/system-error.ts";
import { currentNumber, generationFile } from "./state-files.ts";

/** Holds the list of about 1,000 plugins. */
const FIRST_READ_BYTES = 64 * 1024;

/**
 * The list of the current generation, without reading the rest of its file; `undefined` whenever anything about it is not as a
 * commit leaves it: `readCurrent` then says what.
 */
export function readCurrentList(home: Home): ListedGeneration | undefined {
  const number = currentNumber(home);
  const first = number === 0 ? undefined : firstLine(generationFile(home, number));
  const list = first && readGenerationList(first.line, first.restBytes);
  return list?.number === number ? list : undefined;
}

function firstLine(file: string): { readonly line: string; readonly restBytes: number } | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const { size } = fstatSync(descriptor);
    for (let length = Math.min(size, FIRST_READ_BYTES); ; length = size) {
      const bytes = Buffer.allocUnsafe(length);
      const end = bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0)).indexOf("\n");
      if (end !== -1) return { line: bytes.toString("utf8", 0, end), restBytes: size - end - 1 };
      if (length === size) return undefined;
    }
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
