import { holdHome } from "../../core/platform/home-mutex.ts";
import { needsRecovery, recover } from "../../marketplace/generations/recover.ts";
import type { Home } from "../../marketplace/home.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";

const DEADLINE_MS = 10_000;

/** Brings a commit that was cut off to its end before a session reads it; where the home cannot be written, it is read as it is. */
export async function finishInterrupted(home: Home): Promise<readonly Diagnostic[]> {
  if (!needsRecovery(home)) return [];
  const { signal } = new AbortController();
  try {
    return await holdHome(home.mutex, { deadlineMs: DEADLINE_MS, signal })(() => recover(home));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return [{ code: error.code, severity: "warning", message: error.message, hint: error.hint }];
  }
}
