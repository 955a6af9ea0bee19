import { comparePlugins } from "../compare/compare-plugins.ts";
import type { PluginDifference } from "../compare/difference.ts";
import { textPatch } from "../compare/text-lines.ts";
import type { DiffLine, FactChange, SiteChanges, SiteFileChange } from "./model.ts";
import type { ReadVersion } from "./read-version.ts";
import { visibleLines, visibleText } from "./visible-text.ts";

/** More files than this are only counted. */
const MAX_FILES = 50;
/** More lines of one file than this are left out. */
const MAX_LINES = 300;

/** What `next` changes against `before`: facts, cost, files, and the lines of those that are text. */
export function changesBetween(before: ReadVersion, next: ReadVersion): SiteChanges {
  const difference = comparePlugins(before.plugin, next.plugin);
  const { files, tokens, bytes } = difference;
  return {
    from: before.version.version,
    facts: factChanges(difference),
    tokensDelta: tokens.after - tokens.before,
    bytesDelta: bytes.after - bytes.before,
    files: files.slice(0, MAX_FILES).map(({ change, path }): SiteFileChange => {
      const lines = lineChanges(before.plugin.textOf(path), next.plugin.textOf(path));
      return { change, path: visibleText(path, 300), ...(lines === undefined ? {} : { lines }) };
    }),
    more: Math.max(0, files.length - MAX_FILES),
  };
}

function factChanges(difference: PluginDifference): readonly FactChange[] {
  const marked = (mark: FactChange["mark"], side: "added" | "removed"): readonly FactChange[] =>
    factsOf(difference, side).map((text) => ({ mark, text: visibleText(text, 2_300) }));
  return [...marked("-", "removed"), ...marked("+", "added")];
}

function factsOf(difference: PluginDifference, side: "added" | "removed"): readonly string[] {
  const { contributions, executables, capabilities, hosts, dependencies, requiredOptions } = difference;
  return [
    ...contributions[side].map(({ kind, name }) => `adds ${kind} ${name}`),
    ...executables[side].map(({ kind, name, display }) => `can execute ${kind} ${name}: ${display}`),
    ...capabilities[side].map((capability) => `asks for ${capability}`),
    ...hosts[side].map((host) => `names the host ${host}`),
    ...dependencies[side].map(({ id, range }) => `needs ${id} ${range}`),
    ...requiredOptions[side].map((option) => `needs the option ${option}`),
  ];
}

function lineChanges(before: string | undefined, next: string | undefined): readonly DiffLine[] | undefined {
  // What one version does not have is shown whole, what is no text in either not at all.
  if (before === undefined || next === undefined || before === next) return undefined;
  const patch = textPatch("", visibleLines(before), visibleLines(next), 3);
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
