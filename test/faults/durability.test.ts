import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DirtyDisk } from "./dirty-disk.ts";
import { FAULTED_VERBS } from "./verbs.ts";
import { type World, world } from "./world.ts";

/** Whatever may be lost: it is made again from what is kept, or says nothing after its process is gone. */
const DISPENSABLE = /^home\/(?:cache|leases|store\/staging)(?:\/|$)|^home\/state\/(?:mutex\.sqlite|lock-stamps)/u;

/** Paths below both of a person's directories, which lie on the disk before the verb. */
function existing(machine: World): ReadonlySet<string> {
  return new Set(
    ["home", "project"]
      .filter((name) => existsSync(machine.at.path(name)))
      .flatMap((name) => [
        machine.at.path(name),
        ...readdirSync(machine.at.path(name), { recursive: true, encoding: "utf8" }).map((path) =>
          machine.at.path(name, path),
        ),
      ]),
  );
}

describe("CR05: what is reported as done", () => {
  it.each(FAULTED_VERBS)(
    "by `$name` is on the disk before it is reported, and complete before it is current",
    async (verb) => {
      using machine = await world(verb);
      await machine.reset();
      const before = existing(machine);
      const disk = new DirtyDisk((path) => before.has(path));
      const { exit, calls, output } = await machine.run(undefined, ["openat"]);
      expect({ exit, output: exit === 0 ? "" : output }).toEqual({ exit: 0, output: "" });
      const unsafe = (): readonly string[] =>
        disk.unsafe
          .filter((path) => machine.owns(path))
          .map((path) => path.slice(join(machine.at.directory, "/").length))
          .filter((path) => !DISPENSABLE.test(path));
      const last = calls.findLastIndex(({ name, descriptor }) => name === "write" && descriptor === 1);
      const said: string[] = [];
      let seen = 0;
      for (const [index, call] of calls.entries()) {
        if (call.name === "rename" && call.paths.some((path) => path.endsWith("/state/current"))) {
          said.push(
            ...unsafe()
              .filter((path) => path !== "home/state/current.new")
              .map((path) => `current before ${path}`),
          );
        }
        if (index === last) said.push(...unsafe().map((path) => `reported before ${path}`));
        disk.apply(call);
        if (call.paths.some((path) => machine.owns(path))) seen += 1;
      }
      console.log(`durability of ${verb.name}: ${seen} calls looked at`);
      expect(said).toEqual([]);
      expect(last).toBeGreaterThan(0);
      expect(seen).toBeGreaterThan(10);
    },
  );
});
