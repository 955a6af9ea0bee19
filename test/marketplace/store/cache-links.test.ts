import { existsSync, mkdirSync, readdirSync, readlinkSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { updateCacheLinks } from "../../../marketplace/store/cache-links.ts";
import type { Generation, GenerationPlugin } from "../../../schemas/generation.ts";
import type { Digest } from "../../../schemas/lockfile.ts";
import { next, plugin } from "../generations/state.ts";
import { Scratch } from "./scratch.ts";

let scratch: Scratch;

beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.remove());

function generation(...plugins: readonly GenerationPlugin[]): Generation {
  return { ...next("x", ...plugins), schema: 1, number: 1, parent: 0 };
}

function links(): readonly string[] {
  if (!existsSync(scratch.home.cache)) return [];
  return (readdirSync(scratch.home.cache, { recursive: true }) as string[])
    .filter((path) => path.split("/").length === 3)
    .sort();
}

const [ONE, TWO]: readonly Digest[] = [`sha256-${"1".repeat(64)}`, `sha256-${"2".repeat(64)}`];

describe("the links for people", () => {
  it("lead into the store by a relative path", () => {
    mkdirSync(join(scratch.home.trees, ONE!), { recursive: true });
    expect(updateCacheLinks(scratch.home, undefined, generation(plugin("fmt@acme", "1.2.3", ONE)))).toEqual([]);
    const path = join(scratch.home.cache, "acme/fmt/1.2.3");
    expect(readlinkSync(path).startsWith("../../../../")).toBe(true);
    expect(realpathSync(path)).toBe(realpathSync(join(scratch.home.trees, ONE!)));
  });

  it("follow an update, a changed content under one version, and a removal", () => {
    const first = generation(plugin("a@m", "1.0.0", ONE), plugin("b@m", "1.0.0", ONE));
    const second = generation(plugin("a@m", "2.0.0", TWO), plugin("b@m", "1.0.0", TWO));
    updateCacheLinks(scratch.home, undefined, first);
    updateCacheLinks(scratch.home, first, second);
    expect(links()).toEqual(["m/a/2.0.0", "m/b/1.0.0"]);
    expect(readlinkSync(join(scratch.home.cache, "m/b/1.0.0"))).toContain(TWO);
    updateCacheLinks(scratch.home, second, generation());
    expect(readdirSync(scratch.home.cache)).toEqual([]);
  });

  it.each(["..", ".", "", "../../x", "a/b", "1.0.0-β", "x\u0000y", "v 1:2"])(
    "the version %j stays inside its plugin",
    (version) => {
      expect(updateCacheLinks(scratch.home, undefined, generation(plugin("a@m", version, ONE)))).toEqual([]);
      const [name, ...more] = readdirSync(join(scratch.home.cache, "m/a"));
      expect([more, dirname(join("x", name ?? ""))]).toEqual([[], "x"]);
      expect(name).toMatch(/^[A-Za-z0-9%._+@-]+$/);
    },
  );

  it("are warnings when they cannot be made", () => {
    mkdirSync(dirname(scratch.home.cache), { recursive: true });
    writeFileSync(scratch.home.cache, "in the way");
    const made = updateCacheLinks(scratch.home, undefined, generation(plugin("a@m", "1.0.0", ONE)));
    expect(made).toMatchObject([{ code: "E_IO", severity: "warning" }]);
  });
});
