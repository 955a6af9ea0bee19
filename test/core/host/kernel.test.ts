import { describe, expect, it } from "vitest";
import {
  defineGuardedPoint,
  definePoint,
  defineService,
  firstEvent,
  gateEvent,
  observeEvent,
  personService,
  transformEvent,
  type GuardedRequest,
  type Point,
} from "../../../plugin-api/index.ts";
import { codePlugin, testHost } from "../../support/test-host.ts";

const word: Point<string> = definePoint("words@test/word");
const added = transformEvent<readonly string[]>("test/added");
const asked = firstEvent<string, string>("test/asked");
const seen = observeEvent<string>("test/seen", { matchOn: (name) => name });
const mayGo = gateEvent<string>("test/may-go");
const clock = defineService<{ now(): number }>("clock@test/clock");
const door = defineGuardedPoint<{ name: string; schema: object }, { n: number }, number>("doors@test/door");
const doorGate = gateEvent<GuardedRequest>("doors@test/gate");
const doors = codePlugin(
  "doors",
  { points: { door: { guarded: { gate: "gate", unanswered: "deny", input: "schema" } } } },
  () => undefined,
);

const listener = (name: string, activate: Parameters<typeof codePlugin>[2], more = {}) =>
  codePlugin(name, { listens: [added.key, asked.key, seen.key, mayGo.key] }, activate, more);

