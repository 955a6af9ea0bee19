import { describe, expect, it } from "vitest";
import { contextTexts, toolDone, type Message, type Session, type TurnEvent } from "../../../plugin-api/index.ts";
import type { Reply } from "../../support/messages-server/index.ts";
import { servedHost, type ServedHost } from "../../support/session-host.ts";
import { codePlugin } from "../../support/test-host.ts";
import { toolPlugin } from "../../support/tool-plugin.ts";

/** A turn with every kind of step: thinking, parallel reads, progress, a write, an answer; any later turn only answers. */
const script = (_: unknown, call: number): Reply => {
  if (call === 1) {
    const calls = [1, 2, 3].map((n) => ({ name: "Read", input: { n } }));
    return { thinking: "let me see", text: "I read", calls: [...calls, { name: "Write", input: {} }] };
  }
  return { text: "all done now" };
};

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((done, fail) => {
    const timer = setTimeout(done, 3);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(new Error("tool was stopped"));
    });
  });

const setUp = (): Promise<ServedHost> =>
  servedHost(script, {
    plugins: [
      toolPlugin(
        {
          name: "Read",
          readOnly: true,
          run: async (_, { signal, progress }) => {
            progress("reading");
            await pause(signal);
            return "text";
          },
        },
        { name: "Write", run: async (_, { signal }) => pause(signal).then(() => "written") },
      ),
      codePlugin("listener", { listens: [contextTexts.key, toolDone.key] }, (context) => {
        context.listen(contextTexts, async (payload) => {
          await new Promise((done) => setTimeout(done, 1));
          return { ...payload, texts: [...payload.texts, `at ${payload.reason}`] };
        });
        context.listen(toolDone, async (outcome) => outcome);
      }),
    ],
  });

/** Roles alternate from the user on, every call is answered next, the model spoke last. */
const expectValid = (messages: readonly Message[]): void => {
  for (const [at, message] of messages.entries()) {
    expect(message.role).toBe(at % 2 === 0 ? "user" : "assistant");
    const calls = messages[at - 1]?.content.flatMap((block) => (block.type === "tool_use" ? [block.id] : [])) ?? [];
    const answers = message.content.flatMap((block) => (block.type === "tool_result" ? [block.tool_use_id] : []));
    expect(answers).toEqual(calls);
  }
  expect(messages.length % 2).toBe(0);
};

const expectNextTurnWorks = async (test: ServedHost, session: Session): Promise<void> => {
  expectValid(session.messages);
  const { result } = await test.turn(session, "and now?");
  expect(result.reason).toBe("done");
  expectValid(session.messages);
  expect(test.service.requests.map(({ problem }) => problem).filter((problem) => problem !== undefined)).toEqual([]);
};

const eventCount = async (): Promise<number> => {
  await using test = await setUp();
  return (await test.turn(await test.open(), "go")).events.length;
};

describe("an interrupted turn", () => {
  it("leaves a valid session when it is aborted at any event, and the next turn works", async () => {
    const total = await eventCount();
    expect(total).toBeGreaterThan(20);
    for (let at = 1; at <= total; at += 1) {
      await using test = await setUp();
      const session = await test.open();
      const stop = new AbortController();
      const onEvent = (_: TurnEvent, count: number): void =>
        count === at ? stop.abort(new Error("enough")) : undefined;
      const { result } = await test.turn(session, "go", { signal: stop.signal, onEvent });
      expect(["aborted", "done"]).toContain(result.reason);
      await expectNextTurnWorks(test, session);
    }
  });

  it("leaves a valid session when nobody reads on after any event, and the next turn works", async () => {
    const total = await eventCount();
    for (let at = 1; at <= total; at += 1) {
      await using test = await setUp();
      const session = await test.open();
      let count = 0;
      for await (const _ of await test.start({ session, prompt: "go" })) {
        count += 1;
        if (count === at) break;
      }
      await expectNextTurnWorks(test, session);
    }
  });

  it("leaves a valid session when it is aborted at any moment in between", async () => {
    for (let afterMs = 0; afterMs < 30; afterMs += 1) {
      await using test = await setUp();
      const session = await test.open();
      const { result } = await test.turn(session, "go", { signal: AbortSignal.timeout(afterMs) });
      expect(["aborted", "done"]).toContain(result.reason);
      await expectNextTurnWorks(test, session);
    }
  });

  it("does not wait for a tool that ignores its signal, and says what is known of each call", async () => {
    await using test = await servedHost(
      (_, call) =>
        call === 1 ? { calls: ["Quick", "Deaf", "Late"].map((name) => ({ name, input: {} })) } : { text: "ok" },
      {
        plugins: [
          toolPlugin(
            { name: "Quick", run: () => "quick" },
            { name: "Deaf", run: () => new Promise(() => undefined) },
            { name: "Late" },
          ),
        ],
      },
    );
    const session = await test.open();
    const stop = new AbortController();
    const onEvent = (event: TurnEvent): void => {
      if (event.type === "tool-start" && event.name === "Deaf") stop.abort();
    };
    const { result } = await test.turn(session, "go", { signal: stop.signal, onEvent });
    expect(result.reason).toBe("aborted");
    const results =
      session.messages[2]?.content.flatMap((block) => (block.type === "tool_result" ? block.content : [])) ?? [];
    expect(results.map((block) => block.type === "text" && block.text)).toEqual([
      "quick",
      "interrupted, outcome unknown",
      "not run: the turn was interrupted before",
    ]);
    await expectNextTurnWorks(test, session);
  });

  it("keeps the text that was heard before", async () => {
    await using test = await servedHost((_, call) =>
      call === 1 ? { text: "this is only the beginn", fault: { kind: "silence", afterEvents: 5 } } : { text: "ok" },
    );
    const session = await test.open();
    const stop = new AbortController();
    let heard = 0;
    const onEvent = ({ type }: TurnEvent): void => {
      heard += type === "model" ? 1 : 0;
      if (heard === 2) stop.abort();
    };
    await test.turn(session, "go", { signal: stop.signal, onEvent });
    expect(session.messages[1]?.content).toEqual([
      { type: "text", text: "this is only the beginn" },
      { type: "text", text: "[interrupted]" },
    ]);
    await expectNextTurnWorks(test, session);
  });

  it("ends with its session", async () => {
    await using test = await servedHost(() => ({ text: "x", fault: { kind: "silence", afterEvents: 1 } }));
    const session = await test.open();
    const turn = test.turn(session, "go");
    await expect.poll(() => test.service.requests.length).toBe(1);
    await session.close();
    expect((await turn).result.reason).toBe("aborted");
    const again = await test.open({ resume: session.id });
    expectValid(again.messages);
  });
});
