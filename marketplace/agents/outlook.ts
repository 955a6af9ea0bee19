import { isCodedError } from "../../schemas/errors.ts";
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
  /** Why it could not be written into now, e.g. a configuration that is no JSON; it does not hold up the verb. */
  readonly problem?: string | undefined;
}

/** Foresees what an agent will hold and lose, by the same rendering that is written later. */
export function outlook(
  chosen: ChosenAgent,
  plugins: readonly AgentPlugin[],
  touched: ReadonlySet<string>,
  record: AgentRecord,
  place: Place,
): AgentOutlook {
  const { target, found, because } = chosen;
  const { name, title } = target;
  const shared = { name, title, ...(found.version !== undefined && { version: found.version }), because };
  try {
    const { losses } = withoutObstacles(target.render(plugins, place), record, place);
    return {
      ...shared,
      plugins: heldOf(plugins, losses).length,
      losses: losses.filter(({ plugin }) => touched.has(plugin)),
    };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { ...shared, plugins: 0, losses: [], problem: error.message };
  }
}
