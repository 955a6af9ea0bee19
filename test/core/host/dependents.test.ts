import { expect, it } from "vitest";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import { defineService } from "../../../plugin-api/index.ts";
import { codePlugin, testHost } from "../../support/test-host.ts";

const clock = defineService<{ now(): number }>("base@test/clock");

/** A plugin that others need, two that need it, one that needs one of those, and one that needs nobody. */
function family(disposed: string[], base: Partial<HostPlugin> = {}): readonly HostPlugin[] {
  const plugin = (name: string, plugsmith: object, dependencies: readonly string[], more: Partial<HostPlugin> = {}) =>
    codePlugin(
      name,
      { activation: "startup", ...plugsmith },
      (context) => {
        if (name === "base") context.provide(clock, { now: () => 7 });
        context.onDispose(() => void disposed.push(name));
      },
      { dependencies, ...more },
    );
  return [
    plugin("base", { provides: ["clock"] }, [], base),
    plugin("near", {}, ["base@test"]),
    plugin("user", { uses: [clock.key] }, []),
    plugin("far", {}, ["near@test"]),
    plugin("other", {}, []),
  ];
}

it("a plugin that is held takes those that need it with it, at once, and a reload brings them back", async () => {
  const disposed: string[] = [];
  await using test = await testHost(family(disposed));
  const states = () => Object.fromEntries(test.host.tree().plugins.map(({ id, state }) => [id, state]));
  const taken = await test.host.hold("base@test", "policy", "the administrator says no");
  expect(taken.toSorted()).toEqual(["base@test", "far@test", "near@test", "user@test"]);
  expect(disposed.toSorted()).toEqual(["base", "far", "near", "user"]);
  expect(states()).toMatchObject({
    "base@test": { kind: "held", reason: "policy" },
    "near@test": {
      kind: "failed",
      blockedBy: "base@test",
      error: { message: "plugin `near@test` needs `base@test`, which is held back: the administrator says no" },
    },
    "far@test": { kind: "failed", blockedBy: "near@test" },
    "user@test": { kind: "held", reason: "config" },
    "other@test": { kind: "activated" },
  });
  await expect(test.host.activate("far@test")).rejects.toMatchObject({ code: "E_PLUGIN_FAILED" });
  // The reason is still there.
  await test.host.reload(family(disposed, { held: { reason: "policy", message: "no" } }));
  expect(Object.values(states()).map(({ kind }) => kind)).toEqual(["held", "failed", "failed", "activated", "held"]);
  await test.host.reload(family(disposed));
  for (const { id } of test.host.tree().plugins) await test.host.activate(id);
  expect(Object.values(states()).map(({ kind }) => kind)).toEqual(Array(5).fill("activated"));
});

it("a plugin that crashed too often takes those that need it with it", async () => {
  const disposed: string[] = [];
  let crash: (error: unknown) => void = () => undefined;
  const [base, ...others] = family(disposed);
  if (base === undefined) throw new Error("no plugin");
  const crashing: HostPlugin = {
    ...base,
    load: async (crashed) => {
      crash = crashed;
      return (await base.load?.(crashed)) ?? { activate: () => undefined };
    },
  };
  await using test = await testHost([crashing, ...others], {
    circuit: { crashes: 1, windowMs: 60_000, firstPauseMs: 0 },
  });
  crash(new Error("gone"));
  await expect.poll(() => disposed.toSorted()).toEqual(["base", "far", "near", "user"]);
  expect(test.host.tree().plugins.map(({ id, state }) => [id, state.kind])).toEqual([
    ["base@test", "held"],
    ["near@test", "failed"],
    ["far@test", "failed"],
    ["other@test", "activated"],
    ["user@test", "held"],
  ]);
});
