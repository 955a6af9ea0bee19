import { describe, expect, it } from "vitest";
import { modelsService, promptExpansion } from "../../../plugin-api/index.ts";
import { sessionHost, type SessionHost, type SessionHostOptions } from "../../support/session-host.ts";
import { codePlugin } from "../../support/test-host.ts";
import { toolPlugin } from "../../support/tool-plugin.ts";

const BUILTINS = { builtins: ["model-anthropic", "model-scripted"] };

const SCRIPT = `
steps:
  - when: { prompt: "/read (\\\\S+)/i" }
    reply:
      thinking: which file?
      text: I read {{prompt.1}}
      calls: [{ name: Read, input: { path: "{{prompt.1}}", list: ["{{ prompt.0 }}", 3] } }]
  - when: { tool: Read, isError: true }
    reply: { text: "failed: {{result}}" }
  - when: { result: "secret" }
    reply: { text: "got {{result.Read}}" }
  - when: { prompt: tools, tools: [Read] }
    reply: { text: "I have {{tools}}, {{unknown}}" }
  - when: { prompt: limit }
    reply: { error: rate_limit, text: slow down }
  - when: { prompt: cut }
    reply: { text: "…", stopReason: refusal }
  - when: { context: "read a.txt", prompt: before }
    reply: { text: I remember }
`;

const setUp = async (script: string, name = "script.yaml", options: SessionHostOptions = {}): Promise<SessionHost> => {
  const test = await sessionHost({
    ...BUILTINS,
    ...options,
    plugins: [
      toolPlugin({
        name: "Read",
        run: ({ path }) => {
          if (path === "none.txt") throw new Error("no such file");
          return "the secret text";
        },
      }),
      ...(options.plugins ?? []),
    ],
  });
  test.home.write(`project/${name}`, script);
  return test;
};

const ask = async (test: SessionHost, prompt: string, model = "scripted:script.yaml") =>
  (await test.turn(await test.open({ options: { model } }), prompt)).result;

describe("the scripted model", () => {
  const cases = [
    { prompt: "please READ a.txt", result: { reason: "done", text: "got the secret text", steps: 2 } },
    { prompt: "read none.txt", result: { reason: "done", text: "failed: no such file" } },
    { prompt: "tools?", result: { reason: "done", text: "I have Read, {{unknown}}" } },
    { prompt: "limit", result: { reason: "failed", message: "slow down" } },
    { prompt: "cut", result: { reason: "stopped" } },
    {
      prompt: "before",
      result: {
        reason: "failed",
        message: expect.stringContaining("fits what the model was sent last: before") as unknown,
      },
    },
  ];
  it.each(cases)("reads the request and answers as its script says: $prompt", async ({ prompt, result }) => {
    await using test = await setUp(SCRIPT);
    expect(await ask(test, prompt)).toMatchObject(result);
  });

  it("fills in what a condition found, also inside of inputs", async () => {
    await using test = await setUp(SCRIPT);
    const { events } = await test.turn(await test.open({ options: { model: "scripted:script.yaml" } }), "read a.txt");
    expect(events.find(({ type }) => type === "tool-start")).toMatchObject({
      input: { path: "a.txt", list: ["read a.txt", 3] },
    });
  });

  it("goes on where a session was, after it was resumed", async () => {
    await using test = await setUp(SCRIPT);
    const options = { model: "scripted:script.yaml" };
    const session = await test.open({ options });
    await test.turn(session, "read a.txt");
    await session.close();
    const again = await test.open({ resume: session.id });
    expect((await test.turn(again, "what was before?")).result.text).toBe("I remember");
    expect((await test.turn(again, "read b.txt")).result.text).toBe("got the secret text");
  });

  const codes = [
    {
      name: "an object",
      code: "export default ({ messages }) => ({ text: `${messages.length} messages` });",
      text: "1 messages",
    },
    { name: "a text", code: 'export default async () => "just text";', text: "just text" },
  ];
  it.each(codes)("asks a function that returns $name", async ({ code, text }) => {
    await using test = await setUp(code, "script.mjs");
    expect((await ask(test, "hi", "scripted:script.mjs")).text).toBe(text);
  });

  const broken = [
    { name: "a missing file", file: "other.yaml", script: "", why: "there is no script" },
    { name: "no steps", file: "s.yaml", script: "a: 1", why: "it needs a list `steps`" },
    { name: "no YAML", file: "s.yaml", script: "a: [", why: "cannot be used" },
    {
      name: "a step without a reply",
      file: "s.yaml",
      script: "steps: [{ when: {} }]",
      why: "step 1 needs an object `reply`",
    },
    {
      name: "a misspelt condition",
      file: "s.json",
      script: '{"steps": [{"when": {"promt": "x"}, "reply": {}}]}',
      why: "`promt` that means nothing",
    },
    {
      name: "a call without a name",
      file: "s.yaml",
      script: "steps: [{ reply: { calls: [{}] } }]",
      why: "needs a `name`",
    },
    { name: "a module without a function", file: "s.mjs", script: "export default 1", why: "no function" },
    { name: "a function that answers trash", file: "s.mjs", script: "export default () => ({ txt: 1 })", why: "`txt`" },
  ];
  it.each(broken)("says what is wrong with a script: $name", async ({ file, script, why }) => {
    await using test = await setUp(script, file === "other.yaml" ? "script.yaml" : file);
    expect(await ask(test, "hi", `scripted:${file}`)).toMatchObject({
      reason: "failed",
      message: expect.stringContaining(why) as unknown,
    });
  });

  it("is never the default, and no file of a repository, skill or agent can pick it", async () => {
    const skill = codePlugin("skill", { listens: [promptExpansion.key] }, (context) => {
      const turn = { model: "scripted:script.yaml" };
      context.listen(promptExpansion, () => ({
        content: [{ type: "text", text: "tools?" }],
        turn,
        name: "s",
        kind: "skill",
        args: "",
      }));
    });
    await using test = await setUp(SCRIPT, "script.yaml", { plugins: [skill] });
    const session = await test.open();
    expect((await test.turn(session, "tools?")).result.message).toContain("no model can answer");
    expect((await test.turn(session, "/skill")).result.message).toContain("only a person who names it");
    const child = await test.open({ parent: session, options: { model: "scripted:script.yaml" } });
    expect((await test.turn(child, "tools?")).result.message).toContain("only a person who names it");
    const models = await test.host.frontend.use(modelsService);
    const question = { model: "scripted:script.yaml", messages: [], session, signal: new AbortController().signal };
    await expect(models.ask(question)).rejects.toThrow("only a person who names it");
  });

  it("answers for the whole session, whatever model its agents and skills name", async () => {
    await using test = await setUp(SCRIPT);
    const session = await test.open({ options: { model: "scripted:script.yaml" } });
    const child = await test.open({ parent: session, options: { model: "haiku" } });
    expect((await test.turn(child, "tools?")).result.text).toContain("I have Read");
  });

  it("can be picked in a person's own settings", async () => {
    await using test = await setUp(SCRIPT, "script.yaml", { settings: { model: "scripted:script.yaml" } });
    expect((await test.turn(await test.open(), "tools?")).result.text).toContain("I have Read");
  });
});
