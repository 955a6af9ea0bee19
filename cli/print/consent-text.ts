import type { ConsentItem } from "../../marketplace/plan/plan.ts";
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
      ...(item.previous === undefined ? [] : [`    changed since you accepted ${item.previous}`]),
    ]),
  ];
}
