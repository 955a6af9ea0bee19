import { describe, expect, it } from "vitest";
import { lastResults, pieces } from "../../support/messages-server/index.ts";
import { servedHost as setUp } from "../../support/session-host.ts";
import { toolPlugin as tools } from "../../support/tool-plugin.ts";

describe("a turn", () => {
  it("streams an answer and keeps it in the session", async () => {
    await using test = await setUp(() => ({ text: "hello, I am here" }));
    const session = await test.open();
    const { events, result } = await test.turn(session, "hi");
    expect(result).toMatchObject({ reason: "done", text: "hello, I am here", steps: 1 });
    const deltas = events.flatMap((event) =>
      event.type === "model" && event.event.type === "text" ? [event.event.text] : [],
    );
    expect([deltas.length > 1, deltas.join("")]).toEqual([true, "hello, I am here"]);
    expect(session.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(result.usage.inputTokens + result.usage.cacheWriteTokens).toBeGreaterThan(0);
  });

  it("calls tools and hands their results to the model in the order of the calls", async () => {
    const slow = {
      name: "Slow",
      readOnly: true,
      run: () => new Promise<string>((done) => setTimeout(done, 20, "slow")),
    };
    const quick = { name: "Quick", readOnly: true, run: () => "quick" };
    await using test = await setUp(
      (request, call) =>
        call === 1
          ? {
              calls: [
                { name: "Slow", input: {} },
                { name: "Quick", input: {} },
              ],
            }
          : { text: [...lastResults(request).values()].map(({ text }) => text).join("+") },
      { plugins: [tools(slow, quick)] },
    );
    const { result, events } = await test.turn(await test.open(), "go");
    expect(result.text).toBe("slow+quick");
    expect(events.filter(({ type }) => type === "tool-end").map((event) => "name" in event && event.name)).toEqual([
      "Quick",
      "Slow",
    ]);
  });

  it("runs at most ten reads at once, and a write alone", async () => {
    let running = 0;
    const seen: number[] = [];
    const counted = async (): Promise<string> => {
      running += 1;
      seen.push(running);
      await new Promise((done) => setTimeout(done, 5));
      running -= 1;
      return "ok";
    };
    const calls = [
      ...Array.from({ length: 14 }, () => ({ name: "Read", input: {} })),
      { name: "Write", input: {} },
      { name: "Read", input: {} },
      { name: "Write", input: {} },
    ];
    await using test = await setUp((_, call) => (call === 1 ? { calls } : { text: "done" }), {
      plugins: [tools({ name: "Read", readOnly: true, run: counted }, { name: "Write", run: counted })],
    });
    await test.turn(await test.open(), "go");
    expect(Math.max(...seen)).toBe(10);
    expect(seen.slice(14)).toEqual([1, 1, 1]);
  });

  const failures = [
    { name: "an unknown tool", call: { name: "Nope", input: {} }, text: /there is no tool `Nope`/u },
    {
      name: "an input that does not fit",
      call: { name: "Strict", input: { n: "x" } },
      text: /does not fit its schema/u,
    },
    { name: "a tool that throws", call: { name: "Broken", input: {} }, text: /^it broke$/u },
    { name: "a tool that reports an error", call: { name: "Sorry", input: {} }, text: /^sorry$/u },
    { name: "a tool that gives nothing", call: { name: "Empty", input: {} }, text: /^\(no output\)$/u, isError: false },
    { name: "a tool that gives trash", call: { name: "Trash", input: {} }, text: /gave no result/u },
    { name: "a denied tool", call: { name: "Denied", input: {} }, text: /^denied: not today$/u },
  ];
  it.each(failures)("tells the model and goes on: $name", async ({ call, text, isError = true }) => {
    let told: { readonly text: string; readonly isError: boolean } | undefined;
    const broken = (): never => {
      throw new Error("it broke");
    };
    const strict = { name: "Strict", inputSchema: { type: "object", properties: { n: { type: "number" } } } };
    const sorry = {
      name: "Sorry",
      run: () => ({ content: [{ type: "text" as const, text: "sorry" }], isError: true }),
    };
    const trash = { name: "Trash", run: () => 7 as unknown as string };
    await using test = await setUp(
      (request, count) => {
        if (count === 1) return { calls: [call] };
        [told] = lastResults(request).values();
        return { text: "I see" };
      },
      {
        plugins: [
          tools(strict, { name: "Broken", run: broken }, sorry, { name: "Empty", run: () => "" }, trash, {
            name: "Denied",
          }),
        ],
        decide: ({ name }) => (name === "Denied" ? { decision: "deny", reason: "not today" } : { decision: "allow" }),
      },
    );
    const { result } = await test.turn(await test.open(), "go");
    expect([result.reason, told?.isError]).toEqual(["done", isError]);
    expect(told?.text).toMatch(text);
  });

  it("runs nothing when no plugin answers the gate of tools", async () => {
    let ran = false;
    await using test = await setUp(
      (request, call) =>
        call === 1
          ? { calls: [{ name: "Read", input: {} }] }
          : { text: [...lastResults(request).values()][0]?.text ?? "" },
      { plugins: [tools({ name: "Read", readOnly: true, run: () => ((ran = true), "x") })], decide: null },
    );
    const { result } = await test.turn(await test.open(), "go");
    expect([ran, result.text]).toEqual([
      false,
      "denied: nobody answers `plugsmith/tool-permission`, so nothing is allowed",
    ]);
    expect(test.audit).toMatchObject([{ action: "plugsmith/tool", outcome: "denied" }]);
  });

  it("never changes what was sent: every request begins with the bytes of the one before", async () => {
    await using test = await setUp(
      (_, call) =>
        call % 3 === 0
          ? { text: `answer ${String(call)}` }
          : { thinking: "hm", calls: [{ name: "Read", input: { call } }] },
      { plugins: [tools({ name: "Read", readOnly: true }, { name: "Another" })] },
    );
    const session = await test.open();
    for (const prompt of ["one", "two", "three"]) await test.turn(session, prompt);
    const sent = test.service.requests.map(({ body }) => pieces(body).map(({ text }) => text));
    expect(sent).toHaveLength(9);
    for (const [at, request] of sent.entries())
      if (at > 0) expect(request.slice(0, sent[at - 1]!.length)).toEqual(sent[at - 1]);
    expect(test.service.requests.slice(1).every(({ tokens }) => tokens.cacheRead > 0)).toBe(true);
    expect(test.service.requests.at(-1)?.tokens.input).toBe(0);
  });

  it("ends after `maxTurns` model calls, with the results of the last one kept", async () => {
    await using test = await setUp(() => ({ calls: [{ name: "Read", input: {} }] }), {
      plugins: [tools({ name: "Read" })],
    });
    const session = await test.open();
    const { result } = await test.turn(session, "go", { maxTurns: 3 });
    expect(result).toMatchObject({ reason: "max-turns", steps: 3 });
    expect(session.messages.map(({ role }) => role[0]).join("")).toBe("uauauaua");
  });

  it("goes on when an answer was cut, and gives up after the fourth time", async () => {
    await using test = await setUp(() => ({ text: "and so on", stopReason: "max_tokens" }));
    const { result } = await test.turn(await test.open(), "go");
    expect(result).toMatchObject({ reason: "failed", steps: 4 });
    expect(result.message).toContain("cut off 4 times");
  });

  it("leaves out a call whose input was cut, and goes on", async () => {
    await using test = await setUp(
      (_, call) =>
        call === 1
          ? {
              text: "look",
              calls: [{ name: "Read", input: { path: "a long path that is cut" } }],
              fault: { kind: "half-input" },
            }
          : { text: "done" },
      { plugins: [tools({ name: "Read", readOnly: true })] },
    );
    const { result, events } = await test.turn(await test.open(), "go");
    expect([result.text, events.some(({ type }) => type === "tool-start")]).toEqual(["done", false]);
  });

  it("stops at a refusal and takes the next prompt", async () => {
    await using test = await setUp((_, call) => (call === 1 ? { stopReason: "refusal" } : { text: "fine" }));
    const session = await test.open();
    expect((await test.turn(session, "bad")).result).toMatchObject({
      reason: "stopped",
      message: "the model declined to answer",
    });
    expect((await test.turn(session, "good")).result.text).toBe("fine");
  });

  it("reports an overflow of the context and leaves a session that goes on", async () => {
    await using test = await setUp(() => ({ text: "ok" }), {}, { contextWindowTokens: 500 });
    const session = await test.open();
    const { result } = await test.turn(session, "x".repeat(3_000));
    expect(result).toMatchObject({ reason: "failed" });
    expect(result.message).toContain("prompt is too long");
    expect(session.messages.at(-1)?.role).toBe("assistant");
  });

  it("runs one turn of a session at a time", async () => {
    await using test = await setUp(() => ({ text: "ok" }));
    const session = await test.open();
    const first = await test.start({ session, prompt: "one" });
    await first.next();
    await expect((await test.start({ session, prompt: "two" })).next()).rejects.toThrow("in a turn already");
    for await (const _ of first);
    expect((await test.turn(session, "two")).result.reason).toBe("done");
  });

  it("shows the model only the tools that the session and the rules leave, sorted by name", async () => {
    await using test = await setUp(() => ({ text: "ok" }), {
      plugins: [
        tools(
          { name: "Write" },
          { name: "Read" },
          { name: "Bash" },
          { name: "mcp__a__x" },
          { name: "mcp__b__y" },
          { name: "not a name" },
        ),
      ],
      settings: { permissions: { deny: ["Write", "Read(secret)"] } },
    });
    const names = () => test.service.requests.at(-1)?.body.tools?.map(({ name }) => name) ?? [];
    await test.turn(await test.open({ options: { deny: ["mcp__b"] } }), "go");
    expect(names()).toEqual(["Bash", "Read", "mcp__a__x"]);
    const parent = await test.open({ tools: ["Read", "Bash(git *)"] });
    await test.turn(await test.open({ parent, agent: "helper", tools: ["Read", "Write", "mcp__*"] }), "go");
    expect(names()).toEqual(["Read"]);
  });

  it.each([
    { tier: "builtin", shown: [] },
    { tier: "session", shown: ["Agent"] },
  ] as const)(
    "takes the older name of a tool for it where its plugin's tier is $tier: $shown",
    async ({ tier, shown }) => {
      const plugin = tools({ name: "Agent", aliases: ["Task"] });
      await using test = await setUp(() => ({ text: "ok" }), {
        plugins: [{ ...plugin, info: { ...plugin.info, tier } }],
        settings: { permissions: { deny: ["Task"] } },
      });
      await test.turn(await test.open({}), "go");
      expect((test.service.requests.at(-1)?.body.tools ?? []).map(({ name }) => name)).toEqual(shown);
    },
  );
});
