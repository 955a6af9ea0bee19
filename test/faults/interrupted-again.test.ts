import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pointsOf } from "./sweep.ts";
import { FAULTED_VERBS } from "./verbs.ts";
import { wholeAndHealing } from "./whole.ts";
import { world } from "./world.ts";

const REPEATABLE = FAULTED_VERBS.filter(({ name }) => name === "add" || name === "sync");

/** 100 histories in full. */
const HISTORIES = process.env["FAULTS_SAMPLE"] === undefined ? 100 : 3;

describe("a change that is killed again and again", () => {
  it.each(REPEATABLE)("ends, for `$name`, where an uninterrupted one does", { timeout: 1_800_000 }, async (verb) => {
    using machine = await world(verb);
    const points = await pointsOf(machine);
    let kills = 0;
    const history = fc.array(fc.constantFrom(...points), { minLength: 2, maxLength: 4 });
    const property = fc.asyncProperty(history, async (chosen) => {
      await machine.reset();
      for (const { call } of chosen) {
        const { exit } = await machine.run({ name: call.name, ordinal: call.ordinal, effect: "KILL" });
        if (exit === "killed") kills += 1;
      }
      expect((await wholeAndHealing(machine)).wrong).toEqual([]);
    });
    await fc.assert(property, { numRuns: HISTORIES, endOnFailure: true });
    console.log(`${verb.name}: ${HISTORIES} histories, killed ${kills} times`);
    expect(kills).toBeGreaterThan(HISTORIES / 2);
  });
});
