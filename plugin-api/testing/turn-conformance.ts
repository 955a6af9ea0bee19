import type { ContentBlock } from "../message.ts";
import type { Session } from "../session.ts";
import type { TurnEvent } from "../turn.ts";
import { check, checkRefused, checkSame, type ConformanceCase } from "./conformance-case.ts";
import { answersOf, callsOf, checkMessages } from "./message-list.ts";
import { checkRequests, sceneOf, type Scene, type TurnSubject } from "./turn-scene.ts";
import { TurnStage, type StagedAnswer } from "./turn-stage.ts";

/** A plugin that has to be in the host beside the one that is looked at; nobody else answers the gate of tools or offers a model. */
export type TurnSurroundings = Pick<TurnStage, "plugin" | "plugsmith">;

interface Case {
  readonly name: string;
  readonly script?: readonly StagedAnswer[];
  readonly run: (scene: Scene) => Promise<void>;
}

const LOOKS: StagedAnswer = { text: "let me see", calls: [["look"], ["look"]] };

/** Calls that come to no good; the model is told, and the turn goes on. */
const FAILURES: readonly (readonly [name: string, tool: string, says: RegExp])[] = [
  ["a denied call", "secret", /not today/u],
  ["a tool that is not there", "nowhere", /nowhere/u],
  ["a tool that throws", "break", /it broke/u],
  ["an input that does not fit", "strict", /\S/u],
];

interface Interruption {
  readonly name: string;
  readonly script: readonly StagedAnswer[];
  readonly at: (event: TurnEvent) => boolean;
}

const INTERRUPTIONS: readonly Interruption[] = [
  {
    name: "while the model speaks",
    script: [{ text: "I was about to say", hangs: true }],
    at: ({ type }) => type === "model",
  },
  {
    name: "while a tool runs",
    script: [{ calls: [["look"], ["hang"], ["change"]] }],
    at: (event) => event.type === "tool-start" && event.name === "hang",
  },
  { name: "when a tool has ended", script: [LOOKS], at: ({ type }) => type === "tool-end" },
  { name: "between two steps", script: [LOOKS], at: ({ type }) => type === "tool-results" },
  { name: "when the prompt was taken", script: [LOOKS], at: ({ type }) => type === "prompt" },
  { name: "when the model has answered", script: [LOOKS], at: ({ type }) => type === "assistant" },
];

