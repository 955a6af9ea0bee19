import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { personService, type TurnEvent } from "../../../plugin-api/index.ts";
import { agentSession, sentBy, spawning, type AgentSession } from "../../support/agent-session.ts";

/** A promise that a test keeps when it wants. */
const gate = () => Promise.withResolvers<void>();
const begin = (more: Readonly<Record<string, unknown>> = {}) =>
  spawning("general-purpose", { run_in_background: true, ...more });
const record = (file: string, matcher?: string) => [
  { ...(matcher !== undefined && { matcher }), hooks: [{ type: "command", command: `cat >>${file}; echo >>${file}` }] },
];
const recorded = ({ host }: AgentSession, file: string): readonly Record<string, unknown>[] =>
  readFileSync(`${host.project}/${file}`, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const agentEvents = (events: readonly TurnEvent[]) =>
  events.flatMap((event) => (event.type === "agent" ? [event] : []));

describe("an agent in the background", () => {
  it("works beside the turn, which ends when nobody is there only after the model has heard of its end", async () => {
    const released = gate();
    await using at = await agentSession({
      hooks: { Stop: record("stop"), SubagentStop: record("substop"), Notification: record("note", "agent_completed") },
      main: (step, results) => {
        if (step === 0) return { calls: [begin()] };
        if (step === 1) released.resolve();
        return { text: step === 1 ? `meanwhile ${results.join("")}` : "all done" };
      },
      agent: async () => {
        await released.promise;
        return { text: "found a pear" };
      },
    });
    const session = await at.host.open();
    const { result, events } = await at.host.turn(session, "go");
    expect(result).toMatchObject({ reason: "done", text: "all done", steps: 3 });
    const [, second = [], third = []] = sentBy("main", at);
    expect(second.join()).toContain("agent_1 works in the background");
    expect(third.slice(0, second.length)).toEqual(second);
    expect(third.slice(second.length).join()).toMatch(/agent_1 \(look around\) has finished:\\nfound a pear/u);
    expect(agentEvents(events).map(({ event: { type } }) => type)).toEqual(
      expect.arrayContaining(["prompt", "model", "assistant"]),
    );
    expect(new Set(agentEvents(events).map(({ agentPath }) => agentPath.join()))).toEqual(new Set(["general-purpose"]));
    expect(recorded(at, "stop").map(({ background_tasks: tasks }) => tasks)).toEqual([
      [
        {
          id: "agent_1",
          type: "subagent",
          status: "running",
          description: "look around",
          agent_type: "general-purpose",
        },
      ],
      [],
    ]);
    expect(recorded(at, "substop")).toMatchObject([{ agent_type: "general-purpose", background_tasks: [] }]);
    expect(recorded(at, "note")).toMatchObject([{ notification_type: "agent_completed", title: "look around" }]);
  });

  it("does not keep a person waiting, and the next prompt brings the news", async () => {
    const [released, answered] = [gate(), gate()];
    await using at = await agentSession({
      agents: { scout: "---\nname: scout\ndescription: Scouts.\nbackground: true\n---\nYou scout." },
      main: (step) => (step === 0 ? { calls: [spawning("city:scout")] } : { text: `said ${String(step)}` }),
      agent: async () => {
        await released.promise;
        answered.resolve();
        return { text: "found a plum" };
      },
    });
    at.host.host.frontend.provide(personService, { ask: async () => undefined });
    const session = await at.host.open();
    expect((await at.host.turn(session, "go")).result.text).toBe("said 1");
    released.resolve();
    await answered.promise;
    // The end of a task is heard of by asking for it.
    for (let round = 0; round < 500 && !sentBy("main", at).flat().join().includes("found a plum"); round += 1) {
      await at.host.turn(session, "and?");
    }
    expect(sentBy("main", at).at(-1)?.join()).toContain("has finished:\\nfound a plum");
  });

  it("shows what it does when asked, and is ended on demand", async () => {
    const seen: (readonly string[])[] = [];
    const steps = [
      [begin()],
      [{ name: "TaskOutput", input: { task_id: "agent_1", timeout: 50 } }],
      [{ name: "TaskStop", input: { task_id: "agent_1" } }],
      [{ name: "TaskOutput", input: { task_id: "agent_1" } }],
    ];
    await using at = await agentSession({
      main: (step, results) => {
        seen.push(results);
        const calls = steps[step];
        return calls === undefined ? { text: "ended" } : { calls };
      },
      agent: () => ({ text: "I look", fault: { kind: "silence", afterEvents: 2 } }),
    });
    const { result } = await at.host.turn(await at.host.open(), "go");
    expect(result).toMatchObject({ reason: "done", text: "ended", steps: 5 });
    expect(seen[2]?.[0]).toContain("agent_1 still runs");
    expect(seen[3]).toEqual(["agent_1 was ended"]);
    expect(seen[4]?.[0]).toMatch(/^agent_1 was ended\n[^]*aborted/u);
  });

  it("ends with its session", async () => {
    await using at = await agentSession({
      main: (step) => (step === 0 ? { calls: [begin()] } : { text: "bye" }),
      agent: () => ({ text: "I look", fault: { kind: "silence", afterEvents: 2 } }),
    });
    const session = await at.host.open();
    const stop = new AbortController();
    const turn = at.host.turn(session, "go");
    stop.abort();
    while (sentBy("main", at).length < 2) await new Promise((resolve) => setImmediate(resolve));
    await session.close();
    expect((await turn).result.reason).toBe("aborted");
  });

  it("has a set of tools of its own", async () => {
    await using at = await agentSession({
      main: (step) => (step === 0 ? { calls: [begin()] } : { text: "bye" }),
    });
    await at.host.turn(await at.host.open(), "go");
    const tools = at.service.requests.map(({ body }) => body.tools?.map(({ name }) => name));
    expect(tools[0]).toContain("Agent");
    const own = at.service.requests.find(({ body }) => JSON.stringify(body.messages[0]).includes("TASK"))?.body.tools;
    expect(own?.map(({ name }) => name)).toEqual(["Bash", "Edit", "Glob", "Grep", "Read", "TaskStop", "Write"]);
  });

  it("works in the foreground where the environment wants nothing in the background", async () => {
    await using at = await agentSession({
      environment: { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1" },
      main: (step, results) => (step === 0 ? { calls: [begin()] } : { text: results.join() }),
    });
    expect((await at.host.turn(await at.host.open(), "go")).result.text).toBe("done");
  });
});

describe("events of agents", () => {
  it("come through the turn with the path of the agent, deltas too, however deep", async () => {
    await using at = await agentSession({
      main: (step) => (step === 0 ? { calls: [spawning("general-purpose")] } : { text: "bye" }),
      agent: (step, _results, { messages }) =>
        step === 0 && !JSON.stringify(messages).includes("deeper")
          ? { calls: [spawning("general-purpose", { prompt: "TASK: deeper" })] }
          : { text: "here" },
    });
    const { events } = await at.host.turn(await at.host.open(), "go");
    const deltas = agentEvents(events).flatMap(({ agentPath, event }) =>
      event.type === "model" && event.event.type === "text" ? [`${agentPath.join("/")}: ${event.event.text}`] : [],
    );
    expect(deltas).toEqual(["general-purpose/general-purpose: here", "general-purpose: here"]);
    expect(new Set(agentEvents(events).map(({ agentId }) => agentId)).size).toBe(2);
    expect(events.filter(({ type }) => type === "tool-progress")).toEqual([]);
  });
});
