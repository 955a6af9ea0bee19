import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deadLeases, liveLeases, takeLease } from "../../../marketplace/generations/lease.ts";
import { Scratch } from "../store/scratch.ts";

let scratch: Scratch;

beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.remove());

describe("a lease", () => {
  it("is seen until it is disposed, each one by itself", () => {
    const [older, newer] = [takeLease(scratch.home, 3), takeLease(scratch.home, 7)];
    const again = takeLease(scratch.home, 7);
    expect(liveLeases(scratch.home)).toEqual([3, 7, 7].map((generation) => ({ generation, pid: process.pid })));
    newer.dispose();
    newer.dispose();
    older[Symbol.dispose]();
    expect(liveLeases(scratch.home).map(({ generation }) => generation)).toEqual([7]);
    again.dispose();
    expect(liveLeases(scratch.home)).toEqual([]);
  });

  it("CR07: of a killed process is gone, that of a living one is not", async () => {
    const work = `
      import { takeLease } from ${JSON.stringify(join(import.meta.dirname, "../../../marketplace/generations/lease.ts"))};
      import { homeAt } from ${JSON.stringify(join(import.meta.dirname, "../../../marketplace/home.ts"))};
      takeLease(homeAt(${JSON.stringify(scratch.home.directory)}), 5);
      console.log("taken");
      setInterval(() => undefined, 60000);`;
    const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", work], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(liveLeases(scratch.home)).toEqual([{ generation: 5, pid: child.pid }]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(liveLeases(scratch.home)).toEqual([]);
    const left = readdirSync(scratch.home.leases).map((name) => join(scratch.home.leases, name));
    expect(left).toHaveLength(1);
    expect(deadLeases(scratch.home)).toEqual(left);
  });

  it("is not read out of other files, and a home without leases has none", () => {
    expect(liveLeases(scratch.home)).toEqual([]);
    takeLease(scratch.home, 1).dispose();
    writeFileSync(join(scratch.home.leases, "README"), "");
    expect(liveLeases(scratch.home)).toEqual([]);
    expect(deadLeases(scratch.home)).toEqual([]);
    expect(readdirSync(scratch.home.leases)).toEqual(["README"]);
  });
});
