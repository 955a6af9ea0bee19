import { realpathSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  contextTexts,
  expansionGate,
  filesTouched,
  permissionDenied,
  promptExpansion,
  promptGate,
  sessionEnd,
  sessionStart,
  stopGate,
  systemPrompt,
  toolBatch,
  toolDone,
  toolFailed,
  turnFailed,
  modelsService,
  type PluginContext,
} from "../../../plugin-api/index.ts";
import { lastResults, lastText } from "../../support/messages-server/index.ts";
import { servedHost } from "../../support/session-host.ts";
import { codePlugin } from "../../support/test-host.ts";
import { toolPlugin } from "../../support/tool-plugin.ts";

const EVENTS = [
  contextTexts,
  expansionGate,
  filesTouched,
  permissionDenied,
  promptExpansion,
  promptGate,
  sessionEnd,
  sessionStart,
  stopGate,
  systemPrompt,
  toolBatch,
  toolDone,
  toolFailed,
  turnFailed,
];

const listening = (activate: (context: PluginContext) => void, name = "listener") =>
  codePlugin(name, { listens: EVENTS.map(({ key }) => key) }, activate);

const text = (value: string) => ({ type: "text" as const, text: value });

describe("what listeners do to a turn", () => {
  it("collects the system prompt once, lower order first", async () => {
    let asked = 0;
    await using test = await servedHost(() => ({ text: "ok" }), {
      plugins: [
        listening((context) => {
          context.listen(systemPrompt, (payload) => {
            asked += 1;
            return {
              ...payload,
              parts: [...payload.parts, { order: 20, text: "second" }, { order: 10, text: "first" }],
            };
          });
        }),
      ],
    });
    const session = await test.open();
    await test.turn(session, "one");
    await test.turn(session, "two");
    const systems = test.service.requests.map(({ body }) => body.system);
    expect(systems.map((system) => Array.isArray(system) && system.map((block) => block.text))).toEqual([
      ["first", "second"],
      ["first", "second"],
    ]);
    expect([asked, session.system]).toEqual([1, ["first", "second"]]);
  });

  it("appends texts at the start of a session, at each prompt and after tools", async () => {
    const reasons: string[] = [];
    await using test = await servedHost(
      (_, call) => (call === 1 ? { calls: [{ name: "Read", input: {} }] } : { text: "ok" }),
      {
        plugins: [
          toolPlugin({ name: "Read" }),
          listening((context) => {
            context.listen(sessionStart, (payload) => ({ ...payload, texts: [`source ${payload.source}`] }));
            context.listen(contextTexts, (payload) => {
              reasons.push(payload.reason);
              return { ...payload, texts: [...payload.texts, `for ${payload.reason}`] };
            });
            context.listen(promptGate, () => ({ decision: "pass", context: ["from the gate"] }));
          }),
        ],
      },
    );
    const session = await test.open();
    await test.turn(session, "hello");
    await test.turn(session, "again");
    expect(reasons).toEqual(["session-start", "prompt", "tool-results", "prompt"]);
    const inner = (at: number) =>
      session.messages[at]?.content.map((block) =>
        block.type === "text" ? block.text.replaceAll(/<.*?>|\n/gu, "") : block.type,
      );
    expect(inner(0)).toEqual(["hello", "source startup", "for session-start", "from the gate", "for prompt"]);
    expect(inner(2)).toEqual(["tool_result", "for tool-results"]);
    expect(inner(4)).toEqual(["again", "from the gate", "for prompt"]);
  });

  it("sends what a command stands for, and holds its grants until the next prompt", async () => {
    await using test = await servedHost(() => ({ text: "ok" }), {
      plugins: [
        listening((context) => {
          context.listen(promptExpansion, ({ text: written }) =>
            written.startsWith("/greet")
              ? {
                  content: [text("say hello")],
                  turn: { allow: ["Read"], model: "opus" },
                  name: "greet",
                  kind: "command",
                  args: "",
                }
              : undefined,
          );
        }),
      ],
    });
    const session = await test.open();
    await test.turn(session, "/greet");
    expect([session.turn.allow, test.service.requests.at(-1)?.body.model]).toEqual([["Read"], "claude-opus-5-5"]);
    await test.turn(session, "/unknown");
    expect([session.turn.allow, lastText(test.service.requests.at(-1)!.body)]).toEqual([[], "/unknown"]);
  });

  it("takes what an agent is told for no command and no prompt of a person", async () => {
    let asked = 0;
    await using test = await servedHost((request) => ({ text: lastText(request) }), {
      plugins: [
        listening((context) => {
          context.listen(promptExpansion, () => void (asked += 1));
          context.listen(promptGate, () => ({ decision: "deny" }));
          context.listen(sessionStart, (payload) => ({ ...payload, texts: ["never"] }));
        }),
      ],
    });
    const child = await test.open({ parent: await test.open(), agent: "helper" });
    expect([(await test.turn(child, "/greet")).result.text, asked]).toEqual(["/greet", 0]);
  });

  it("answers without the model when the expansion is the answer", async () => {
    await using test = await servedHost(() => ({ text: "model" }), {
      plugins: [
        listening((context) => {
          context.listen(promptExpansion, () => ({
            content: [],
            name: "fork",
            kind: "skill",
            args: "",
            answer: "forked",
          }));
        }),
      ],
    });
    const session = await test.open();
    const { result } = await test.turn(session, "/fork");
    expect([result, session.messages.length, test.service.requests.length]).toMatchObject([
      { reason: "done", text: "forked", steps: 0 },
      2,
      0,
    ]);
  });

  const blockers = [
    {
      name: "the gate of prompts",
      listen: (context: PluginContext) => context.listen(promptGate, () => ({ decision: "deny", reason: "no" })),
    },
    {
      name: "the gate of expansions",
      listen: (context: PluginContext) => {
        context.listen(promptExpansion, () => ({ content: [text("x")], name: "x", kind: "command", args: "" }));
        return context.listen(expansionGate, () => ({ decision: "deny", reason: "no" }));
      },
    },
  ];
  it.each(blockers)("sends nothing that $name refuses", async ({ listen }) => {
    await using test = await servedHost(() => ({ text: "ok" }), {
      plugins: [listening((context) => void listen(context))],
    });
    const session = await test.open();
    const { result } = await test.turn(session, "/x");
    expect([result, session.messages.length]).toMatchObject([{ reason: "blocked", message: "no" }, 0]);
  });

  it("goes on as long as a stop is denied, eight times at most", async () => {
    const active: boolean[] = [];
    await using test = await servedHost(() => ({ text: "done?" }), {
      plugins: [
        listening((context) => {
          context.listen(stopGate, (payload) => {
            active.push(payload.active);
            return { decision: "deny", reason: "not yet" };
          });
        }),
      ],
    });
    const { result, events } = await test.turn(await test.open(), "go");
    expect(result).toMatchObject({ reason: "done", steps: 9 });
    expect(active).toEqual([false, ...Array.from({ length: 8 }, () => true)]);
    expect(events.some(({ type }) => type === "notice")).toBe(true);
    expect(lastText(test.service.requests.at(-1)!.body)).toContain("not yet");
  });

  it("shows the model what listeners make of results, and stops when one says so", async () => {
    const seen: string[] = [];
    const sorry = { content: [text("bad")], isError: true };
    await using test = await servedHost(
      (_, call) =>
        call === 1
          ? {
              calls: [
                { name: "Good", input: {} },
                { name: "Bad", input: {} },
              ],
            }
          : { text: "no" },
      {
        plugins: [
          toolPlugin({ name: "Good", run: () => "secret" }, { name: "Bad", run: () => sorry }),
          listening((context) => {
            context.listen(toolDone, (outcome) => ({
              ...outcome,
              result: { content: [text("hidden")] },
              texts: ["noted"],
            }));
            context.listen(toolFailed, (outcome) => {
              seen.push(`failed ${outcome.name}`);
              return outcome;
            });
            context.listen(toolBatch, (batch) => ({
              ...batch,
              texts: [`${String(batch.outcomes.length)} calls`],
              stop: "enough",
            }));
          }),
        ],
      },
    );
    const session = await test.open();
    const { result } = await test.turn(session, "go");
    expect(result).toMatchObject({ reason: "stopped", message: "enough", steps: 1 });
    expect(seen).toEqual(["failed Bad"]);
    const shown = JSON.stringify(session.messages[2]);
    expect([
      shown.includes("secret"),
      shown.includes("hidden"),
      shown.includes("noted"),
      shown.includes("2 calls"),
    ]).toEqual([false, true, true, true]);
  });

  it("withholds a result when a listener that could have changed it fails", async () => {
    await using test = await servedHost(
      (request, call) =>
        call === 1
          ? { calls: [{ name: "Read", input: {} }] }
          : { text: [...lastResults(request).values()][0]?.text ?? "" },
      {
        plugins: [
          toolPlugin({ name: "Read", run: () => "secret" }),
          listening((context) => {
            context.listen(toolDone, () => {
              throw new Error("cannot redact");
            });
          }),
        ],
      },
    );
    const { result } = await test.turn(await test.open(), "go");
    expect(result.text).toBe("the call was made, but its result is withheld: cannot redact");
  });

  it("tells which real files a call touched, and of none that failed", async () => {
    const heard: unknown[] = [];
    await using test = await servedHost(
      (_, call) =>
        call === 1
          ? {
              calls: [
                { name: "Read", input: { path: "link.txt" } },
                { name: "Write", input: { path: "sub/../new.txt" } },
                { name: "Fail", input: { path: "x" } },
                { name: "Half", input: { path: "x" } },
              ],
            }
          : { text: "ok" },
      {
        plugins: [
          toolPlugin(
            { name: "Read", readOnly: true, pathFields: ["path"], run: ({ path }) => String(path) },
            { name: "Write", pathFields: ["path"], run: () => ({ content: [text("ok")], touched: ["/elsewhere"] }) },
            { name: "Fail", pathFields: ["path"], run: () => Promise.reject(new Error("no")) },
            {
              name: "Half",
              pathFields: ["path"],
              run: () => ({ content: [text("no")], isError: true, touched: ["/half"] }),
            },
          ),
          listening((context) =>
            context.listen(filesTouched, ({ files, change }) => void heard.push([change, ...files])),
          ),
        ],
      },
    );
    test.home.write("project/real.txt", "x");
    symlinkSync(test.home.path("project/real.txt"), test.home.path("project/link.txt"));
    const session = await test.open();
    await test.turn(session, "go");
    const root = realpathSync(test.project);
    expect(heard).toEqual([
      ["read", `${root}/real.txt`],
      ["write", `${root}/new.txt`, "/elsewhere"],
      ["write", "/half"],
    ]);
    expect(JSON.stringify(session.messages[2])).toContain(`${root}/link.txt`);
  });

  it("tells of denied calls and failed turns", async () => {
    const heard: string[] = [];
    await using test = await servedHost(
      (_, call) =>
        call === 1
          ? { calls: [{ name: "Write", input: {} }] }
          : { fault: { kind: "status", status: 400, type: "invalid_request_error" } },
      {
        plugins: [
          toolPlugin({ name: "Write" }),
          listening((context) => {
            context.listen(permissionDenied, ({ name, reason }) => void heard.push(`${name}: ${reason}`));
            context.listen(turnFailed, ({ failure }) => void heard.push(failure));
            context.listen(sessionEnd, ({ reason }) => void heard.push(`end ${reason}`));
          }),
        ],
        decide: () => ({ decision: "deny", reason: "not here" }),
      },
    );
    const session = await test.open();
    const { result } = await test.turn(session, "go");
    await session.close();
    expect([result.reason, heard]).toEqual(["failed", ["Write: not here", "invalid_request", "end other"]]);
  });

  it("fails a turn in the words of a listener that says what to do", async () => {
    await using test = await servedHost(() => ({ text: "ok" }), {
      plugins: [
        listening((context) => {
          context.listen(systemPrompt, () => {
            throw Object.assign(new Error("there is no style `loud`"), { hint: "choose `calm`" });
          });
        }),
      ],
    });
    const { result } = await test.turn(await test.open(), "go");
    expect(result).toMatchObject({ reason: "failed", message: "there is no style `loud`", hint: "choose `calm`" });
  });

  it("fails a turn, and no more, when a listener fails", async () => {
    let broken = true;
    await using test = await servedHost(() => ({ text: "ok" }), {
      plugins: [
        listening((context) => {
          context.listen(contextTexts, (payload) => {
            if (broken) throw new Error("cannot list");
            return payload;
          });
        }),
      ],
    });
    const session = await test.open();
    const { result } = await test.turn(session, "one");
    expect([result.reason, result.message]).toEqual([
      "failed",
      "plugin `listener@test` failed in event plugsmith/context-texts: cannot list",
    ]);
    broken = false;
    expect((await test.turn(session, "two")).result.reason).toBe("done");
  });

  it("answers short questions outside any conversation", async () => {
    await using test = await servedHost((request) => ({ text: `${request.model} ${lastText(request)}` }));
    const models = await test.host.frontend.use(modelsService);
    const answer = await models.ask({
      model: "haiku",
      system: "be brief",
      messages: [{ role: "user", content: [text("well?")] }],
      maxTokens: 100,
      signal: new AbortController().signal,
    });
    expect([answer, test.service.requests[0]?.body.max_tokens]).toEqual(["claude-haiku-5-5 well?", 100]);
  });
});
