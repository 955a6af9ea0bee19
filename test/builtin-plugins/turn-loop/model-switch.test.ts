import { describe, expect, it } from "vitest";
import {
  modelSwitched,
  modelSwitchGate,
  modelSwitchService,
  personService,
  type GateAnswer,
  type ModelSwitch,
} from "../../../plugin-api/index.ts";
import { servedHost, type ServedHost } from "../../support/session-host.ts";
import { codePlugin } from "../../support/test-host.ts";

async function switching(answer: GateAnswer = { decision: "pass" }) {
  const seen: ModelSwitch[] = [];
  const guard = codePlugin(
    "guard",
    { listens: [modelSwitchGate.key, modelSwitched.key], activation: "startup" },
    (context) => {
      context.listen(modelSwitchGate, () => answer);
      context.listen(modelSwitched, (change) => void seen.push(change));
    },
  );
  const models: unknown[] = [];
  const test = await servedHost(
    ({ model }) => {
      models.push(model);
      return { text: String(model) };
    },
    { plugins: [guard] },
  );
  const session = await test.open({ options: { model: "sonnet" } });
  return { test, session, seen, models, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const textOf = async (
  { test, session }: { readonly test: ServedHost; readonly session: Parameters<ServedHost["turn"]>[0] },
  prompt: string,
) => (await test.turn(session, prompt)).result;

describe("/model", () => {
  it("changes who answers from then on, and tells what it costs", async () => {
    await using one = await switching();
    const first = await textOf(one, "hi");
    expect(first.text).toMatch(/^claude-sonnet-/u);
    expect((await textOf(one, "/model")).text).toContain(`\`${first.text}\` answers; \`/model NAME\` changes it`);
    const changed = await textOf(one, "/model opus");
    expect(changed).toMatchObject({ reason: "done", steps: 0 });
    const next = await textOf(one, "hi");
    expect(next.text).toMatch(/^claude-opus-/u);
    expect(one.seen).toMatchObject([
      { from: first.text, to: next.text, requested: "opus", source: "command", isCacheWarm: true },
    ]);
    expect(one.seen[0]?.contextTokens).toBeGreaterThan(0);
    await textOf(one, "/model opus");
    expect(one.seen).toHaveLength(1);
  });

  it.each([
    { name: "denied", answer: { decision: "deny", reason: "retired" } as const, text: "retired" },
    {
      name: "asked about, where nobody is there",
      answer: { decision: "ask", reason: "sure?" } as const,
      text: "sure?",
    },
  ])("leaves the model as it is when it is $name", async ({ answer, text }) => {
    await using one = await switching(answer);
    expect(await textOf(one, "/model opus")).toMatchObject({
      reason: "failed",
      message: expect.stringContaining(text),
    });
    expect((await textOf(one, "hi")).text).toMatch(/^claude-sonnet-/u);
    expect(one.seen).toEqual([]);
  });

  it("names no model that nobody provides", async () => {
    await using one = await switching();
    const result = await textOf(one, "/model gpt-0");
    expect(result).toMatchObject({ reason: "failed", message: expect.stringContaining("no provider knows the model") });
  });

  it.each([
    { choice: "yes", family: "opus" },
    { choice: "no", family: "sonnet" },
  ])("is what the person says when it is asked about: $choice", async ({ choice, family }) => {
    await using one = await switching({ decision: "ask", reason: "180k tokens" });
    one.test.host.frontend.provide(personService, { ask: async () => ({ choice }) });
    await textOf(one, "/model opus");
    expect((await textOf(one, "hi")).text).toContain(family);
  });
});

it("a program that changes the model is refused what is asked about", async () => {
  await using one = await switching({ decision: "ask" });
  one.test.host.frontend.provide(personService, { ask: () => Promise.reject(new Error("asked")) });
  const service = await one.test.host.frontend.use(modelSwitchService);
  const { session } = one;
  await expect(service.switchModel({ session, model: "opus", source: "sdk" })).rejects.toThrow("the model stays");
});
