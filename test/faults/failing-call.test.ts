import { describe, it } from "vitest";
import { expectAllHit } from "./sweep-report.ts";
import { sweep } from "./sweep.ts";
import type { TracedRun } from "./syscalls.ts";
import { FAULTED_VERBS } from "./verbs.ts";
import { type Finding, wholeAndHealing } from "./whole.ts";
import type { World } from "./world.ts";

const ERRORS = ["ENOSPC", "EIO", "EACCES", "EMFILE", "EROFS"];

/** Beside the promise for any fault: success is only said of the new state, and a failure says what, why and what to do. */
async function honest(machine: World, { exit, output }: TracedRun): Promise<Finding> {
  const { holds, wrong } = await wholeAndHealing(machine);
  const said: string[] = [];
  if (exit === 0 && holds === "old") said.push("ends with 0, and nothing was done");
  if (exit !== 0 && !/E_[A-Z]+/u.test(output)) said.push(`ends with ${exit} and no code: ${output}`);
  if (exit !== 0 && !output.includes("hint:")) said.push(`gives no hint: ${output}`);
  if (/E_INTERNAL|^ +at /mu.test(output)) said.push(`takes it for a defect of its own: ${output}`);
  return { holds, wrong: [...said, ...wrong] };
}

describe("a call that fails at any change to the disk", () => {
  it.each(FAULTED_VERBS)("during `$name` corrupts nothing and is told", { timeout: 3_600_000 }, async (verb) => {
    expectAllHit(`failed (${ERRORS.join(", ")})`, await sweep(verb, ERRORS, honest));
  });
});
