import { isCodedError } from "../../../schemas/errors.ts";
import type { AgentRecord } from "../agent-state.ts";
import { commandTo } from "../carry.ts";
import type { AgentPlugin, AgentTarget, Place } from "../target.ts";
import { type Drift, fileDrift, programDrift } from "./drift.ts";

/** Everything in which one agent differs from what is locked; its program is asked when it has one that was told of plugins. */
export async function drift(
  plugins: readonly AgentPlugin[],
  record: AgentRecord,
  target: AgentTarget,
  place: Place,
  signal: AbortSignal,
): Promise<readonly Drift[]> {
  const own = { agent: target.name, root: place.root };
  try {
    const found = fileDrift(plugins, record, target, place);
    if (target.door === undefined || Object.keys(record.plugins).length === 0) return found;
    const listed = await target.door.listed(place, commandTo(target, place, signal));
    return [...found, ...programDrift(record, listed, target, place)];
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
    return [{ ...own, message: error.message, mend: "person" }];
  }
}
