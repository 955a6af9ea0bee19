import type { AgentOutcome } from "../../marketplace/agents/carry.ts";
import type { AgentOutlook } from "../../marketplace/agents/outlook.ts";
import type { Loss } from "../../marketplace/agents/target.ts";
import { counted } from "./amount.ts";
import { bold, dim, red, yellow } from "./style.ts";

/** What a plan says about other agents, a line each and a line for everything they lose. */
export function outlookLines(agents: readonly AgentOutlook[]): readonly string[] {
  return [
    ...agents.flatMap(({ title, version, because, plugins, losses, problem }) => [
      `  ${bold(title)}${version === undefined ? "" : ` ${version}`}: ${counted(plugins, "plugin")} ${dim(REASONS[because])}`,
      ...lossLines(losses),
      ...(problem === undefined ? [] : [`    ${red("cannot be written into now:")} ${problem}`]),
    ]),
    ...(agents.some(({ because }) => because === "found")
      ? [dim("  `--to` names others, `--to none` leaves all alone")]
      : []),
  ];
}

const REASONS: Readonly<Record<AgentOutlook["because"], string>> = {
  asked: "(named with --to)",
  remembered: "(named before)",
  found: "(found on this machine)",
  left: "(not named any more)",
};

/** What became of other agents. */
export function agentLines(agents: readonly AgentOutcome[]): readonly string[] {
  return agents.flatMap(({ title, outcome, plugins, remarks, error }) => [
    ...(error !== undefined
      ? [
          `${red("not told:")} ${error.message.startsWith(title) ? "" : `${title}: `}${error.message}`,
          ...(error.hint === undefined ? [] : [`  hint: ${error.hint}`]),
        ]
      : outcome === "written"
        ? [
            plugins === 0
              ? `${title} holds nothing from here any more`
              : `${title} holds ${counted(plugins, "plugin")} from here`,
          ]
        : []),
    ...remarks.map((remark) => `note: ${title}: ${remark}`),
  ]);
}

/** Losses with one reason stand in one line. */
function lossLines(losses: readonly Loss[]): readonly string[] {
  const groups = [...Map.groupBy(losses, ({ plugin, part, reason }) => [plugin, part, reason].join("\0")).values()];
  return groups.flatMap((ones) => {
    const [first] = ones;
    if (first === undefined) return [];
    const what = ones.flatMap(({ component }) => component ?? []);
    const named =
      what.length === 0
        ? "all of it"
        : what.length > 4
          ? `${what.slice(0, 3).join(", ")} and ${String(what.length - 3)} more`
          : what.join(", ");
    const part = first.part === undefined ? "" : `${first.part} of `;
    return [`    ${yellow("loses")} ${first.plugin}: ${part}${named}: ${first.reason}`];
  });
}
