import { structuredPatch } from "diff";
import { fileChanges } from "../plan/file-changes.ts";
import type { DiffLine, FactChange, SiteChanges, SiteFileChange, SiteVersion } from "./model.ts";
import type { ReadVersion } from "./read-version.ts";
import { visibleLines, visibleText } from "./visible-text.ts";

/** More files than this are only counted. */
const MAX_FILES = 50;
/** A text of more lines than this is not compared. */
const MAX_TEXT_LINES = 4_000;
/** More lines of one file than this are left out. */
const MAX_LINES = 300;

/** What `next` changes against `before`: facts, cost, files, and the lines of those that are text. */
export function changesBetween(before: ReadVersion, next: ReadVersion): SiteChanges {
  const changed = fileChanges(before.members, next.members);
  return {
    from: before.version.version,
    facts: factChanges(before.version, next.version),
    tokensDelta: next.version.tokens - before.version.tokens,
    bytesDelta: next.version.bytes - before.version.bytes,
    files: changed.slice(0, MAX_FILES).map(({ change, path }): SiteFileChange => {
      const lines = lineChanges(before.textOf(path), next.textOf(path));
      return { change, path: visibleText(path, 300), ...(lines === undefined ? {} : { lines }) };
    }),
    more: Math.max(0, changed.length - MAX_FILES),
  };
}

function factChanges(before: SiteVersion, next: SiteVersion): readonly FactChange[] {
  const [old, now] = [factsOf(before), factsOf(next)];
  const gone = [...old].filter((fact) => !now.has(fact)).map((text): FactChange => ({ mark: "-", text }));
  const come = [...now].filter((fact) => !old.has(fact)).map((text): FactChange => ({ mark: "+", text }));
  return [...gone, ...come];
}

function factsOf({ components, executables, needs }: SiteVersion): ReadonlySet<string> {
  return new Set([
    ...components.map(({ kind, name }) => `adds ${kind} ${name}`),
    ...executables.map(({ kind, name, display }) => `can execute ${kind} ${name}: ${display}`),
    ...needs.map(({ id, range }) => `needs ${id} ${range}`),
  ]);
}

function lineChanges(before: string | undefined, next: string | undefined): readonly DiffLine[] | undefined {
  // What one version does not have is shown whole, what is no text in either not at all.
  if (before === undefined || next === undefined || before === next) return undefined;
  if (before.split("\n", MAX_TEXT_LINES + 1).length > MAX_TEXT_LINES) return undefined;
  if (next.split("\n", MAX_TEXT_LINES + 1).length > MAX_TEXT_LINES) return undefined;
  const patch = structuredPatch("", "", visibleLines(before), visibleLines(next), "", "", {
    context: 3,
    maxEditLength: 1_000,
  });
  if (patch === undefined) return undefined;
  const lines = patch.hunks.flatMap((hunk): readonly DiffLine[] => [
    { mark: "@", text: `line ${String(hunk.newStart)}` },
    ...hunk.lines.flatMap(diffLine),
  ]);
  return lines.length > MAX_LINES ? undefined : lines;
}

function diffLine(line: string): readonly DiffLine[] {
  const mark = line[0];
  if (mark === "+" || mark === "-" || mark === " ") return [{ mark, text: line.slice(1) }];
  // `\ No newline at end of file`
  return [];
}