const CASES: readonly Case[] = [
  {
    name: "a prompt is answered, piece by piece, and the answer is kept",
    script: [{ text: "hello, I am here" }],
    run: async ({ session, play }) => {
      const { events, result } = await play("hi");
      checkSame([result?.reason, result?.text, result?.steps], ["done", "hello, I am here", 1], "the result");
      const heard = events.map((event) =>
        event.type === "model" && event.event.type === "text" ? event.event.text : "",
      );
      checkSame(heard.join(""), "hello, I am here", "what was heard while the model spoke");
      checkSame(session.messages.length, 2, "the number of messages");
      checkSame(
        session.messages[1],
        { role: "assistant", content: [{ type: "text", text: "hello, I am here" }] },
        "the answer",
      );
    },
  },
  {
    name: "results stand in the order of the calls, whichever ends first",
    script: [
      {
        calls: [
          ["look", { ms: 25, word: "slow" }],
          ["look", { word: "quick" }],
        ],
      },
    ],
    run: async ({ session, play }) => {
      const { result } = await play("go");
      checkSame(result?.reason, "done", "the result");
      checkSame(answersOf(session.messages[2]), callsOf(session.messages[1]), "the calls that were answered");
      checkSame(resultTexts(session), ["slow", "quick"], "the results");
    },
  },
  {
    name: "a call that writes runs alone",
    script: [
      {
        calls: [
          ["look", { ms: 5 }],
          ["change", { ms: 5 }],
          ["look", { ms: 5 }],
          ["change", { ms: 5 }],
        ],
      },
    ],
    run: async ({ stage, play }) => {
      await play("go");
      const order = ["look", "change", "look", "change"].flatMap((name) => [`begin ${name}`, `end ${name}`]);
      checkSame(stage.happened, order, "what happened, in order");
    },
  },
  ...FAILURES.map(([name, tool, says]) => ({
    name: `the model is told of ${name}, and the turn goes on`,
    script: [{ calls: [["look"], [tool], ["look"]] }] as const,
    run: async ({ stage, session, play }: Scene) => {
      const { result } = await play("go");
      checkSame(result?.reason, "done", "the result");
      checkSame(errorsOf(session), [false, true, false], "which results are errors");
      const told = resultTexts(session)[1] ?? "";
      check(says.test(told), `the model is told \`${told}\`, which says nothing of the cause`);
      check(tool !== "secret" || !stage.happened.includes("begin secret"), "a denied call was made");
    },
  })),
  {
    name: "a turn ends after its number of model calls, and the next one works",
    script: [LOOKS, LOOKS, LOOKS],
    run: async ({ stage, session, play }) => {
      const { result } = await play("go", { maxTurns: 2 });
      checkSame([result?.reason, result?.steps, stage.requests.length], ["max-turns", 2, 2], "the end");
      checkMessages(session.messages);
      checkSame((await play("and now?")).result?.reason, "done", "the next turn");
    },
  },
  {
    name: "a model that fails ends the turn with its words, and the next one works",
    script: [LOOKS, { fails: "the server is on fire" }],
    run: async ({ session, play }) => {
      const { result } = await play("go");
      checkSame(result?.reason, "failed", "the reason");
      check(result?.message?.includes("on fire") === true, `the result says only \`${String(result?.message)}\``);
      checkMessages(session.messages);
      checkSame((await play("and now?")).result?.reason, "done", "the next turn");
    },
  },
  ...INTERRUPTIONS.flatMap(({ name, script, at }) => [
    {
      name: `a turn that is aborted ${name} leaves a list that the next one goes on with`,
      script,
      run: async ({ session, play }: Scene) => {
        const interruption = new AbortController();
        const onEvent = (event: TurnEvent): void => {
          if (at(event)) interruption.abort(new Error("the person pressed a key"));
        };
        const { result } = await play("go", { signal: interruption.signal, onEvent });
        check(interruption.signal.aborted, "the turn ended before it could be aborted");
        checkSame(result?.reason, "aborted", "the reason");
        checkMessages(session.messages);
        checkSame((await play("and now?")).result?.reason, "done", "the next turn");
      },
    },
    {
      name: `a turn whose reader leaves ${name} leaves a list that the next one goes on with`,
      script,
      run: async ({ session, play }: Scene) => {
        await play("go", { onEvent: (event) => (at(event) ? "leave" : undefined) });
        checkMessages(session.messages);
        checkSame((await play("and now?")).result?.reason, "done", "the next turn");
      },
    },
  ]),
  {
    name: "a turn that was aborted before it began does nothing",
    run: async ({ stage, session, play }) => {
      const { result } = await play("go", { signal: AbortSignal.abort(new Error("too late")) });
      checkSame([result?.reason, stage.requests.length], ["aborted", 0], "the end");
      checkMessages(session.messages);
    },
  },
  {
    name: "what listeners add for the model is appended to the newest message",
    script: [LOOKS],
    run: async ({ stage, session, play }) => {
      stage.texts = { prompt: "it is raining", "tool-results": "it has stopped" };
      await play("go");
      const [first, second] = stage.requests;
      const [prompt, results] = [session.messages[0], session.messages[2]];
      check(
        first?.messages.at(-1)?.includes("it is raining") === true,
        "the text did not reach the model with the prompt",
      );
      check(
        second?.messages.at(-1)?.includes("it has stopped") === true,
        "the text did not reach the model with the results",
      );
      checkSame(prompt?.content[0], { type: "text", text: "go" }, "what stands before the text");
      check(results?.content.at(-1)?.type === "text", "the text does not stand behind the results");
    },
  },
  {
    name: "the system prompt is what listeners make of it, collected once",
    run: async ({ stage, session, play }) => {
      stage.parts = [
        { order: 2, text: "second" },
        { order: 1, text: "first" },
        { order: 3, text: "how to work", topic: "coding" },
        { order: 4, text: "in place of it", replaces: ["coding"] },
      ];
      await play("go");
      stage.parts = [{ order: 1, text: "too late" }];
      await play("and now?");
      checkSame(session.system, ["first", "second", "in place of it"], "the system prompt");
    },
  },
  {
    name: "a prompt that begins with a slash is what a listener makes of it, others are as they stand",
    run: async ({ session, play }) => {
      for (const prompt of ["/shout hello", "/whisper hello", "shout hello"]) await play(prompt);
      const prompts = session.messages.filter(({ role }) => role === "user").map(({ content }) => content[0]);
      const texts = ["HELLO", "/whisper hello", "shout hello"];
      checkSame(
        prompts,
        texts.map((words) => ({ type: "text", text: words })),
        "the prompts",
      );
    },
  },
  {
    name: "a prompt that a listener refuses does not reach the model, and says why",
    run: async ({ stage, session, play }) => {
      const { result } = await play("say something forbidden");
      checkSame([result?.reason, result?.message], ["blocked", "nobody says that here"], "the end");
      checkSame([stage.requests.length, session.messages], [0, []], "what was sent and kept");
      checkSame((await play("and now?")).result?.reason, "done", "the next turn");
    },
  },
  {
    name: "every request begins with the one before, system prompt and tools are the same",
    script: [LOOKS, { calls: [["secret"], ["nowhere"]] }, { text: "one" }, { calls: [["change"]] }, { text: "two" }],
    run: async ({ stage, play }) => {
      stage.texts = { prompt: "a text", "tool-results": "another" };
      for (const prompt of ["first", "second", "third"]) await play(prompt);
      checkSame(stage.requests.length, 6, "the number of requests");
    },
  },
  {
    name: "a session has one turn at a time",
    script: [{ text: "wait", hangs: true }],
    run: async ({ subject, session, play }) => {
      const interruption = new AbortController();
      const second: Promise<void>[] = [];
      await play("go", {
        signal: interruption.signal,
        onEvent: ({ type }) => {
          if (type !== "model" || second.length > 0) return;
          const refused = checkRefused(() => subject.turns.run({ session, prompt: "me too" }).next(), "a second turn");
          second.push(refused.finally(() => interruption.abort(new Error("enough"))));
        },
      });
      await Promise.all(second);
      checkSame(second.length, 1, "second turns that were tried");
      checkMessages(session.messages);
    },
  },
];

/**
 * What a replacement of `turn-loop` must do, case by case. `boot` makes a host for each in which the given plugin is enabled beside
 * the one that is looked at, and a provider of sessions that passes `sessionConformance`.
 */
export function turnConformance(
  boot: (surroundings: TurnSurroundings) => Promise<TurnSubject>,
): readonly ConformanceCase[] {
  return CASES.map(({ name, script = [], run }) => ({
    name,
    run: async () => {
      const stage = new TurnStage(script);
      const subject = await boot(stage);
      try {
        await run(await sceneOf(subject, stage));
        checkRequests(stage);
      } finally {
        await subject.dispose?.();
      }
    },
  }));
}

function resultsOf(session: Session): readonly Extract<ContentBlock, { readonly type: "tool_result" }>[] {
  return (session.messages[2]?.content ?? []).filter((block) => block.type === "tool_result");
}

function resultTexts(session: Session): readonly string[] {
  return resultsOf(session).map(({ content }) =>
    content.map((part) => (part.type === "text" ? part.text : "")).join("\n"),
  );
}

function errorsOf(session: Session): readonly boolean[] {
  return resultsOf(session).map(({ is_error: isError }) => isError === true);
}