describe("a host", () => {
  it("boots without any plugin and registers nothing", async () => {
    await using test = await testHost([]);
    expect(test.host.tree()).toMatchObject({ plugins: [], missing: [] });
    expect(test.host.registered).toEqual({ contributions: 0, listeners: 0, services: 0 });
    await expect(test.host.frontend.read(word)).rejects.toMatchObject({ code: "E_POINT_UNKNOWN" });
  });

  it("activates a plugin at its first use only, and once", async () => {
    let count = 0;
    await using test = await testHost([
      codePlugin("clock", { provides: ["clock"] }, (context) => {
        count += 1;
        context.provide(clock, { now: () => 7 });
      }),
    ]);
    expect(count).toBe(0);
    const [one, two] = await Promise.all([test.host.frontend.use(clock), test.host.frontend.use(clock)]);
    expect([one.now(), two.now(), count]).toEqual([7, 7, 1]);
  });

  it("hands a point's contributions to its readers and takes them back with their plugin", async () => {
    const words = codePlugin("words", { points: { word: {} } }, () => undefined);
    const talker = codePlugin(
      "talker",
      { contributes: { "words@test/word": [] }, activation: "startup" },
      (context) => {
        context.contribute(word, "hello", "hi");
      },
    );
    await using test = await testHost([words, talker]);
    const reader = await test.host.frontend.read(word);
    let changes = 0;
    reader.onChange(() => void (changes += 1));
    expect(reader.all().map(({ plugin, value }) => [plugin.id, value])).toEqual([["talker@test", "hi"]]);
    await test.host.reload([words]);
    expect([reader.all(), changes]).toEqual([[], 1]);
  });

  it("knows static contributions without running their plugin", async () => {
    const words = codePlugin("words", { points: { word: {} } }, () => undefined);
    const quiet = codePlugin("quiet", { contributes: { "words@test/word": [{ name: "a", text: "b" }] } }, () => {
      throw new Error("ran");
    });
    await using test = await testHost([words, quiet]);
    const reader = await test.host.frontend.read(word);
    expect(reader.all()).toMatchObject([{ name: "a", value: { name: "a", text: "b" } }]);
    expect(test.host.tree().plugins.find(({ id }) => id === "quiet@test")?.state.kind).toBe("resolved");
  });

  it("keeps no static contribution of a plugin that went after its code had given it", async () => {
    const maker = codePlugin(
      "maker",
      { contributes: { "doors@test/door": [{ name: "a", schema: {} }] }, activation: "startup" },
      (context) => {
        context.contribute(door, "a", { descriptor: { name: "a", schema: {} }, call: () => 1 });
      },
    );
    await using test = await testHost([doors, maker]);
    const reader = await test.host.frontend.read(door);
    expect(reader.all()).toHaveLength(1);
    await test.host.reload([doors]);
    expect(reader.all()).toEqual([]);
  });

  it("orders listeners by dependency, then before and after, then id", async () => {
    const add = (name: string, options = {}, more = {}) =>
      listener(name, (context) => void context.listen(added, (list) => [...list, name], options), more);
    await using test = await testHost([
      add("a", { after: ["b@test"] }),
      add("b", {}, { dependencies: ["d@test"] }),
      add("c", { before: ["d@test"] }),
      add("d"),
    ]);
    expect(await test.host.frontend.emit(added, [])).toEqual(["c", "d", "b", "a"]);
  });

  it("refuses an order that runs in a circle", async () => {
    const circle = (name: string, other: string) =>
      listener(name, (context) => void context.listen(added, (list) => list, { after: [`${other}@test`] }));
    await using test = await testHost([circle("a", "b"), circle("b", "a")]);
    await expect(test.host.frontend.emit(added, [])).rejects.toMatchObject({ code: "E_ORDER" });
  });

  it("isolates observers that fail, and calls by name only those that asked for it", async () => {
    const heard: string[] = [];
    await using test = await testHost([
      listener("a", (context) => {
        context.listen(seen, () => Promise.reject(new Error("broken")), { match: ["x"] });
        context.listen(seen, (name) => void heard.push(`y ${name}`), { match: ["y"] });
        context.listen(seen, (name) => void heard.push(`all ${name}`));
        context.listen(seen, (name) => void heard.push(`test ${name}`), { match: (name) => name === "x" });
      }),
    ]);
    await test.host.frontend.emit(seen, "x");
    expect(heard).toEqual(["all x", "test x"]);
    expect(test.warnings.join()).toContain("plugin `a@test` failed in event test/seen: broken");
  });

  it("aborts a transform and a first event when a listener fails", async () => {
    await using test = await testHost([
      listener("a", (context) => {
        context.listen(added, () => Promise.reject(new Error("no")));
        context.listen(asked, () => {
          throw new Error("never");
        });
      }),
    ]);
    await expect(test.host.frontend.emit(added, [])).rejects.toMatchObject({ code: "E_PLUGIN_FAILED" });
    await expect(test.host.frontend.emit(asked, "q")).rejects.toThrow(
      "plugin `a@test` failed in event test/asked: never",
    );
  });

  it("takes the first defined answer", async () => {
    await using test = await testHost([
      listener("a", (context) => void context.listen(asked, () => undefined)),
      listener("b", (context) => void context.listen(asked, (text) => `${text}!`)),
      listener("c", (context) => void context.listen(asked, () => "late")),
    ]);
    expect(await test.host.frontend.emit(asked, "q")).toBe("q!");
  });

  const gates = [
    { name: "the strictest wins", answers: ["allow", "deny", "ask"], decision: "deny" },
    { name: "ask is stricter than allow", answers: ["allow", "ask", "pass"], decision: "ask" },
    { name: "nobody's opinion passes", answers: ["pass"], decision: "pass" },
    { name: "no listener passes", answers: [], decision: "pass" },
    { name: "a failing listener denies", answers: ["allow", "fail"], decision: "deny" },
    { name: "an answer that is none denies", answers: ["maybe"], decision: "deny" },
  ];
  it.each(gates)("decides a gate: $name", async ({ answers, decision }) => {
    await using test = await testHost([
      listener("a", (context) => {
        for (const answer of answers) {
          context.listen(mayGo, () => {
            if (answer === "fail") throw new Error("failed");
            return { decision: answer as "deny" };
          });
        }
      }),
    ]);
    expect((await test.host.frontend.emit(mayGo, "x")).decision).toBe(decision);
  });

  it("denies in the place of a guard that cannot be started", async () => {
    await using test = await testHost([
      listener("a", () => {
        throw new Error("no start");
      }),
    ]);
    for (let round = 0; round < 2; round += 1) {
      expect(await test.host.frontend.emit(mayGo, "x")).toMatchObject({ decision: "deny", by: "a@test" });
    }
  });

  it("names the innermost plugin when a budget is spent", async () => {
    const inner = codePlugin("inner", { provides: ["clock@test/clock"] }, (context) => {
      context.provide(clock, { now: () => 0 });
      return new Promise(() => undefined);
    });
    await using test = await testHost(
      [
        inner,
        listener(
          "outer",
          (context) => void context.listen(asked, async () => String((await context.use(clock)).now())),
        ),
      ],
      { budgets: { loadMs: 1000, activateMs: 60_000 } },
    );
    const event = { ...asked, budgetMs: 50 };
    await expect(test.host.frontend.emit(event, "q")).rejects.toThrow(
      /plugin `inner@test` took longer than 50 ms in activate/u,
    );
  });

  it("fails dependents of a plugin that fails, never its siblings", async () => {
    await using test = await testHost([
      codePlugin("base", { activation: "startup" }, () => Promise.reject(new Error("broken"))),
      codePlugin("top", { activation: "startup" }, () => undefined, { dependencies: ["base@test"] }),
      codePlugin("beside", { activation: "startup" }, () => undefined),
    ]);
    const states = Object.fromEntries(test.host.tree().plugins.map(({ id, state }) => [id, state]));
    expect(states["base@test"]).toMatchObject({ kind: "failed", at: "activate" });
    expect(states["top@test"]).toMatchObject({ kind: "failed", at: "resolve", blockedBy: "base@test" });
    expect(states["beside@test"]?.kind).toBe("activated");
  });

  it("installs plugins that depend on each other in a circle as a unit", async () => {
    const circle = (name: string, other: string) =>
      codePlugin(name, { activation: "startup" }, () => undefined, { dependencies: [`${other}@test`] });
    await using test = await testHost([circle("a", "b"), circle("b", "a")]);
    expect(test.host.tree().plugins.map(({ state }) => state.kind)).toEqual(["activated", "activated"]);
  });

  it("holds a plugin whose services nobody provides, and names them", async () => {
    await using test = await testHost([
      codePlugin("needy", { uses: [clock.key], activation: "startup" }, () => undefined),
    ]);
    expect(test.host.tree()).toMatchObject({
      plugins: [{ state: { kind: "held", reason: "config" } }],
      missing: ["clock@test/clock"],
    });
  });

  const lies = [
    { name: "a contribution", activate: "contribute" },
    { name: "a listener", activate: "listen" },
    { name: "a service", activate: "provide" },
    { name: "less than it announces", activate: "nothing" },
    { name: "another description of a tool", activate: "describe" },
  ];
  it.each(lies)("fails a plugin whose code does not do what its manifest says: $name", async ({ activate }) => {
    const announced =
      activate === "nothing"
        ? { provides: ["other"] }
        : activate === "describe"
          ? { contributes: { [door.key]: [{ name: "t", schema: { type: "object" } }] } }
          : {};
    await using test = await testHost([
      codePlugin("liar", { ...announced, activation: "startup" }, (context) => {
        if (activate === "contribute") context.contribute(word, "x", "y");
        if (activate === "listen") context.listen(mayGo, () => ({ decision: "allow" }));
        if (activate === "describe")
          context.contribute(door, "t", { descriptor: { name: "t", schema: {} }, call: () => 1 });
        if (activate === "provide") context.provide(clock, { now: () => 0 });
      }),
    ]);
    expect(test.host.tree().plugins[0]?.state).toMatchObject({ kind: "failed", error: { code: "E_NOT_ANNOUNCED" } });
    expect(test.host.registered).toEqual({ contributions: 0, listeners: 0, services: 0 });
  });

  it("disposes last in, first out, once, and leaves nothing", async () => {
    const order: string[] = [];
    await using test = await testHost([
      listener("a", (context) => {
        context.onDispose(() => void order.push("first"));
        context.listen(seen, () => undefined);
        context.onDispose(() => Promise.reject(new Error("cleanup")));
        context.onDispose(() => void order.push("last"));
      }),
    ]);
    await test.host.activate("a@test");
    await test.host.dispose();
    await test.host.dispose();
    expect(order).toEqual(["last", "first"]);
    expect(test.host.registered).toEqual({ contributions: 0, listeners: 0, services: 0 });
    expect(test.warnings.join()).toContain("cleanup");
  });

  it("starts a crashed plugin again after a pause, and opens the circuit after too many crashes", async () => {
    let crash: (error: unknown) => void = () => undefined;
    let starts = 0;
    const crashing = codePlugin("c", {}, () => undefined, {
      load: async (crashed) => {
        crash = crashed;
        return { activate: () => void (starts += 1) };
      },
    });
    await using test = await testHost([crashing], { circuit: { crashes: 3, windowMs: 60_000, firstPauseMs: 1 } });
    for (let round = 0; round < 3; round += 1) {
      await test.host.activate("c@test");
      crash(new Error("boom"));
    }
    await expect(test.host.activate("c@test")).rejects.toMatchObject({ code: "E_PLUGIN_HELD" });
    expect(starts).toBe(3);
    expect(test.host.tree().plugins[0]?.state).toMatchObject({ kind: "held", reason: "circuit" });
  });
});

