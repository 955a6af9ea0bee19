import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { homeAt } from "../../marketplace/home.ts";
import { Store } from "../../marketplace/store/store.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { warmHome } from "../support/command.ts";
import { homeDigests } from "../support/file-digests.ts";
import { pluginHere } from "../support/in-process.ts";
import { type Place, place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/** Two versions of a chain of plugins, the older one installed. */
async function installed(): Promise<Place> {
  const at = place();
  const market = taggedMarket("acme", at.path("acme.git"));
  for (const version of ["1.0.0", "2.0.0"]) {
    market.release({
      app: {
        version,
        dependencies: [{ name: "kit", version: `^${version}` }],
        files: { "notes.txt": "x".repeat(50_000) },
      },
      kit: { version, dependencies: [{ name: "base", version: `^${version}` }] },
      base: { version },
    });
  }
  warmHome(at.path("home"));
  await here(at, ["marketplace", "add", market.url]);
  await here(at, ["add", "app@acme@^1.0.0"]);
  return at;
}

/** Runs what must succeed and is not interrupted, in this process: programs are those that a signal ends. */
async function here(at: Place, words: readonly string[], home = "home"): Promise<void> {
  const { exit, text } = await pluginHere(words, { home: at.path(home), cwd: at.directory });
  expect({ words, exit, text: exit === 0 ? "" : text }).toEqual({ words, exit: 0, text: "" });
}

const OLD = ["app@acme 1.0.0", "base@acme 1.0.0", "kit@acme 1.0.0"];
const NEW = ["app@acme 2.0.0", "base@acme 2.0.0", "kit@acme 2.0.0"];
const CHANGE = ["add", "app@acme@^2.0.0"];

/** A copy of the state to begin with; read-only trees and all. */
function fresh(at: Place, home: string): void {
  cpSync(at.path("home"), at.path(home), { recursive: true, verbatimSymlinks: true });
}

/** How long the change takes when nobody interrupts it. */
async function duration(at: Place): Promise<number> {
  fresh(at, "timed");
  await here(at, ["list"], "timed");
  const start = performance.now();
  await at.ok(CHANGE, { home: "timed" });
  return performance.now() - start;
}

/** Runs the change and sends a signal after a delay; the exit code. */
async function interrupted(at: Place, home: string, signal: NodeJS.Signals, delayMs: number): Promise<number> {
  const { exit } = await at.run(CHANGE, {
    home,
    onStart: (child) => void sleep(delayMs).then(() => child.kill(signal)),
  });
  return exit;
}

/** What must hold after an interruption at any moment: old or new, complete; the next run succeeds and leaves nothing behind. */
async function expectWhole(at: Place, home: string): Promise<"old" | "new"> {
  await here(at, ["list", "--check"], home);
  const held = at.holds("user", home);
  expect([OLD, NEW]).toContainEqual(held);
  expectComplete(at, home);
  await here(at, CHANGE, home);
  expect(at.holds("user", home)).toEqual(NEW);
  expectComplete(at, home);
  expect(existsSync(at.path(home, "state/journal"))).toBe(false);
  return held[0] === OLD[0] ? "old" : "new";
}

/** Every tree is what its digest says, and the lock is the one that the set was made from. */
function expectComplete(at: Place, home: string): void {
  const closure = at.root("user", home);
  const store = new Store(homeAt(at.path(home)));
  const verdicts = (closure?.plugins ?? []).map(({ tree }) => store.verify(tree));
  expect(verdicts).toEqual(Array.from({ length: 3 }, () => ({ ok: true, problems: [] })));
  expect(digestOf(readFileSync(at.path(home, "plugins.lock")))).toBe(closure?.lockDigest);
}

/** Moments spread over the duration of a run. */
function moments(count: number, durationMs: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => Math.round(((index + 0.5) / count) * durationMs));
}

describe("a change that is interrupted at any moment", () => {
  it("CR03: by SIGKILL leaves the old set or the new one, and the next run cleans up", async () => {
    using at = await installed();
    const seen = { old: 0, new: 0 };
    const points = moments(5, 1.1 * (await duration(at)));
    for (const [index, delayMs] of points.entries()) {
      const home = `kill-${index}`;
      fresh(at, home);
      await interrupted(at, home, "SIGKILL", delayMs);
      seen[await expectWhole(at, home)] += 1;
      if (index === points.length - 1) {
        // Something that needs staging sweeps what killed processes left of theirs.
        await here(at, ["rollback"], home);
        await here(at, ["add", "base@acme@1.0.0", "--dry-run"], home);
        expect(readdirSync(at.path(home, "store/staging"))).toEqual([]);
      }
    }
    expect(seen.old + seen.new).toBe(points.length);
    expect(seen.old).toBeGreaterThan(0);
  });

  it("CR12: by SIGINT ends with 130 and the same guarantees", async () => {
    using at = await installed();
    const points = moments(3, await duration(at));
    for (const [index, delayMs] of points.entries()) {
      const home = `int-${index}`;
      fresh(at, home);
      const before = homeDigests(at.path(home));
      const exit = await interrupted(at, home, "SIGINT", delayMs);
      expect([0, 130]).toContain(exit);
      if (exit === 0) expect(at.holds("user", home)).toEqual(NEW);
      else if (at.holds("user", home)[0] === OLD[0]) {
        const after = homeDigests(at.path(home));
        for (const file of ["plugins.json", "plugins.lock", "state/current"]) expect(after[file]).toBe(before[file]);
      }
      await expectWhole(at, home);
    }
  });

  it("CR12: heals a cached repository in which a killed git left its locks", async () => {
    using at = await installed();
    const [cache = ""] = readdirSync(at.path("home/cache/git"));
    for (const name of ["shallow.lock", "packed-refs.lock", "config.lock", "refs/heads/none.lock"])
      at.write(`home/cache/git/${cache}/${name}`, "");
    at.write(`home/cache/git/${cache}/claims/4194000.1.0.0-00000000`, "");
    await here(at, ["marketplace", "update"]);
    await here(at, CHANGE);
    expect(readdirSync(at.path("home/cache/git", cache)).filter((name) => name.endsWith(".lock"))).toEqual([]);
    expect(readdirSync(at.path("home/cache/git", cache, "claims"))).toEqual([]);
  });
});
