import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { listGenerations } from "../../marketplace/generations/generations.ts";
import { homeAt } from "../../marketplace/home.ts";
import { type At, type Place, place } from "../support/machine.ts";
import { mutexClock, mutexHolds, reportOfHolds } from "./mutex-times.ts";

const PROCESSES = 16;

/** Commands of each process, of which about half change something; 200 without `FAULTS_SAMPLE`. */
const COMMANDS = process.env["FAULTS_SAMPLE"] === undefined ? 200 : 4;

const ROOTS: readonly { readonly key: string; readonly at: At; readonly flags: readonly string[] }[] = [
  { key: "user", at: {}, flags: [] },
  { key: "one", at: { cwd: "one" }, flags: ["--scope", "project"] },
  { key: "two", at: { cwd: "two" }, flags: ["--scope", "project"] },
];

/** What one process did to its own plugin: root → installed and enabled, or not there. */
type Mine = Map<string, "on" | "off" | "absent">;

/** Commands that change no set. Collections keep nothing but what is current and what others are at. */
const BYSTANDERS: readonly (readonly string[])[] = [
  ["list"],
  ["marketplace", "update"],
  ["sync"],
  ["verify"],
  ["cache", "gc", "--keep", "1"],
];

/** Runs its commands one after another: a fixed mixture, so that a failure can be run again. */
async function work(at: Place, own: string, seed: number): Promise<{ readonly mine: Mine; readonly changes: number }> {
  const mine: Mine = new Map(ROOTS.map(({ key }) => [key, "absent"]));
  const env = mutexClock(at.path("mutex-times"));
  let changes = 0;
  let state = seed + 1;
  for (let count = 0; count < COMMANDS; count += 1) {
    state = (state * 48_271) % 2_147_483_647;
    const root = ROOTS[state % ROOTS.length];
    if (root === undefined) throw new Error("no root");
    const here = { ...root.at, env };
    const is = mine.get(root.key);
    const id = `${own}@acme`;
    const pick = Math.floor(state / 8) % 11;
    const bystander = BYSTANDERS[pick];
    if (bystander !== undefined) {
      await at.ok(bystander, here);
      continue;
    }
    changes += 1;
    if (is === "absent") {
      await at.ok(["add", id, ...root.flags], here);
      mine.set(root.key, "on");
    } else if (pick <= 6) {
      await at.ok(["remove", id, ...root.flags], here);
      mine.set(root.key, "absent");
    } else {
      await at.ok([is === "on" ? "disable" : "enable", id, ...root.flags], here);
      mine.set(root.key, is === "on" ? "off" : "on");
    }
  }
  return { mine, changes };
}

describe("many processes on one home and two projects", () => {
  it(`${PROCESSES} with ${COMMANDS} commands each lose nothing`, { timeout: 3_600_000 }, async () => {
    using at = place();
    const names = Array.from({ length: PROCESSES }, (_, index) => `p${index}`);
    for (const project of ["one", "two"]) at.write(`${project}/.git/HEAD`, "");
    await at.ok([
      "marketplace",
      "add",
      at.market({ name: "acme", plugins: Object.fromEntries(names.map((name) => [name, { version: "1.0.0" }])) }),
    ]);
    const done = await Promise.all(names.map((name, index) => work(at, name, index)));
    for (const { key } of ROOTS) {
      const plugins = new Map((at.root(key)?.plugins ?? []).map(({ id, enabled }) => [id, enabled ? "on" : "off"]));
      const held = names.map((name) => `${name} ${plugins.get(`${name}@acme`) ?? "absent"}`);
      expect({ key, held }).toEqual({
        key,
        held: names.map((name, index) => `${name} ${done[index]?.mine.get(key) ?? ""}`),
      });
      const intent = readFileSync(key === "user" ? at.path("home/plugins.json") : at.path(key, "plugins.json"), "utf8");
      for (const [index, name] of names.entries()) {
        expect(`${key} ${name} ${intent.includes(`"${name}@acme"`)}`).toBe(
          `${key} ${name} ${done[index]?.mine.get(key) !== "absent"}`,
        );
      }
    }
    // Every change is one generation, made from the one before it; collections took only old ones.
    const generations = listGenerations(homeAt(at.path("home")));
    const changes = done.reduce((sum, each) => sum + each.changes, 0);
    expect(generations[0]?.number).toBe(changes);
    for (const [index, { number, parent }] of generations.entries()) {
      expect(parent).toBe(number - 1);
      expect(number).toBe(changes - index);
    }
    const holds = mutexHolds(at.path("mutex-times"));
    expect(holds.length).toBeGreaterThanOrEqual(changes);
    console.log(`${PROCESSES * COMMANDS} commands, ${changes} changes, generation ${generations[0]?.number ?? 0}`);
    console.log(reportOfHolds(holds));
    await at.ok(["list", "--check"]);
    await at.ok(["verify"]);
  });
});