describe("a guarded point", () => {
  const schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const maker = codePlugin("maker", { contributes: { [door.key]: [{ name: "double", schema }] } }, (context) => {
    context.contribute(door, "double", { descriptor: { name: "double", schema }, call: ({ n }) => n * 2 });
  });
  const guard = (decision: "allow" | "deny" | "ask" | "pass", answer = {}) =>
    codePlugin("guard", { listens: [doorGate.key] }, (context) => {
      context.listen(doorGate, () => ({ decision, ...answer }));
    });
  const call = async (plugins: Parameters<typeof testHost>[0], person?: string, n: unknown = 4) => {
    const test = await testHost(plugins);
    if (person !== undefined) test.host.frontend.provide(personService, { ask: async () => ({ choice: person }) });
    const [handle] = (await test.host.frontend.read(door)).all();
    return { test, result: handle?.invoke({ n: n as number }, { callId: "1" }) };
  };

  const cases = [
    { name: "allowed", plugins: [guard("allow")], outcome: { kind: "done", output: 8 }, recorded: "allowed" },
    {
      name: "denied",
      plugins: [guard("deny", { reason: "no" })],
      outcome: { kind: "denied", reason: "no" },
      recorded: "denied",
    },
    { name: "nobody answers", plugins: [], outcome: { kind: "denied", by: "core" }, recorded: "denied" },
    { name: "passed by all", plugins: [guard("pass")], outcome: { kind: "denied" }, recorded: "denied" },
    {
      name: "asked without a person",
      plugins: [guard("ask")],
      outcome: { kind: "denied", by: "core" },
      recorded: "denied",
    },
    {
      name: "asked, yes",
      plugins: [guard("ask")],
      person: "allow",
      outcome: { kind: "done", output: 8 },
      recorded: "allowed",
    },
    {
      name: "asked, no",
      plugins: [guard("ask")],
      person: "deny",
      outcome: { kind: "denied", by: "person" },
      recorded: "denied",
    },
    {
      name: "with another input",
      plugins: [guard("allow", { input: { n: 1 } })],
      outcome: { kind: "done", output: 2 },
      recorded: "allowed",
    },
  ];
  it.each(cases)("is called and recorded as its gate says: $name", async ({ plugins, person, outcome, recorded }) => {
    const { test, result } = await call([doors, maker, ...plugins], person);
    expect(await result).toMatchObject(outcome);
    expect(test.audit.map(({ outcome: said }) => said)).toEqual([recorded]);
    await test.host.dispose();
  });

  it("knows a call that was given before anybody read the point", async () => {
    const both = codePlugin(
      "doors",
      {
        points: { door: { guarded: { gate: "gate", unanswered: "deny" } } },
        contributes: { door: [{ name: "own", schema }] },
      },
      (context) => {
        context.contribute(door, "own", { descriptor: { name: "own", schema }, call: ({ n }) => n });
      },
    );
    await using test = await testHost([both, guard("allow")]);
    const [handle] = (await test.host.frontend.read(door)).all();
    expect(await handle?.invoke({ n: 4 }, { callId: "1" })).toMatchObject({ kind: "done", output: 4 });
    await test.host.dispose();
    expect(test.host.registered).toEqual({ contributions: 0, listeners: 0, services: 0 });
  });

  it("asks nobody where the caller says so", async () => {
    await using test = await testHost([doors, maker, guard("ask")]);
    test.host.frontend.provide(personService, { ask: async () => ({ choice: "allow" }) });
    const [handle] = (await test.host.frontend.read(door)).all();
    expect(await handle?.invoke({ n: 4 }, { callId: "1", neverAsk: true })).toMatchObject({ kind: "denied" });
  });

  it("refuses an input that does not fit before anybody is asked", async () => {
    const { test, result } = await call([doors, maker, guard("allow")], undefined, "four");
    await expect(result).rejects.toMatchObject({ code: "E_INPUT" });
    expect(test.audit).toEqual([]);
    await test.host.dispose();
  });

  it("never hands out the function itself", async () => {
    const { test, result } = await call([doors, maker, guard("allow")]);
    const handle = (await test.host.frontend.read(door)).all()[0];
    expect(Object.keys(handle ?? {})).toEqual(["plugin", "name", "descriptor", "invoke"]);
    expect(await result).toMatchObject({ kind: "done" });
    await test.host.dispose();
  });

  it("has one plugin that answers its gate", async () => {
    await using test = await testHost([
      doors,
      maker,
      guard("deny"),
      codePlugin("second", { listens: [doorGate.key] }, () => undefined),
    ]);
    const second = test.host.tree().plugins.find(({ id }) => id === "second@test");
    expect(second?.state).toMatchObject({ kind: "failed", error: { code: "E_SERVICE_CONFLICT" } });
  });
});
