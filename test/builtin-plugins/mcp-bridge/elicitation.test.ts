import { describe, expect, it } from "vitest";
import { askAddress, askForm } from "../../../builtin-plugins/mcp-bridge/elicitation-questions.ts";
import { elicitationAnswered, elicitationAsked, type Question } from "../../../plugin-api/index.ts";
import { mcpHost, scriptedServer, serverPlugin } from "../../support/mcp-host.ts";
import { codePlugin } from "../../support/test-host.ts";

const signal = new AbortController().signal;
type Said = { readonly choice: string; readonly text?: string } | undefined;

/** A person who answers one question after the other. */
function person(...said: readonly Said[]) {
  const asked: Question[] = [];
  const ask = async (question: Question): Promise<Said> => said[asked.push(question) - 1];
  return { asked, put: { person: { ask }, title: "s asks: Which?", agentPath: [], signal } };
}

const form = (properties: object, required: readonly string[] = []) => ({ type: "object", properties, required });

describe("the questions of a form", () => {
  const yes = (text: string): Said => ({ choice: "answer", text });
  const rows: readonly {
    readonly name: string;
    readonly schema: object;
    readonly said: readonly Said[];
    readonly answer: object;
  }[] = [
    { name: "no field", schema: {}, said: [yes("")], answer: { action: "accept", content: {} } },
    {
      name: "yes or no",
      schema: form({ it: { type: "boolean" } }),
      said: [{ choice: "no" }],
      answer: { action: "accept", content: { it: false } },
    },
    {
      name: "one of several",
      schema: form({ it: { enum: ["a", "b"] } }),
      said: [{ choice: "value-1" }],
      answer: { action: "accept", content: { it: "b" } },
    },
    {
      name: "one of several with titles",
      schema: form({ it: { oneOf: [{ const: "a", title: "A" }] } }),
      said: [{ choice: "value-0" }],
      answer: { action: "accept", content: { it: "a" } },
    },
    {
      name: "some of several",
      schema: form({ it: { type: "array", items: { enum: ["a", "b"] } } }),
      said: [yes("a, b")],
      answer: { action: "accept", content: { it: ["a", "b"] } },
    },
    {
      name: "a text",
      schema: form({ it: { type: "string" } }),
      said: [yes("hello")],
      answer: { action: "accept", content: { it: "hello" } },
    },
    {
      name: "a number, after what is none",
      schema: form({ it: { type: "integer" } }),
      said: [yes("x"), yes("1.5"), yes("7")],
      answer: { action: "accept", content: { it: 7 } },
    },
    {
      name: "nothing that fits",
      schema: form({ it: { type: "string", minLength: 3 } }),
      said: [yes("x"), yes(""), yes("y")],
      answer: { action: "cancel" },
    },
    {
      name: "several fields, one left out",
      schema: form({ a: { type: "string" }, b: { type: "string" } }, ["a"]),
      said: [yes("1"), { choice: "leave-out" }],
      answer: { action: "accept", content: { a: "1" } },
    },
    {
      name: "declined half way",
      schema: form({ a: {}, b: {} }),
      said: [yes("1"), { choice: "decline" }],
      answer: { action: "decline" },
    },
    { name: "nobody is there", schema: form({ it: {} }), said: [undefined], answer: { action: "cancel" } },
    {
      name: "too many fields",
      schema: form(Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`f${String(at)}`, {}]))),
      said: [],
      answer: { action: "decline" },
    },
  ];
  it.each(rows)("$name", async ({ schema, said, answer }) => {
    const { asked, put } = person(...said);
    expect(await askForm(put, schema as Readonly<Record<string, unknown>>)).toEqual(answer);
    expect(asked).toHaveLength(said.length);
    for (const question of asked) expect(question).toMatchObject({ kind: "question", title: "s asks: Which?" });
  });

  it("offer to leave out only what is not required, and show what each is", async () => {
    const { asked, put } = person(yes("1"), yes("2"));
    await askForm(put, form({ a: { title: "Name", description: "as written" }, b: { default: 7 } }, ["a"]));
    expect(asked.map(({ detail, choices }) => [detail, choices.map(({ id }) => id)])).toEqual([
      [
        ["Name", "as written", "(1 of 2)"],
        ["answer", "decline"],
      ],
      [
        ["b", "usual: 7", "(2 of 2)"],
        ["answer", "leave-out", "decline"],
      ],
    ]);
  });
});

