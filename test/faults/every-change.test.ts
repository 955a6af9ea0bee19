import { describe, it } from "vitest";
import { expectAllHit } from "./sweep-report.ts";
import { type Promised, sweep } from "./sweep.ts";
import type { TracedRun } from "./syscalls.ts";
import { FAULTED_VERBS } from "./verbs.ts";
import { type Finding, wholeAndHealing } from "./whole.ts";
import type { World } from "./world.ts";

const ERRORS = ["ENOSPC", "EIO", "EACCES", "EMFILE", "EROFS"];

/** Node takes a `close` that fails after it read a file for impossible, and ends: that is a death like any other. */
const END_OF_NODE = /Assertion failed: \(0\) == \(uv_fs_close/u;

/** Beside the promise for any fault: success is only said of the new state, and a failure says what, why and what to do. */
async function honest(machine: World, { exit, output }: TracedRun): Promise<Finding> {
  const { holds, wrong } = await wholeAndHealing(machine);
  const said: string[] = [];
  if (END_OF_NODE.test(output)) return { holds, wrong };
  if (exit === 0 && holds === "old") said.push("ends with 0, and nothing was done");
  if (exit !== 0 && !/E_[A-Z]+/u.test(output)) said.push(`ends with ${exit} and no code: ${output}`);
  if (exit !== 0 && !output.includes("hint:")) said.push(`gives no hint: ${output}`);
  if (/E_INTERNAL|^ +at /mu.test(output)) said.push(`takes it for a defect of its own: ${output}`);
  return { holds, wrong: [...said, ...wrong] };
}

const PROMISES: readonly Promised[] = [
  { name: "killed", effects: ["KILL"], look: wholeAndHealing },
  { name: `failed (${ERRORS.join(", ")})`, effects: ERRORS, look: honest },
];

describe("at any change to the disk", () => {
  it.each(FAULTED_VERBS)(
    "a process that is killed during `$name` leaves the old set or the new one and heals, and a call that fails corrupts nothing and is told",
    { timeout: 5_400_000 },
    async (verb) => {
      expectAllHit(await sweep(verb, PROMISES));
    },
  );
});
