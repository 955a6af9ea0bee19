import { existsSync } from "node:fs";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import type { Home } from "../home.ts";
import { finishChanges } from "./file-changes.ts";
import { readJournal, type Journal } from "./journal.ts";
import { currentNumber, generationFile, keepAside, readTextIfPresent, removeIfPresent } from "./state-files.ts";

/** Whether a commit is under way or was interrupted; one look at the file system, for callers that do not hold the home. */
export function needsRecovery(home: Home): boolean {
  return existsSync(home.journal);
}

/**
 * Brings an interrupted commit to its end: forwards when its generation became current, backwards otherwise.
 *
 * The caller holds the home whenever `needsRecovery` says yes, since another process may be in the middle of its commit.
 * A file that a person edited meanwhile is kept, the new text lies beside it as `<file>.plugsmith-new`, and both are
 * reported. Throws `E_SCHEMA_NEWER` for a journal of a newer Plugsmith and `E_IO`.
 */
export function recover(home: Home): readonly Diagnostic[] {
  const text = needsRecovery(home) ? readTextIfPresent(home.journal) : undefined;
  if (text === undefined) return [];
  const diagnostics: Diagnostic[] = [];
  const journal = readOrKeepAside(home, text, diagnostics);
  if (journal === undefined) return diagnostics;
  if (currentNumber(home) >= journal.generation) diagnostics.push(...finishChanges(home, journal.files));
  else removeIfPresent(generationFile(home, journal.generation));
  removeIfPresent(home.journal);
  return diagnostics;
}

function readOrKeepAside(home: Home, text: string, diagnostics: Diagnostic[]): Journal | undefined {
  try {
    return readJournal(text, home.journal);
  } catch (error) {
    if (!isCodedError(error) || error.code !== "E_STATE_CORRUPT") throw error;
    const aside = keepAside(home.journal, existsSync);
    const kept = aside === undefined ? "" : `; it was kept as \`${aside}\``;
    diagnostics.push({
      code: "E_STATE_CORRUPT",
      severity: "error",
      message: `${error.message}${kept}, and an interrupted change could not be finished`,
      file: home.journal,
      hint: "run `plugin sync` in each root to bring its files up to date",
    });
    return undefined;
  }
}
