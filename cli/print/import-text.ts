import type { Double, Proposal, ProposedPlugin } from "../../marketplace/agents/import/proposal.ts";
import { canonicalSource } from "../../schemas/identity.ts";
import { counted } from "./amount.ts";
import { bold, columns, dim, green, yellow } from "./style.ts";

/** What an import would do, and what has no place. */
export function proposalLines(proposal: Proposal): readonly string[] {
  const { marketplaces, plugins, installed, unplaced } = proposal;
  const fresh = marketplaces.filter(({ isNew }) => isNew);
  return [
    ...(fresh.length === 0 ? [] : [`${counted(fresh.length, "marketplace")} to add:`]),
    ...columns(
      fresh.map(({ name, source }) => [green("+"), bold(name), canonicalSource(source).identity]),
      "  ",
    ),
    ...(plugins.length === 0 ? [] : [`${counted(plugins.length, "plugin")} to install:`]),
    ...columns(plugins.map(pluginRow), "  "),
    ...plugins.flatMap(({ id, instead }) => (instead === undefined ? [] : [`  ${yellow("note:")} ${id}: ${instead}`])),
    ...(installed.length === 0 ? [] : [`${counted(installed.length, "plugin")} here already: ${installed.join(", ")}`]),
    ...(unplaced.length === 0 ? [] : [`${counted(unplaced.length, "thing")} without a place here:`]),
    ...unplaced.flatMap(({ agent, what, where, why }) => [
      `  ${yellow("left")} ${agent}: ${what}: ${why}`,
      `    ${dim(where)}`,
    ]),
    "",
  ];
}

function pluginRow({ id, range, commit, path, enabled, agents }: ProposedPlugin): readonly string[] {
  const version = path ?? range ?? commit?.slice(0, 12) ?? "as offered";
  return [green("+"), bold(id), version, enabled === false ? "off" : "", dim(`from ${agents.join(", ")}`)];
}

/** What agents keep by themselves beside what came from here. */
export function doubleLines(doubles: readonly Double[]): readonly string[] {
  if (doubles.length === 0) return [];
  return [
    "",
    `${yellow("twice:")} agents keep what they installed by themselves; where they hold these from here too, take their own away:`,
    ...doubles.map(({ takeAway }) => `  ${takeAway}`),
  ];
}
