import { describe, expect, it } from "vitest";
import { turnsService } from "../../plugin-api/index.ts";
import { turnConformance, type TurnSubject, type TurnSurroundings } from "../../plugin-api/testing.ts";
import { MemorySessions } from "../support/memory-sessions.ts";
import { sessionHost } from "../support/session-host.ts";
import { stubOf } from "../support/stub-plugin.ts";
import { builtins, codePlugin, testHost } from "../support/test-host.ts";
import { temporaryHome } from "../support/temporary-home.ts";

/** The built-ins, with the plugin of a case beside them. */
async function builtin({ plugin, plugsmith }: TurnSurroundings): Promise<TurnSubject> {
  const staged = codePlugin("staged", plugsmith, (context) => plugin.activate(context));
  const host = await sessionHost({ builtins: [], decide: null, plugins: [staged] });
  return {
    turns: await host.host.frontend.use(turnsService),
    open: () => host.open(),
    dispose: async () => host[Symbol.asyncDispose](),
  };
}

/** The loop that the tests put in place of the built-in: it asks the model and calls tools, and knows nothing else. */
async function simple({ plugin, plugsmith }: TurnSurroundings): Promise<TurnSubject> {
  const staged = codePlugin("staged", plugsmith, (context) => plugin.activate(context));
  const home = temporaryHome();
  const test = await testHost([...builtins(["turn-loop"], home).map(stubOf), staged]);
  const sessions = new MemorySessions();
  return {
    turns: await test.host.frontend.use(turnsService),
    open: () => sessions.open({ directory: "/project", options: { model: "staged:staged-1" } }),
    dispose: async () => {
      await test[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

describe("the built-in `turn-loop` conforms", () => {
  const cases = turnConformance(builtin);
  it.each(cases)("$name", ({ run }) => run());

  it("in more than twenty ways", () => {
    expect(cases.length).toBeGreaterThan(20);
  });
});

it("a loop that knows nothing but the model and its tools is found out", async () => {
  // Where something hangs until it is aborted, it would hang for good.
  const cases = turnConformance(simple).filter(({ name }) => !/aborted|reader|at a time/u.test(name));
  const outcomes = await Promise.all(cases.map(async ({ name, run }) => ({ name, problem: await problemOf(run) })));
  const problems = outcomes.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`]));
  expect(problems).toEqual(
    [
      'what was heard while the model spoke: expected "hello, I am here", got ""',
      'the results: expected ["slow","quick"], got ',
      ...Array.from({ length: 4 }, () => "which results are errors: expected [false,true,false]"),
      'the end: expected ["max-turns",2,2], got ["done",4,4]',
      "the server is on fire",
      "the text did not reach the model with the prompt",
      "the system prompt: expected",
      "the prompts: expected",
      'the end: expected ["blocked",',
    ].map((text) => expect.stringContaining(text)),
  );
  expect(cases.length - problems.length).toBe(2);
});

async function problemOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
