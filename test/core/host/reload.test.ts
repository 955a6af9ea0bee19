import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const CHILD = fileURLToPath(new URL("reload-child.ts", import.meta.url));

it("leaves nothing behind when 1,020 plugins are loaded and unloaded ten times", () => {
  const run = spawnSync(process.execPath, ["--expose-gc", "--conditions=source", CHILD], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  // The child prints this shape.
  const { seen, left, heaps } = JSON.parse(run.stdout) as { seen: number; left: object; heaps: number[] };
  expect(seen).toBe(10 * 1020);
  expect(left).toEqual({ contributions: 0, listeners: 0, services: 0 });
  const last = heaps.slice(-5);
  expect(Math.max(...last) / Math.min(...last)).toBeLessThan(1.05);
});