it.each([
  { said: { choice: "open" }, action: "accept" },
  { said: { choice: "decline" }, action: "decline" },
  { said: undefined, action: "cancel" },
])("an address is shown whole, with its host; $action", async ({ said, action }) => {
  const { asked, put } = person(said);
  expect(await askAddress(put, "https://pay.example/now?x=1")).toEqual({ action });
  expect(asked[0]?.detail).toEqual(["on pay.example", "https://pay.example/now?x=1"]);
});

describe("a server that asks", () => {
  const plugins = [serverPlugin("p", { s: scriptedServer("forms") })];
  const TOOL = "mcp__plugin_p_s__echo";
  const question = { message: "Who?", requestedSchema: form({ who: { type: "string" } }) };
  const hooks = (answers: { readonly asked?: object; readonly answered?: object }) =>
    codePlugin(
      "hooks",
      { listens: [elicitationAsked.key, elicitationAnswered.key], activation: "startup" },
      (context) => {
        context.listen(elicitationAsked, () => answers.asked as undefined);
        context.listen(elicitationAnswered, () => answers.answered as undefined);
      },
    );
  const heard = async (host: Awaited<ReturnType<typeof mcpHost>>, params: object): Promise<object> => {
    await host.begin();
    return JSON.parse(await host.text(TOOL, params)) as object;
  };

  it("hears what the person answers, who is told when it begins and ends", async () => {
    await using host = await mcpHost({ plugins, person: async () => ({ choice: "answer", text: "me" }) });
    expect(await heard(host, question)).toMatchObject({
      capability: { form: {}, url: {} },
      result: { action: "accept", content: { who: "me" } },
    });
    expect(host.notifications.map(({ kind }) => kind)).toEqual(["elicitation_dialog", "elicitation_response"]);
  });

  it("is sent to an address, and says when that is done", async () => {
    await using host = await mcpHost({ plugins, person: async () => ({ choice: "open" }) });
    const params = { mode: "url", message: "Pay", url: "https://pay.example/", elicitationId: "e1" };
    expect(await heard(host, params)).toMatchObject({ result: { action: "accept" } });
    const kinds = ["elicitation_url_dialog", "elicitation_response", "elicitation_complete"];
    await expect.poll(() => host.notifications.map(({ kind }) => kind)).toEqual(kinds);
  });

  it("PR10: is declined without a question when it leads to no web page, or is of a kind nobody knows", async () => {
    await using host = await mcpHost({ plugins, person: () => Promise.reject(new Error("asked")) });
    const file = { mode: "url", message: "x", url: "file:///etc/passwd", elicitationId: "e" };
    for (const params of [file, { mode: "dance", message: "x" }]) {
      expect(await heard(host, params)).toMatchObject({ result: { action: "decline" } });
    }
  });

  it("hears a plugin in the person's place, or after the person", async () => {
    const asked = { action: "accept", content: { who: "hook" } };
    await using before = await mcpHost({
      plugins: [...plugins, hooks({ asked })],
      person: () => Promise.reject(new Error("asked")),
    });
    expect(await heard(before, question)).toMatchObject({ result: asked });
    const answered = { action: "decline" };
    await using after = await mcpHost({
      plugins: [...plugins, hooks({ answered })],
      person: async () => ({ choice: "answer", text: "me" }),
    });
    expect(await heard(after, question)).toMatchObject({ result: answered });
  });

  it("is told that nobody can answer, unless a hook may", async () => {
    await using nobody = await mcpHost({ plugins });
    expect(await heard(nobody, question)).toEqual({ error: -32601 });
    const withHook = serverPlugin("p", { s: scriptedServer("forms") });
    const where = { file: "hooks/hooks.json" };
    const handler = { type: "command", command: "true" } as const;
    const hook = { kind: "hook", event: "Elicitation", handler, where } as const;
    const { manifest } = withHook;
    const plugin = { ...withHook, manifest: { ...manifest, contributions: [...manifest.contributions, hook] } };
    await using silent = await mcpHost({ plugins: [plugin] });
    expect(await heard(silent, question)).toMatchObject({ capability: { form: {} }, result: { action: "cancel" } });
  });
});
