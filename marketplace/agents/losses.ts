import type { Contribution } from "../../schemas/plugin-manifest.ts";
import { componentLabel } from "./component-label.ts";
import type { AgentPlugin, Expresses, Loss } from "./target.ts";

/** The losses of all contributions that there is a reason to lose. */
export function lossesOf(
  plugins: readonly AgentPlugin[],
  reasonOf: (contribution: Contribution, plugin: AgentPlugin) => string | undefined,
): readonly Loss[] {
  return plugins.flatMap((plugin) =>
    plugin.contributions.flatMap((contribution): readonly Loss[] => {
      const reason = reasonOf(contribution, plugin);
      return reason === undefined ? [] : [{ plugin: plugin.id, component: componentLabel(contribution), reason }];
    }),
  );
}

/** What an agent loses of plugins because it has no such kind of thing at all. */
export function kindLosses(plugins: readonly AgentPlugin[], expresses: Expresses, title: string): readonly Loss[] {
  return lossesOf(plugins, ({ kind }) => {
    const expression = expresses[kind] ?? { lost: `${title} has nothing of that kind` };
    return typeof expression === "string" ? undefined : expression.lost;
  });
}

/** The plugins that keep their name, and the loss of those whose name an earlier one has: agents know no marketplaces of ours. */
export function uniquelyNamed(plugins: readonly AgentPlugin[]): {
  readonly plugins: readonly AgentPlugin[];
  readonly losses: readonly Loss[];
} {
  const owners = new Map<string, string>();
  const losses: Loss[] = [];
  const kept = plugins.filter(({ name, id }) => {
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, id);
    else losses.push({ plugin: id, reason: `\`${owner}\` has the same name there` });
    return owner === undefined;
  });
  return { plugins: kept, losses };
}
