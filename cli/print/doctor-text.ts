import type { Drift } from "../../marketplace/agents/doctor/drift.ts";
import type { Unowned, Unread } from "../../marketplace/agents/doctor/unowned.ts";
import { bold, dim, green, red, yellow } from "./style.ts";

/** Everything that was found, ours first. */
export function examinationLines({
  drift,
  unowned,
  unread,
}: {
  readonly drift: readonly Drift[];
  readonly unowned: readonly Unowned[];
  readonly unread: readonly Unread[];
}): readonly string[] {
  return [
    ...driftLines(drift, false),
    ...(unowned.length === 0 ? [] : ["", "in the homes of agents, and not from here:"]),
    ...unowned.flatMap((one) => [
      `  ${one.dead === undefined ? yellow("not ours") : red("dead")} ${entryText(one)}`,
      ...(one.dead === undefined ? [] : [`    ${one.dead}`]),
      `    ${dim(one.file)}`,
      ...(one.takeAway === undefined ? [] : [`    hint: ${one.takeAway}`]),
    ]),
    ...unread.map(({ agent, file, why }) => `${yellow("not read")} ${agent}: ${why} (${file})`),
    ...(unowned.some(({ entry }) => entry !== undefined)
      ? ["  hint: what you did not put there yourself, `plugin doctor --agents --fix` takes out, one by one"]
      : []),
  ];
}

const MENDS: Readonly<Record<Drift["mend"], string>> = {
  carry: "`plugin doctor --agents --fix` writes it again",
  overwrite: "`plugin doctor --agents --fix` offers to write it anew",
  person: "look at it; nothing is written over what is not from here",
};

/** Where agents differ from the lock. */
export function driftLines(drift: readonly Drift[], mended: boolean): readonly string[] {
  if (drift.length === 0) return [`${green("ok")} agents hold what is locked`];
  return drift.flatMap(({ agent, root, message, mend }) => [
    `${red(mended ? "still" : "drift")} ${bold(agent)}${root === "user" ? "" : ` (${root})`}: ${message}`,
    `  hint: ${MENDS[mend]}`,
  ]);
}

/** One thing that is not from here, with what it starts. */
export function entryText({ agent, kind, name, command }: Unowned): string {
  return `${agent}: ${kind} ${name}${command === undefined ? "" : `: ${command}`}`;
}
