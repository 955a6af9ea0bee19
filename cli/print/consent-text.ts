import type { ExecutableFact, SinceAccepted } from "../../marketplace/compare/difference.ts";
import { movedTagText } from "../../marketplace/plan/moved-tag.ts";
import type { ConsentItem } from "../../marketplace/plan/plan.ts";
import { counted } from "./amount.ts";
import { withOptions } from "./command-text.ts";
import { changedFileText, type Detail, executableText, factLines, patchLines } from "./difference-text.ts";
import { executableLines } from "./executable-text.ts";
import { bold, dim, foreign, yellow } from "./style.ts";

/** What a person says yes or no to: every command of every plugin, where it comes from, and the digest that binds the yes. */
export function consentLines(items: readonly ConsentItem[], shown: ShownChanges): readonly string[] {
  return [
    `${yellow(bold("consent"))} ${consentReason(items, " on this machine as you")}`,
    ...items.flatMap((item) => [
      `  ${bold(item.id)} ${item.version} ${dim(`from ${item.origin}`)}`,
      ...movedLines(item, "    "),
      ...executableLines(item.executables, "    "),
      `    digest ${item.closure}`,
      ...changeLines(item, "    ", shown),
    ]),
  ];
}

/** Why a yes is needed, as a clause; `where` says where programs run. */
export function consentReason(items: readonly ConsentItem[], where = ""): string {
  const inert = items.filter(isInert).length;
  const running = items.length - inert;
  const parts = [
    ...(running === 0 ? [] : [`${counted(running, "plugin")} can run programs${where}`]),
    ...(inert === 0 ? [] : [`${counted(inert, "plugin")} ${inert === 1 ? "comes" : "come"} from a tag that was moved`]),
  ];
  return parts.join(", ");
}

/** The question below what `consentLines` shows. */
export function consentQuestion(items: readonly ConsentItem[]): string {
  return `${items.every(isInert) ? "take" : "run"} ${items.length === 1 ? "this" : "these"}?`;
}

/** That the tag which was locked names something else now. */
export function movedLines({ moved }: ConsentItem, indent: string): readonly string[] {
  return moved === undefined ? [] : [`${indent}${foreign(movedTagText(moved))}`];
}

function isInert({ executables, moved }: ConsentItem): boolean {
  return executables.length === 0 && moved !== undefined;
}

/** How much of what changed is shown, and how a person sees the rest. */
export interface ShownChanges {
  readonly detail: Detail;
  /** The command line that asked, which shows all of it with two more options. */
  readonly command: string;
}

/** Fewer lines of texts than this are shown whole, of each plugin. */
const MAX_DIFF_LINES = 80;
/** A longer line is cut. */
const MAX_LINE = 300;
/** More files that differ are only counted. */
const MAX_CHANGES = 100;

/** What differs from what the person accepted before; nothing for a plugin that was never accepted. */
export function changeLines({ previous, since }: ConsentItem, indent: string, shown: ShownChanges): readonly string[] {
  if (previous === undefined) return [];
  const head = `${indent}changed since you accepted ${previous}`;
  if (since === undefined) return [`${head}, whose files are not known any more`];
  const facts = factsSince(since, `${indent}  `);
  if (since.files.length === 0) return [`${head}: its files are the same, but not what it runs`, ...facts];
  return [head, ...fileLines(since, `${indent}  `, shown), ...facts];
}

/** What is new or gone beside files; scripts are files, and packages stand in a list of their own. */
function factsSince({ executables, capabilities, hosts, packages }: SinceAccepted, indent: string): readonly string[] {
  const none = { added: [], removed: [] };
  const runs = ({ kind }: ExecutableFact): boolean => kind !== "script" && kind !== "packages";
  const { added, removed } = executables ?? none;
  const commands = { added: added.filter(runs), removed: removed.filter(runs) };
  return [
    ...factLines("npm packages", packages, (one) => one, "short", indent),
    ...factLines("can execute", commands, executableText, "long", indent),
    ...factLines("asks for", capabilities ?? none, (capability) => capability, "long", indent),
    ...factLines("names the host", hosts ?? none, (host) => host, "long", indent),
  ];
}

/** Files with how their texts changed: those that consent covers first, and of these what runs. */
function fileLines({ files, patches }: SinceAccepted, indent: string, shown: ShownChanges): readonly string[] {
  const isLong = shown.detail === "long";
  const texts = new Map(patches.map(({ path, text }) => [path, text]));
  const byPath = new Map(files.map((file) => [file.path, file]));
  const covered = patches.flatMap(({ path }) => byPath.get(path) ?? []);
  const ordered = [...covered, ...files.filter(({ path }) => !texts.has(path))];
  const listed = isLong ? ordered : ordered.slice(0, MAX_CHANGES);
  const lines: string[] = [];
  let [left, hidden, isCut] = [isLong ? Number.POSITIVE_INFINITY : MAX_DIFF_LINES, 0, false];
  for (const file of listed) {
    const text = texts.get(file.path);
    const hunks = text === undefined ? [] : hunksOf(text);
    const isUnknown = texts.has(file.path) && text === undefined;
    lines.push(`${indent}${changedFileText(file)}${isUnknown ? dim(", not shown: no text, or too long") : ""}`);
    const some = hunks.slice(0, left);
    for (const line of patchLines(some.map((one) => (isLong ? one : cut(one))).join("\n")))
      if (some.length > 0) lines.push(`${indent}    ${line}`);
    isCut ||= !isLong && some.some((line) => cut(line) !== line);
    left -= some.length;
    hidden += hunks.length - some.length;
  }
  const rest = ordered.slice(listed.length);
  hidden += rest.reduce((sum, { path }) => sum + hunksOf(texts.get(path) ?? "").length, 0);
  if (hidden + rest.length === 0 && !isCut) return lines;
  const more = [
    ...(rest.length === 0 ? [] : [counted(rest.length, "more file")]),
    ...(hidden === 0 ? [] : [counted(hidden, "more line")]),
  ];
  const what = more.length === 0 ? "long lines are cut" : `and ${more.join(", ")}`;
  return [...lines, `${indent}${what}; all of it: ${withOptions(shown.command, "--dry-run --verbose")}`];
}

/** The lines of a unified text below the names of its files, which stand above already. */
function hunksOf(text: string): readonly string[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.startsWith("@@"));
  return first < 0 ? [] : lines.slice(first);
}

function cut(line: string): string {
  const characters = Array.from(line.slice(0, MAX_LINE * 2));
  if (characters.length <= MAX_LINE && line.length <= MAX_LINE * 2) return line;
  return `${characters.slice(0, MAX_LINE).join("")}… (${String(line.length)} characters)`;
}
