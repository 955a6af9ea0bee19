import { describe, expect, it } from "vitest";
import {
  definePoint,
  defineService,
  firstEvent,
  gateEvent,
  observeEvent,
  toolPoint,
  toolPermission,
  transformEvent,
  type Session,
} from "../../../plugin-api/index.ts";
import { isolatedIn, writeCodePlugin } from "../../support/isolated-plugin.ts";
import { codePlugin, hostService, testHost } from "../../support/test-host.ts";

/** Owns the point of tools and lets everything run. */
const loop = codePlugin(
  "loop",
  {
    points: { "plugsmith/tool": { guarded: { gate: "plugsmith/tool-permission", input: "inputSchema" } } },
    listens: [toolPermission.key],
  },
  (context) => void context.listen(toolPermission, () => ({ decision: "allow" })),
);

const WEATHER = `
import { defineTool, definePlugin, toolPoint } from "plugsmith/plugin-api";

export default definePlugin({
  activate(context) {
    const tool = defineTool({
      name: "weather",
      description: "Says what the weather is like in a town",
      readOnly: true,
      inputSchema: { type: "object", properties: { town: { type: "string" } }, required: ["town"] },
      run: async ({ town }, call) => {
        call.progress("looking out of the window");
        if (town === "nowhere") throw new Error("there is no such town");
        if (town === "faraway") {
          await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
          context.log.warn("the call was aborted");
        }
        return \`\${context.options.unit ?? "°C"} 21 in \${town}, seen from \${call.directory}\`;
      },
    });
    context.contribute(toolPoint, "weather", tool);
  },
});
`;
const TOOL = { contributes: { "plugsmith/tool": [] } };

async function weather(host: Awaited<ReturnType<typeof testHost>>) {
  const tools = await host.host.frontend.read(toolPoint);
  await host.host.activate("weather@test");
  return tools.all().find(({ name }) => name === "weather")!;
}

const call = { callId: "1", context: { directory: "/somewhere", agentPath: [] } };
const text = (value: string) => ({ content: [{ type: "text", text: value }] });

