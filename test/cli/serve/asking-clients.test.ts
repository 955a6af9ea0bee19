import { describe, expect, it } from "vitest";
import { AskingClients } from "../../../cli/serve/asking-clients.ts";
import type { Answer, Person, Question } from "../../../plugin-api/index.ts";

const question: Question = {
  kind: "permission",
  title: "no rule allows `x`",
  detail: [],
  agentPath: [],
  choices: [],
  signal: new AbortController().signal,
};

describe("clients that can ask", () => {
  it("get the questions about their own calls, and those of nobody's call while there is one of them", async () => {
    let person: Person | undefined;
    const clients = new AskingClients((given) => {
      person = given;
      return { dispose: () => (person = undefined) };
    });
    const ask = (asked: Partial<Question> = {}): Promise<Answer> =>
      person?.ask({ ...question, ...asked }) ?? Promise.reject(new Error("there is no person"));
    const answering = (choice: string) => ({ ask: async () => ({ choice }) });
    const [first, second, mute] = [answering("first"), answering("second"), { ask: undefined }];
    clients.add(mute);
    expect(person).toBeUndefined();
    clients.add(first);
    expect(await ask()).toEqual({ choice: "first" });
    clients.add(second);
    expect(await clients.run(second, () => ask())).toEqual({ choice: "second" });
    expect(await ask()).toMatchObject({ choice: "deny" });
    expect(await clients.run(mute, () => ask())).toEqual({
      choice: "deny",
      text: "no rule allows `x`, and nobody can be asked through this client",
    });
    expect(await clients.run(mute, () => ask({ kind: "trust" }))).toBeUndefined();
    clients.remove(first);
    clients.remove(second);
    expect(person).toBeUndefined();
  });
});
