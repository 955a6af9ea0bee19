import { describe, expect, it } from "vitest";
import { Reloads } from "../../../cli/session/reloads.ts";

function counted(): { readonly reloads: Reloads; readonly count: () => number } {
  let count = 0;
  const reloads = new Reloads(
    async () => {
      await Promise.resolve();
      count += 1;
    },
    (error) => {
      throw error;
    },
  );
  return { reloads, count: () => count };
}

describe("a reload", () => {
  it("that is asked for during a turn waits for its end, and does not hold up who asks", async () => {
    const { reloads, count } = counted();
    await reloads.enter();
    await reloads.reload();
    expect(count()).toBe(0);
    await reloads.leave();
    expect(count()).toBe(1);
  });

  it("is over before a turn begins, also one that was asked for while another ran", async () => {
    const { reloads, count } = counted();
    reloads.request();
    const entered = reloads.enter().then(() => count());
    await reloads.reload();
    reloads.request();
    const before = await entered;
    expect(before).toBe(count());
  });
});
