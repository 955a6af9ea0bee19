import { describe, it } from "vitest";
import { expectAllHit } from "./sweep-report.ts";
import { sweep } from "./sweep.ts";
import { FAULTED_VERBS } from "./verbs.ts";
import { wholeAndHealing } from "./whole.ts";

describe("a process that is killed at any of its changes to the disk", () => {
  it.each(FAULTED_VERBS)(
    "during `$name` leaves the old set or the new one, and the next run heals",
    { timeout: 1_800_000 },
    async (verb) => {
      expectAllHit("killed", await sweep(verb, ["KILL"], wholeAndHealing));
    },
  );
});
