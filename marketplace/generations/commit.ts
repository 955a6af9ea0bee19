import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { Generation } from "../../schemas/generation.ts";
import { writeGeneration } from "../../schemas/generation-file.ts";
import type { Home } from "../home.ts";
import { updateCacheLinks } from "../store/cache-links.ts";
import { syncDirectory, writeDurableFile } from "../store/durable-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { checkTargets, fileDigest, finishChanges } from "./file-changes.ts";
import { newestNumber, readCurrent, type Report } from "./generations.ts";
import { writeJournal, type FileChange } from "./journal.ts";
import { recover } from "./recover.ts";
import { generationFile, pointCurrentAt, removeIfPresent } from "./state-files.ts";

/** A generation without what `commitGeneration` fills in. */
export type NextGeneration = Omit<Generation, "schema" | "number" | "parent">;

/**
 * Makes a generation and the files that belong to it current, together: the rename of `current` is the only commit point.
 *
 * The caller holds the home. Before that point anything that fails leaves everything as it was; `E_STALE` says that another
 * generation became current or that a file no longer is what its change was computed from. After it the generation holds:
 * a file that cannot be written is finished by `recover`, one that a person edited meanwhile is kept and reported.
 */
export function commitGeneration(
  home: Home,
  next: NextGeneration,
  files: readonly FileChange[],
  expectedCurrent: number,
  report?: Report,
): Generation {
  for (const diagnostic of recover(home)) report?.(diagnostic);
  const before = checkExpected(home, expectedCurrent, report);
  checkTargets(home, files);
  checkUnchanged(files);
  const number = newestNumber(home) + 1;
  const generation: Generation = { ...next, schema: 1, number, parent: expectedCurrent };
  try {
    makeStateDirectories(home);
    writeDurableFile(home.journal, writeJournal({ schema: 1, generation: number, files }), { mode: 0o600 });
    writeDurableFile(generationFile(home, number), writeGeneration(generation));
    pointCurrentAt(home, number);
  } catch (error) {
    throw undone(home, number, error);
  }
  finish(home, before, generation, files, report);
  return generation;
}

function checkExpected(home: Home, expected: number, report: Report | undefined): Generation | undefined {
  const generation = readCurrent(home, report);
  const current = generation?.number ?? 0;
  if (current === expected) return generation;
  throw new CodedError(
    "E_STALE",
    `generation ${current} became current while this change was computed from ${expected}`,
    {
      hint: "run the command again",
      data: { current, expected },
    },
  );
}

function checkUnchanged(files: readonly FileChange[]): void {
  for (const { path, before } of files) {
    if (fileDigest(path) === before) continue;
    throw new CodedError("E_STALE", `\`${path}\` was changed while the command ran; nothing was written`, {
      where: path,
      hint: "run the command again",
    });
  }
}

/** Creates the directories of the state so that their own names are durable too. Throws what the file system throws, and `E_IO`. */
export function makeStateDirectories(home: Home): void {
  if (existsSync(home.generations)) return;
  mkdirSync(home.generations, { recursive: true, mode: 0o700 });
  syncDirectory(home.state);
  syncDirectory(home.directory);
  try {
    syncDirectory(dirname(home.directory));
  } catch (error) {
    // A home may lie in a directory that its owner can pass but not open.
    if (!isCodedError(error) || !isSystemError(error.cause, "EACCES", "EPERM")) throw error;
  }
}

/** Takes back what was written before the commit point; what cannot be removed now is removed by `recover`. */
function undone(home: Home, number: number, cause: unknown): CodedError {
  const error = ioError("write the new state below", home.state, cause);
  try {
    removeIfPresent(generationFile(home, number));
    removeIfPresent(home.journal);
  } catch (second) {
    return new CodedError(error.code, `${error.message}; the next command cleans up`, {
      cause: second,
      hint: error.hint,
      where: error.where,
    });
  }
  return error;
}

/** What follows the commit point; a failure that occurs once is tried again. */
function finish(
  home: Home,
  before: Generation | undefined,
  generation: Generation,
  files: readonly FileChange[],
  report: Report | undefined,
): void {
  const { number } = generation;
  const attempt = (): void => {
    syncDirectory(home.state);
    const links = updateCacheLinks(home, before, generation);
    for (const diagnostic of [...finishChanges(home, files), ...links]) report?.(diagnostic);
    removeIfPresent(home.journal);
  };
  try {
    attempt();
  } catch {
    try {
      attempt();
    } catch (second) {
      const { message, where } = ioError("finish the change below", home.directory, second);
      throw new CodedError("E_IO", `generation ${number} is in force, but ${message}`, {
        cause: second,
        where,
        hint: "remove the cause and run any `plugin` command: it finishes the change",
      });
    }
  }
}
