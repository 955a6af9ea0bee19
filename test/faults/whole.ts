import { recover } from "../../marketplace/generations/recover.ts";
import { homeAt } from "../../marketplace/home.ts";
import type { Held, World } from "./world.ts";

/** What a machine holds after a fault, and everything about it that is not as promised. */
export interface Finding {
  readonly holds: "old" | "new";
  readonly wrong: readonly string[];
}

/** Which state a machine holds; after a verb that changes no set, the new one. */
function stateOf(machine: World): "old" | "new" | undefined {
  const { generation, files } = machine.held();
  const is = (held: Held): boolean => held.generation === generation && held.files === files;
  if (is(machine.after)) return "new";
  return is(machine.before) ? "old" : undefined;
}

/** The promise after any fault: old or new, complete; and the next run ends where an uninterrupted one does. */
export async function wholeAndHealing(machine: World): Promise<Finding> {
  const wrong: string[] = [];
  const { generation } = machine.held();
  if (![machine.before.generation, machine.after.generation].includes(generation)) {
    wrong.push("neither the old generation nor the new one");
  }
  for (const { message } of recover(homeAt(machine.at.path("home")))) wrong.push(`recovery says: ${message}`);
  const holds = stateOf(machine);
  if (holds === undefined) wrong.push("intent and lock are those of no generation");
  wrong.push(...machine.problems());
  // A verb that came to its end may not be repeated: a second rollback goes back.
  const isDone = holds === "new" && machine.before.generation !== machine.after.generation;
  const next = isDone ? await machine.other(["sync"]) : await machine.again();
  if (next.exit !== 0) wrong.push(`the next run ends with ${next.exit}: ${next.text}`);
  if (stateOf(machine) !== "new") wrong.push("the next run does not end in the new state");
  const { rest } = machine.held();
  if (rest !== machine.after.rest) wrong.push(`the rest is ${rest} instead of ${machine.after.rest}`);
  wrong.push(...machine.problems().map((problem) => `after the next run: ${problem}`));
  return { holds: holds ?? "old", wrong };
}
