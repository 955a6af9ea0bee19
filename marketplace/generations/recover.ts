import { existsSync } from "node:fs";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import type { Generation } from "../../schemas/generation.ts";
import type { Home } from "../home.ts";
import { updateCacheLinks } from "../store/cache-links.ts";
import { finishChanges } from "./file-changes.ts";
import { readGenerationNumber } from "./generations.ts";
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
  const current = currentNumber(home);
  if (current >= journal.generation)
    diagnostics.push(...finishChanges(home, journal.files), ...finishLinks(home, current));
  else removeIfPresent(generationFile(home, journal.generation));
  removeIfPresent(home.journal);
  return diagnostics;
}

/** The links for people that an interrupted commit may not have made; what cannot be read is reported where it is used. */
function finishLinks(home: Home, current: number): readonly Diagnostic[] {
  const generation = readable(home, current);
  return generation === undefined ? [] : updateCacheLinks(home, readable(home, generation.parent), generation);
}

function readable(home: Home, number: number): Generation | undefined {
  try {
    return readGenerationNumber(home, number);
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
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
