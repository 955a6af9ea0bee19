import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  lastResults,
  messagesServer,
  pieces,
  type MessagesServer,
  type Reply,
} from "../support/messages-server/index.ts";
import { fullHost, type FullHost } from "../support/full-host.ts";
import { samplePlugin } from "../support/sample-plugin.ts";
import { builtinNames, builtins, pluginIn } from "../support/test-host.ts";
import { canary } from "../support/canary.ts";

type Replier = Parameters<typeof messagesServer>[0]["reply"];
type SentBody = Parameters<Replier>[0];
type Call = NonNullable<Reply["calls"]>[number];

interface Together extends AsyncDisposable {
  readonly host: FullHost;
  readonly service: MessagesServer;
}

/** Every built-in and the sample plugin, with a model of the loopback service behind the official SDK; edits are allowed. */
async function together(reply: Replier): Promise<Together> {
  const service = await messagesServer({ reply });
  const host = await fullHost({
    plugins: (home) => {
      home.write("project/AGENTS.md", "This project is about pears.\n");
      home.write("project/below/AGENTS.md", "Below there are plums.\n");
      for (const name of ["a", "b", "c"]) home.write(`project/${name}.txt`, `text of ${name}\n`);
      home.write("project/below/style.css", "p {}\n");
      const sample = samplePlugin(home);
      home.write(
        "sample/skills/css/SKILL.md",
        '---\nname: css\ndescription: Styles.\npaths: "**/*.css"\n---\n\nBe bold.\n',
      );
      return [...builtins(builtinNames(), home), pluginIn(sample, home)];
    },
    settings: { permissions: { allow: ["Bash(echo:*)", "mcp__plugin_sample_echoes__echo"] } },
    environment: { ANTHROPIC_API_KEY: canary("model"), ANTHROPIC_BASE_URL: service.url },
  });
  return {
    host,
    service,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

const isAgent = ({ messages }: SentBody): boolean => JSON.stringify(messages[0]).includes("look around");
const textOf = (request: SentBody): string =>
  pieces(request)
    .map(({ text }) => text)
    .join("\n");

/** The requests of the main conversation, as the pieces that the model reads. */
function mainRequests({ service }: Together): readonly (readonly string[])[] {
  return service.requests.filter(({ body }) => !isAgent(body)).map(({ body }) => pieces(body).map(({ text }) => text));
}

/** The requests of the agents, one conversation after the other. */
function agentRequests({ service }: Together): readonly (readonly (readonly string[])[])[] {
  const conversations: (readonly string[])[][] = [];
  for (const { body } of service.requests.filter((request) => isAgent(request.body))) {
    const sent = pieces(body).map(({ text }) => text);
    if (body.messages.length === 1) conversations.push([sent]);
    else conversations.at(-1)?.push(sent);
  }
  return conversations;
}

/** Every request was taken, and begins with the bytes of the one before. */
function expectAppending(at: Together): void {
  expect(at.service.requests.filter(({ problem }) => problem !== undefined)).toEqual([]);
  for (const sent of [mainRequests(at), ...agentRequests(at)]) {
    for (const [index, request] of sent.entries()) {
      const before = sent[index - 1] ?? [];
      expect(request.slice(0, before.length)).toEqual(before);
    }
  }
}

const read = (name: string): Call => ({ name: "Read", input: { file_path: name } });
const bash = (command: string): Call => ({ name: "Bash", input: { command } });
const agent: Call = {
  name: "Agent",
  input: { description: "look", prompt: "look around", subagent_type: "sample:scout" },
};
const skill = (name: string, args = ""): Call => ({ name: "Skill", input: { skill: `sample:${name}`, args } });
const write = (name: string, content: string): Call => ({ name: "Write", input: { file_path: name, content } });

/** What the model calls, step by step. */
const STEPS: readonly (readonly Call[])[] = [
  [read("a.txt"), read("b.txt"), read("c.txt"), write("new.txt", "fresh"), read("new.txt")],
  [bash("echo forbidden"), bash("echo fine"), bash("touch nothing")],
  [read("below/style.css"), skill("weather", "now")],
  [agent, { name: "mcp__plugin_sample_echoes__echo", input: { word: "hollow" } }, skill("css")],
];

describe("a session with every built-in", () => {
  it("does everything in one turn and only ever appends to what the model has read", async () => {
    const told: (readonly { readonly text: string; readonly isError: boolean }[])[] = [];
    let step = 0;
    await using at = await together((request) => {
      if (isAgent(request))
        return request.messages.length === 1 ? { calls: [read("a.txt")] } : { text: "nothing to see" };
      if (step > 0) told.push([...lastResults(request).values()]);
      const calls = STEPS[step];
      step += 1;
      return calls === undefined ? { text: "all done" } : { thinking: "hm", text: "next", calls };
    });
    const session = await at.host.open({ options: { permissionMode: "acceptEdits", outputStyle: "sample:calm" } });
    const { result, events } = await at.host.turn(session, "/sample:greet world low");
    expect(result).toMatchObject({ reason: "done", text: "all done", steps: 5 });

    const [first = ""] = at.service.requests.map(({ body }) => textOf(body));
    for (const text of [
      "Greet world in a low voice.",
      "about pears",
      "Speak calmly.",
      "sample:weather",
      "sample:scout",
    ]) {
      expect(first).toContain(text);
    }
    expect(first).not.toContain("sample:css");
    const told0 = (told[0] ?? []).map(({ text }) => text);
    expect(told0[4]).toContain("fresh");
    expect(told[1]).toMatchObject([
      { text: expect.stringContaining("the sample forbids it"), isError: true },
      { text: "fine", isError: false },
      { text: expect.stringContaining("denied: no rule allows `Bash` to run `touch nothing`"), isError: true },
    ]);
    expect(told[2]?.map(({ text }) => text).join("\n")).toContain("Look out of the window, now.");
    expect(told[3]).toMatchObject([
      { text: "nothing to see", isError: false },
      { text: expect.stringContaining("hollow"), isError: false },
      { text: expect.stringContaining("Be bold."), isError: false },
    ]);

    const marks = events.flatMap((event) =>
      event.type === "tool-start" || event.type === "tool-end" ? [`${event.type} ${event.name}`] : [],
    );
    const [reads, writes] = ["Read", "Write"].map((name) => [`tool-start ${name}`, `tool-end ${name}`] as const);
    expect(marks.slice(0, 8)).toEqual([
      reads?.[0],
      reads?.[0],
      reads?.[0],
      reads?.[1],
      reads?.[1],
      reads?.[1],
      ...(writes ?? []),
    ]);

    const [main, [below = []]] = [mainRequests(at), agentRequests(at)];
    expect([main.length, below.length]).toEqual([5, 2]);
    expect(below[0]?.join("\n")).toContain("You are the scout.");
    expect(main[3]?.join("\n")).toContain("sample:css");
    expect(main[3]?.join("\n")).toContain("Below there are plums.");
    expectAppending(at);

    await session.close();
    const again = await at.host.open({ resume: session.id });
    expect((await at.host.turn(again, "and now?")).result.reason).toBe("done");
    expect(mainRequests(at)).toHaveLength(6);
    expectAppending(at);
    const billed = at.service.requests.filter(({ body }) => !isAgent(body)).map(({ tokens }) => tokens);
    expect(billed.slice(1).every(({ cacheRead, input }) => cacheRead > 0 && input === 0)).toBe(true);
  });

  it("only ever appends, whatever is called in whatever order, over several turns", async () => {
    const call = fc.constantFrom<Call>(
      read("a.txt"),
      read("below/style.css"),
      read("nowhere.txt"),
      write("new.txt", "fresh"),
      bash("echo fine"),
      bash("echo forbidden"),
      bash("touch nothing"),
      skill("weather"),
      skill("css"),
      skill("nowhere"),
      agent,
      { name: "Nowhere", input: {} },
      { name: "Edit", input: { file_path: "a.txt", old_string: "text", new_string: "TEXT" } },
      { name: "Glob", input: { pattern: "*.txt" } },
      { name: "mcp__plugin_sample_echoes__echo", input: { word: "hollow" } },
    );
    const steps = fc.array(fc.array(call, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 });
    const prompts = fc.constantFrom(
      "go on",
      "/sample:greet you high",
      "/sample:weather",
      "/nowhere",
      "what about a.txt?",
    );
    const turns = fc.array(fc.record({ prompt: prompts, steps }), { minLength: 1, maxLength: 3 });
    let requests = 0;
    await fc.assert(
      fc.asyncProperty(turns, async (script) => {
        let left: (readonly Call[])[] = [];
        await using at = await together((request) => {
          if (isAgent(request)) return { text: "nothing to see" };
          const calls = left.shift();
          return calls === undefined ? { text: "done" } : { calls };
        });
        const session = await at.host.open({ options: { permissionMode: "acceptEdits" } });
        for (const turn of script) {
          left = [...turn.steps];
          expect((await at.host.turn(session, turn.prompt)).result).toMatchObject({ reason: "done", text: "done" });
        }
        expectAppending(at);
        requests += at.service.requests.length;
      }),
      { numRuns: 8 },
    );
    expect(requests).toBeGreaterThan(16);
  }, 60_000);
});
