import { movedTagText } from "../../marketplace/plan/moved-tag.ts";
import type { ConsentItem } from "../../marketplace/plan/plan.ts";
import { escapeControl } from "../../schemas/names.ts";
import { counted } from "./amount.ts";
import { changedFileText } from "./difference-text.ts";
import { executableLines } from "./executable-text.ts";
import { bold, dim, yellow } from "./style.ts";

/** What a person says yes or no to: every command of every plugin, where it comes from, and the digest that binds the yes. */
export function consentLines(items: readonly ConsentItem[]): readonly string[] {
  return [
    `${yellow(bold("consent"))} ${consentReason(items, " on this machine as you")}`,
    ...items.flatMap((item) => [
      `  ${bold(item.id)} ${item.version} ${dim(`from ${item.origin}`)}`,
      ...movedLines(item, "    "),
      ...executableLines(item.executables, "    "),
      `    digest ${item.closure}`,
      ...changeLines(item, "    "),
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
  return moved === undefined ? [] : [`${indent}${escapeControl(movedTagText(moved))}`];
}

function isInert({ executables, moved }: ConsentItem): boolean {
  return executables.length === 0 && moved !== undefined;
}

/** More files that differ are only counted; `--json` lists them all. */
const MAX_CHANGES = 100;

/** What differs from what the person accepted before; nothing for a plugin that was never accepted. */
export function changeLines({ previous, changes }: ConsentItem, indent: string): readonly string[] {
  if (previous === undefined) return [];
  const since = `${indent}changed since you accepted ${previous}`;
  if (changes === undefined) return [`${since}, whose files are not known any more`];
  if (changes.length === 0) return [`${since}: its files are the same, but not what it runs`];
  const shown = changes.slice(0, MAX_CHANGES).map(changedFileText);
  const rest = changes.length - shown.length;
  const more = rest === 0 ? [] : [`and ${counted(rest, "more file")}, which \`--json\` lists`];
  return [since, ...[...shown, ...more].map((line) => `${indent}  ${line}`)];
}
