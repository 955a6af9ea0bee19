import type { Contribution } from "../../schemas/plugin-manifest.ts";
import { beyondLosses } from "./beyond-losses.ts";
import { componentLabel } from "./component-label.ts";
import { type ComponentPart, partReason, partsOf } from "./component-part.ts";
import type { AgentPlugin, Expresses, Loss } from "./target.ts";

/** What an agent does not hold of plugins. */
export interface LossRules {
  readonly title: string;
  readonly expresses: Expresses;
  /** Why one contribution of a kind that it has is lost all the same. */
  readonly loses?: ((contribution: Contribution, plugin: AgentPlugin) => string | undefined) | undefined;
  /** What it drops of contributions that it holds. */
  readonly drops?: ((contribution: Contribution, plugin: AgentPlugin) => readonly ComponentPart[]) | undefined;
  /** Whether settings and channels of a plugin count there. */
  readonly hasSettings?: boolean | undefined;
}

/**
 * Everything that an agent loses of plugins: whole components, parts of those that it holds, and what is no component. What
 * a writer does not place has to be told here; a test holds them against each other.
 */
export function lossesOf(plugins: readonly AgentPlugin[], rules: LossRules): readonly Loss[] {
  return plugins.flatMap((plugin) => [
    ...plugin.contributions.flatMap((one) => componentLosses(one, plugin, rules)),
    ...beyondLosses(plugin, rules),
  ]);
}

function componentLosses(one: Contribution, plugin: AgentPlugin, rules: LossRules): readonly Loss[] {
  const { title, drops } = rules;
  const facts = { plugin: plugin.id, component: componentLabel(one) };
  const reason = lossOf(one, plugin, rules);
  if (reason !== undefined) return [{ ...facts, reason }];
  const dropped: readonly ComponentPart[] = drops?.(one, plugin) ?? [];
  return partsOf(one, plugin)
    .filter((part) => dropped.includes(part))
    .map((part) => ({ ...facts, part, reason: partReason(part, title) }));
}

/** Why an agent cannot hold a contribution; `undefined` when it can. */
export function lossOf(
  one: Contribution,
  plugin: AgentPlugin,
  { title, expresses, loses }: LossRules,
): string | undefined {
  const expression = expresses[one.kind] ?? { lost: `${title} has nothing of that kind` };
  return typeof expression === "string" ? loses?.(one, plugin) : expression.lost;
}

/** Why an MCP server is lost to an agent that speaks these transports. */
export function lostServer(one: Contribution, title: string, transports: readonly string[]): string | undefined {
  if (one.kind !== "mcp" || transports.includes(one.config.transport)) return undefined;
  return one.config.transport === "bundle"
    ? `${title} unpacks no bundles of servers of plugins`
    : `${title} reaches no \`${one.config.transport}\` servers`;
}

/** Why a hook is lost to an agent that raises these events, and runs commands and handlers of these other types. */
export function lostHook(
  one: Contribution,
  title: string,
  raises: (event: string) => boolean,
  types: readonly string[] = [],
): string | undefined {
  if (one.kind !== "hook") return undefined;
  const { event, handler } = one;
  if (!raises(event)) return `${title} raises no such event`;
  if (handler.type !== "command") {
    return types.includes(handler.type) ? undefined : `${title} runs no \`${handler.type}\` handlers of plugins`;
  }
  return handler.shell === undefined || handler.shell === "bash" || handler.shell === "sh"
    ? undefined
    : `${title} runs no hooks in \`${handler.shell}\``;
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
