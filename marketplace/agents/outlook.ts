import { heldOf } from "./carry.ts";
import type { AgentRecord } from "./agent-state.ts";
import type { ChosenAgent } from "./choice.ts";
import { withoutObstacles } from "./obstacles.ts";
import type { AgentPlugin, Loss, Place } from "./target.ts";

/** What a plan says about one agent. */
export interface AgentOutlook {
  readonly name: string;
  readonly title: string;
  readonly version?: string | undefined;
  readonly because: ChosenAgent["because"];
  /** Plugins that it will hold, without those that are lost whole. */
  readonly plugins: number;
  /** Of the plugins that this verb changes. */
  readonly losses: readonly Loss[];
}

/** Foresees what an agent will hold and lose, by the same rendering that is written later. */
export function outlook(
  { target, found, because }: ChosenAgent,
  plugins: readonly AgentPlugin[],
  touched: ReadonlySet<string>,
  record: AgentRecord,
  place: Place,
): AgentOutlook {
  const { losses } = withoutObstacles(target.render(plugins, place), record, place);
  return {
    name: target.name,
    title: target.title,
    ...(found.version !== undefined && { version: found.version }),
    because,
    plugins: heldOf(plugins, losses).length,
    losses: losses.filter(({ plugin }) => touched.has(plugin)),
  };
}
