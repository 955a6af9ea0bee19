import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { pipedInput } from "../../../cli/session/piped-input.ts";

describe("what is piped in", () => {
  it("is read to its end, however late its pieces come", async () => {
    const stream = new PassThrough();
    const reading = pipedInput(stream, Number.POSITIVE_INFINITY);
    const [head, tail] = [Buffer.from("one ü").subarray(0, 5), Buffer.from("one ü two").subarray(5)];
    stream.write(head);
    await new Promise((resolve) => setImmediate(resolve));
    stream.end(tail);
    expect(await reading).toBe("one ü two");
  });

  it("may be missing where the pipe stays open", async () => {
    const stream = new PassThrough();
    expect(await pipedInput(stream, 1)).toBeUndefined();
    expect([stream.isPaused(), stream.listenerCount("error")]).toEqual([true, 0]);
  });

  it("fails as its stream does", async () => {
    const stream = new PassThrough();
    const reading = pipedInput(stream, Number.POSITIVE_INFINITY);
    stream.destroy(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");
  });
});
