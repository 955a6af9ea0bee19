import type { ConsentItem } from "../../marketplace/plan/plan.ts";
import { escapeControl } from "../../schemas/names.ts";
import { counted } from "./amount.ts";
import { executableLines } from "./executable-text.ts";
import { bold, dim, yellow } from "./style.ts";

/** What a person says yes or no to: every command of every plugin, where it comes from, and the digest that binds the yes. */
export function consentLines(items: readonly ConsentItem[]): readonly string[] {
  return [
    `${yellow(bold("consent"))} ${counted(items.length, "plugin")} can run programs on this machine as you`,
    ...items.flatMap((item) => [
      `  ${bold(item.id)} ${item.version} ${dim(`from ${item.origin}`)}`,
      ...executableLines(item.executables, "    "),
      `    digest ${item.closure}`,
      ...changeLines(item, "    "),
    ]),
  ];
}

/** More files that differ are only counted; `--json` lists them all. */
const MAX_CHANGES = 100;
const MARKS = { added: "+", removed: "-", changed: "~" } as const;

/** What differs from what the person accepted before; nothing for a plugin that was never accepted. */
export function changeLines({ previous, changes }: ConsentItem, indent: string): readonly string[] {
  if (previous === undefined) return [];
  const since = `${indent}changed since you accepted ${previous}`;
  if (changes === undefined) return [`${since}, whose files are not known any more`];
  if (changes.length === 0) return [`${since}: its files are the same, but not what it runs`];
  const shown = changes.slice(0, MAX_CHANGES).map(({ change, path }) => `${MARKS[change]} ${escapeControl(path)}`);
  const rest = changes.length - shown.length;
  const more = rest === 0 ? [] : [`and ${counted(rest, "more file")}, which \`--json\` lists`];
  return [since, ...[...shown, ...more].map((line) => `${indent}  ${line}`)];
}