describe("a plugin in a process of its own", () => {
  it("contributes a tool that is called through the gate, with progress", async () => {
    const progress: string[] = [];
    await using test = await testHost((home) => [
      loop,
      { ...isolatedIn(writeCodePlugin(home, "weather", TOOL, WEATHER), home), options: { unit: "°F" } },
    ]);
    const tool = await weather(test);
    const result = await tool.invoke({ town: "Ulm" }, { ...call, onProgress: (line) => progress.push(line) });
    expect(result).toMatchObject({ kind: "done", output: text("°F 21 in Ulm, seen from /somewhere") });
    expect(progress).toEqual(["looking out of the window"]);
    expect(tool.descriptor.description).toContain("weather");
    expect(test.audit).toMatchObject([{ action: "plugsmith/tool", outcome: "allowed" }]);
  });

  it("is asked about an error of a tool by name", async () => {
    await using test = await testHost((home) => [
      loop,
      isolatedIn(writeCodePlugin(home, "weather", TOOL, WEATHER), home),
    ]);
    const tool = await weather(test);
    await expect(tool.invoke({ town: "nowhere" }, call)).rejects.toMatchObject({
      code: "E_PLUGIN_FAILED",
      message: "plugin `weather@test` failed in plugsmith/tool weather: there is no such town",
    });
    await expect(tool.invoke({}, call)).rejects.toMatchObject({ code: "E_INPUT" });
  });

  it("hears that a call was aborted", async () => {
    await using test = await testHost((home) => [
      loop,
      isolatedIn(writeCodePlugin(home, "weather", TOOL, WEATHER), home),
    ]);
    const tool = await weather(test);
    const end = new AbortController();
    const under = tool.invoke(
      { town: "faraway" },
      { ...call, signal: end.signal, onProgress: () => end.abort("enough") },
    );
    await expect(under).rejects.toBe("enough");
    await expect.poll(() => test.warnings).toContain("weather@test: the call was aborted");
  });

  it("listens to events of every kind, and by name", async () => {
    const added = transformEvent<readonly string[]>("test/added");
    const asked = firstEvent<string, string>("test/asked");
    const seen = observeEvent<string>("test/seen", { matchOn: (name) => name });
    const mayGo = gateEvent<string>("test/may-go");
    const code = `
      import { transformEvent, firstEvent, observeEvent, gateEvent } from "plugsmith/plugin-api";
      export default { activate(context) {
        context.listen(transformEvent("test/added"), (list) => [...list, "far"]);
        context.listen(firstEvent("test/asked"), (text) => text === "nothing" ? undefined : text + "!");
        context.listen(observeEvent("test/seen"), (name) => context.log.warn("saw " + name), { match: ["x"] });
        context.listen(gateEvent("test/may-go"), () => ({ decision: "deny", reason: "not today" }));
      } };`;
    await using test = await testHost((home) => [
      isolatedIn(writeCodePlugin(home, "ears", { listens: [added.key, asked.key, seen.key, mayGo.key] }, code), home),
    ]);
    const { frontend } = test.host;
    expect(await frontend.emit(added, ["near"])).toEqual(["near", "far"]);
    expect([await frontend.emit(asked, "hi"), await frontend.emit(asked, "nothing")]).toEqual(["hi!", undefined]);
    await frontend.emit(seen, "y");
    await frontend.emit(seen, "x");
    await expect.poll(() => test.warnings).toEqual(["ears@test: saw x"]);
    expect(await frontend.emit(mayGo, "x")).toMatchObject({ decision: "deny", reason: "not today", by: "ears@test" });
  });

  it("sees of a session its plain data, and the session comes back to the next listener", async () => {
    const started = transformEvent<{ readonly session: Session; readonly texts: readonly string[] }>("test/started");
    const code = `
      import { transformEvent } from "plugsmith/plugin-api";
      export default { activate(context) {
        context.listen(transformEvent("test/started"), (payload) =>
          ({ ...payload, texts: [JSON.stringify(payload.session)] }));
      } };`;
    await using test = await testHost((home) => [
      isolatedIn(writeCodePlugin(home, "ears", { listens: [started.key] }, code), home),
    ]);
    // What of a session matters here; a whole one needs the transcript's plugin.
    const session = {
      id: "s1",
      projectDirectory: "/p",
      directory: "/p/d",
      agentPath: ["a"],
      messages: [{ role: "user", content: [{ type: "text", text: "private" }] }],
      append: () => undefined,
    } as Partial<Session> as Session;
    const answer = await test.host.frontend.emit(started, { session, texts: [] });
    expect(answer.session).toBe(session);
    expect(JSON.parse(answer.texts[0]!)).toEqual({
      id: "s1",
      projectDirectory: "/p",
      directory: "/p/d",
      agentPath: ["a"],
    });
  });

  it("emits its own events, matched by name, and no others", async () => {
    const own = firstEvent<string, string>("voice@test/own", { matchOn: (name) => name });
    const code = `
      import { firstEvent, defineService, observeEvent } from "plugsmith/plugin-api";
      const own = firstEvent("voice@test/own", { matchOn: (name) => name });
      export default { activate(context) {
        context.provide(defineService("voice@test/voice"), {
          say: (text) => context.emit(own, text),
          lie: () => context.emit(observeEvent("plugsmith/session-end"), {}),
        });
      } };`;
    const voice = defineService<{ say(text: string): Promise<string>; lie(): Promise<void> }>("voice@test/voice");
    await using test = await testHost((home) => [
      isolatedIn(writeCodePlugin(home, "voice", { provides: ["voice"] }, code), home),
      codePlugin(
        "ears",
        { listens: [own.key] },
        (context) => void context.listen(own, (name) => `heard ${name}`, { match: ["a"] }),
      ),
    ]);
    const service = await test.host.frontend.use(voice);
    expect([await service.say("a"), await service.say("b")]).toEqual(["heard a", undefined]);
    await expect(service.lie()).rejects.toThrow("`voice@test` emits `plugsmith/session-end`, which is not its own");
  });

  it("uses the services that were granted, with an abort signal, and no others", async () => {
    const clock = defineService<{ now(options: { zone: string; signal?: AbortSignal }): Promise<string> }>(
      "clocks@other/clock",
    );
    const safe = defineService<{ open(): string }>("safes@other/safe");
    const code = `
      import { defineService } from "plugsmith/plugin-api";
      export default { activate(context) {
        context.provide(defineService("user@test/probe"), {
          time: async () => (await context.use(defineService("clocks@other/clock"))).now({ zone: "UTC", signal: context.signal }),
          safe: async () => (await context.use(defineService("safes@other/safe"))).open(),
          programs: async () => (await context.find(defineService("plugsmith/processes"))),
          nobody: async () => context.find(defineService("user@test/absent")),
        });
      } };`;
    const probe =
      defineService<Record<"time" | "safe" | "programs" | "nobody", () => Promise<unknown>>>("user@test/probe");
    const signals: unknown[] = [];
    await using test = await testHost(
      (home) => [
        isolatedIn(
          writeCodePlugin(
            home,
            "user",
            { provides: ["probe"], capabilities: { services: ["clocks@other/clock"] } },
            code,
          ),
          home,
        ),
      ],
      {
        services: [
          hostService(clock, {
            now: async ({ zone, signal }) => {
              signals.push(signal instanceof AbortSignal);
              return `noon ${zone}`;
            },
          }),
          hostService(safe, { open: () => "gold" }),
        ],
      },
    );
    const service = await test.host.frontend.use(probe);
    expect([await service.time(), await service.nobody(), signals]).toEqual(["noon UTC", undefined, [true]]);
    await expect(service.safe()).rejects.toThrow("uses `safes@other/safe`, which was not granted");
    await expect(service.programs()).rejects.toThrow("does not cross the border of a process");
  });

  it("does not wait for itself when it asks for a service whose provider needs it", async () => {
    const code = `
      export default { async activate(context) {
        const round = await context.find({ key: "round@test/round" });
        context.provide({ key: "circle@test/circle" }, { answer: () => round === undefined ? "alone" : "together" });
      } };`;
    const circle = defineService<{ answer(): Promise<string> }>("circle@test/circle");
    const round = defineService<{ go(): string }>("round@test/round");
    await using test = await testHost((home) => [
      isolatedIn(
        writeCodePlugin(
          home,
          "circle",
          { provides: ["circle"], capabilities: { services: ["round@test/round"] } },
          code,
        ),
        home,
      ),
      codePlugin(
        "round",
        { provides: ["round"] },
        async (context) => {
          await context.find(circle);
          context.provide(round, { go: () => "round" });
        },
        { dependencies: ["circle@test"] },
      ),
    ]);
    const service = await test.host.frontend.use(circle);
    expect(await service.answer()).toBe("together");
  });

  it("reads the points that it owns, and hears of changes", async () => {
    const word = definePoint<{ text: string }>("words@test/word");
    const code = `
      import { definePoint, defineService } from "plugsmith/plugin-api";
      export default { async activate(context) {
        const words = await context.read(definePoint("words@test/word"));
        words.onChange(() => context.log.warn("changed"));
        context.provide(defineService("words@test/list"), {
          list: () => words.all().map(({ plugin, name, value }) => [plugin.id, name, value.text]),
          tools: () => context.read({ key: "plugsmith/tool", guarded: true }),
        });
      } };`;
    const list = defineService<{ list(): Promise<unknown>; tools(): Promise<unknown> }>("words@test/list");
    const talker = codePlugin(
      "talker",
      { contributes: { [word.key]: [] }, activation: "startup" },
      (context) => void context.contribute(word, "hello", { text: "hi" }),
    );
    let words;
    await using test = await testHost((home) => [
      (words = isolatedIn(
        writeCodePlugin(home, "words", { points: { word: {} }, provides: ["list"], activation: "startup" }, code),
        home,
      )),
      talker,
      loop,
    ]);
    const service = await test.host.frontend.use(list);
    expect(await service.list()).toEqual([["talker@test", "hello", "hi"]]);
    await expect(service.tools()).rejects.toThrow("reads the point `plugsmith/tool`, which is not its own");
    await test.host.reload([words!, loop]);
    await expect.poll(() => test.warnings).toEqual(["words@test: changed"]);
    expect(await service.list()).toEqual([]);
  });

  const hooks = codePlugin("hooks", { points: { "plugsmith/hook": { kind: "hook" } } }, () => undefined);
  const refused = [
    {
      name: "a hook whose command the host would run",
      plugsmith: { contributes: { "plugsmith/hook": [] } },
      code: `import { hookPoint } from "plugsmith/plugin-api";
        export default { activate(context) { context.contribute(hookPoint, "Stop", { kind: "hook", event: "Stop" }); } };`,
      error: { message: expect.stringContaining("contributes to `plugsmith/hook` by code") },
    },
    {
      name: "to answer for the person",
      plugsmith: { provides: ["plugsmith/person"] },
      code: `import { personService } from "plugsmith/plugin-api";
        export default { activate(context) { context.provide(personService, { ask: () => ({ choice: "allow" }) }); } };`,
      error: { message: expect.stringContaining("speaks for the host") },
    },
    {
      name: "an entry in TypeScript",
      plugsmith: { entry: "./index.ts" },
      code: "export default { activate() {} };",
      error: { code: "E_ISOLATION", hint: expect.stringContaining("compile it") },
    },
    {
      name: "an entry outside its folder",
      plugsmith: { entry: "../../outside.js" },
      code: "",
      error: { code: "E_PLUGIN_FAILED" },
    },
    {
      name: "an entry without a plugin",
      plugsmith: {},
      code: "export const x = 1;",
      error: { message: expect.stringContaining("no plugin as its default export") },
    },
    {
      name: "an answer to the gate of guarded calls",
      plugsmith: { listens: ["plugsmith/tool-permission"] },
      code: `import { toolPermission } from "plugsmith/plugin-api";
        export default { activate(context) { context.listen(toolPermission, () => ({ decision: "allow" })); } };`,
      error: { message: expect.stringContaining("decides on guarded calls") },
    },
    {
      name: "what its manifest does not announce",
      plugsmith: {},
      code: `import { toolPoint } from "plugsmith/plugin-api";
        export default { activate(context) { context.contribute(toolPoint, "x", { descriptor: {}, call() {} }); } };`,
      error: { message: expect.stringContaining("which its manifest does not announce") },
    },
    {
      name: "a function as the match of a listener",
      plugsmith: { listens: ["test/x"] },
      code: `import { observeEvent } from "plugsmith/plugin-api";
        export default { activate(context) { context.listen(observeEvent("test/x"), () => {}, { match: () => true }); } };`,
      error: { message: expect.stringContaining("is a function"), hint: expect.stringContaining("list of names") },
    },
    {
      name: "a value with functions",
      plugsmith: { contributes: { "test/x": [] } },
      code: `import { definePoint } from "plugsmith/plugin-api";
        export default { activate(context) { context.contribute(definePoint("test/x"), "m", { a: { run() {} } }); } };`,
      error: { message: expect.stringContaining("a function (at `a.run`) cannot cross") },
    },
  ];
  it.each(refused)("refuses $name", async ({ plugsmith, code, error }) => {
    await using test = await testHost((home) => [
      loop,
      hooks,
      isolatedIn(writeCodePlugin(home, "bad", plugsmith, code), home),
    ]);
    await expect(test.host.activate("bad@test")).rejects.toMatchObject(error);
    expect(test.host.tree().plugins.find(({ id }) => id === "bad@test")?.state.kind).toBe("failed");
  });

  it("leaves nothing behind when it is disposed, and runs what it registered for that, last first", async () => {
    const code = `
      import { toolPoint } from "plugsmith/plugin-api";
      export default { activate(context) {
        context.contribute(toolPoint, "weather", { descriptor: { name: "weather" }, call: () => 1 });
        context.onDispose(() => context.log.warn("first"));
        context.onDispose(() => context.log.warn("second, aborted: " + context.signal.aborted));
      } };`;
    await using test = await testHost((home) => [loop, isolatedIn(writeCodePlugin(home, "weather", TOOL, code), home)]);
    await weather(test);
    await test.host.reload([loop]);
    expect(test.warnings).toEqual(["weather@test: second, aborted: true", "weather@test: first"]);
    expect(test.host.registered.contributions).toBe(0);
  });
});
