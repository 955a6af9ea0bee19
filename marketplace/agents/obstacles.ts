import { sep } from "node:path";
import type { AgentRecord } from "./agent-state.ts";
import { protectedMembers, takenMembers } from "./config-file.ts";
import { isTaken, wasChanged } from "./placement.ts";
import type { Loss, Place, Rendering } from "./target.ts";

/** What of a rendering can be written without touching what is somebody else's, and the losses of the rest. */
export function withoutObstacles(rendering: Rendering, record: AgentRecord, place: Place): Rendering {
  const losses: Loss[] = [];
  const made = new Map(record.placements.map((one) => [one.path, one]));
  const placements = rendering.placements.filter(({ path, plugin }) => {
    if (isOwn(path, place)) return true;
    const before = made.get(path);
    const reason =
      before === undefined
        ? isTaken(path) && `\`${path}\` is there already, and not from here`
        : isTaken(path) && wasChanged(before) && `\`${path}\` was changed by hand; delete it to have it written anew`;
    if (reason === false) return true;
    losses.push({ plugin: plugin ?? "", component: undefined, reason });
    return false;
  });
  const taken = takenMembers(rendering.edits, record.configs);
  for (const { file, path, plugin, component } of taken) {
    losses.push({
      plugin,
      component,
      reason: `\`${path.join(".")}\` in \`${file}\` is set already, and not from here`,
    });
  }
  const kept = rendering.edits.filter((edit) => !taken.includes(edit));
  const locked = protectedMembers(kept);
  for (const { file, plugin, component } of locked) {
    losses.push({ plugin, component, reason: `\`${file}\` is write-protected` });
  }
  return {
    ...rendering,
    placements,
    edits: kept.filter((edit) => !locked.includes(edit)),
    losses: [...rendering.losses, ...losses],
  };
}

/** Whether a path lies in the folder that is ours alone. */
export function isOwn(path: string, place: Place): boolean {
  return path.startsWith(`${place.own}${sep}`);
}
