import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHANGING_CALLS } from "./syscalls.ts";
import { FAULTED_VERBS } from "./verbs.ts";
import { wholeAndHealing } from "./whole.ts";
import { world } from "./world.ts";

const REPEATABLE = FAULTED_VERBS.filter(({ name }) => name === "add" || name === "sync");

const interruption = fc.record({ name: fc.constantFrom(...CHANGING_CALLS), ordinal: fc.integer({ min: 1, max: 60 }) });

describe("a change that is killed again and again", () => {
  it.each(REPEATABLE)("ends, for `$name`, where an uninterrupted one does", async (verb) => {
    using machine = await world(verb);
    let kills = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(interruption, { minLength: 2, maxLength: 4 }), async (interruptions) => {
        machine.reset();
        for (const fault of interruptions) {
          const { exit } = await machine.run({ ...fault, effect: "KILL" });
          if (exit === "killed") kills += 1;
        }
        expect((await wholeAndHealing(machine)).wrong).toEqual([]);
      }),
      { numRuns: process.env["FAULTS_SAMPLE"] === undefined ? 100 : 4 },
    );
    console.log(`${verb.name}: killed ${kills} times`);
    expect(kills).toBeGreaterThan(0);
  });
});
