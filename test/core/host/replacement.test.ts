import { describe, expect, it } from "vitest";
import {
  defineGuardedPoint,
  definePoint,
  defineService,
  gateEvent,
  type GuardedRequest,
} from "../../../plugin-api/index.ts";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import type { HookContribution } from "../../../schemas/plugin-manifest.ts";
import { codePlugin, testHost } from "../../support/test-host.ts";

const hooks = definePoint<HookContribution>("zz@test/hook");
const gate = gateEvent<GuardedRequest>("zz@test/gate");
const door = defineGuardedPoint<object, object, string>("zz@test/door");
const clock = defineService<{ now(): number }>("zz@test/clock");

/** A built-in whose name sorts behind everybody else's. */
function builtin(): HostPlugin {
  const plugin = codePlugin(
    "zz",
    {
      points: { hook: { kind: "hook" }, door: { guarded: { gate: "gate", unanswered: "deny" } } },
      provides: ["clock"],
      listens: ["gate"],
      contributes: { "zz@test/door": [] },
    },
    (context) => {
      context.provide(clock, { now: () => 7 });
      context.listen(gate, () => ({ decision: "deny", reason: "the built-in says no" }));
      context.contribute(door, "front", { descriptor: {}, call: () => "opened" });
    },
  );
  return { ...plugin, info: { ...plugin.info, tier: "builtin" } };
}

const THIEVES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  point: { points: { "zz@test/door": { guarded: { gate: "mine", unanswered: "allow" } } } },
  kind: { points: { mine: { kind: "hook" } } },
  service: { provides: ["zz@test/clock"] },
  gate: { listens: ["zz@test/gate"] },
};

describe("what a built-in has", () => {
  it.each(Object.entries(THIEVES))("NM05: stays its own when a plugin wants its %s", async (_what, plugsmith) => {
    const thief = codePlugin("aa", plugsmith, () => undefined);
    await using test = await testHost([thief, builtin()]);
    const states = Object.fromEntries(test.host.tree().plugins.map(({ id, state }) => [id, state.kind]));
    expect(states).toEqual({ "aa@test": "failed", "zz@test": "resolved" });
    await test.host.activate("zz@test");
    const [handle] = (await test.host.frontend.read(door)).all();
    expect(await handle?.invoke({}, { callId: "1", context: {} })).toMatchObject({ reason: "the built-in says no" });
  });

  it("takes no component that a manifest writes beside its files", async () => {
    const hook = { kind: "hook", event: "Stop", handler: { type: "command", command: "true" } };
    const plugin = codePlugin(
      "aa",
      { contributes: { "zz@test/hook": [{ name: "Stop", value: hook }] } },
      () => undefined,
    );
    await using test = await testHost([plugin, builtin()]);
    expect((await test.host.frontend.read(hooks)).all()).toEqual([]);
  });
});

describe("a reload", () => {
  it("takes over options that changed although the bytes did not", async () => {
    const plugin = codePlugin("one", { provides: ["options"] }, (context) => {
      context.provide(options, context.options);
    });
    const options = defineService<object>("one@test/options");
    await using test = await testHost([{ ...plugin, options: { mode: "old" } }]);
    expect(await test.host.frontend.use(options)).toEqual({ mode: "old" });
    expect(await test.host.reload([{ ...plugin, options: { mode: "old" } }])).toEqual([]);
    expect(await test.host.reload([{ ...plugin, options: { mode: "new" } }])).toEqual(["one@test"]);
    expect(await test.host.frontend.use(options)).toEqual({ mode: "new" });
  });

  it("gives a plugin that waited for a service another chance once somebody provides it", async () => {
    const user = codePlugin("user", { uses: ["zz@test/clock"] }, () => undefined);
    await using test = await testHost([user]);
    expect(test.host.tree().plugins).toMatchObject([{ id: "user@test", state: { kind: "held", reason: "config" } }]);
    await test.host.reload([user, builtin()]);
    expect(test.host.tree().plugins).toMatchObject([{ state: { kind: "resolved" } }, { state: { kind: "resolved" } }]);
  });

  it("starts a plugin that failed again", async () => {
    let fails = true;
    const plugin = codePlugin("one", {}, () => {
      if (fails) throw new Error("not yet");
    });
    await using test = await testHost([plugin]);
    await expect(test.host.activate("one@test")).rejects.toThrow("not yet");
    fails = false;
    await test.host.reload([plugin]);
    await test.host.activate("one@test");
    expect(test.host.tree().plugins).toMatchObject([{ state: { kind: "activated" } }]);
  });

  it("replaces who uses the service of a plugin that was replaced", async () => {
    const user = codePlugin("user", { uses: ["zz@test/clock"] }, async (context) => void (await context.use(clock)));
    await using test = await testHost([user, builtin()]);
    await test.host.activate("user@test");
    expect(await test.host.reload([user, { ...builtin(), revision: "2" }])).toEqual(["zz@test", "user@test"]);
  });
});

it("says why a plugin was held although its loading fails later", async () => {
  const loading = Promise.withResolvers<never>();
  const plugin = codePlugin("one", {}, () => undefined, { load: () => loading.promise });
  await using test = await testHost([plugin]);
  const activated = test.host.activate("one@test");
  activated.catch(() => undefined);
  await Promise.resolve();
  await test.host.hold("one@test", "policy", "the administrator says no");
  loading.reject(new Error("the file is gone"));
  await expect(activated).rejects.toMatchObject({ code: "E_PLUGIN_HELD" });
});
