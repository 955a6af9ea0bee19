import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  sessionEnd,
  sessionsService,
  type ContentBlock,
  type Message,
  type Session,
} from "../../../plugin-api/index.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { sessionHost } from "../../support/session-host.ts";
import { codePlugin } from "../../support/test-host.ts";

const text = (value: string): ContentBlock => ({ type: "text", text: value });
const user = (...content: readonly ContentBlock[]): Message => ({ role: "user", content });
const assistant = (...content: readonly ContentBlock[]): Message => ({ role: "assistant", content });
const call = (id: string): ContentBlock => ({ type: "tool_use", id, name: "Read", input: {} });
const result = (id: string): ContentBlock => ({ type: "tool_result", tool_use_id: id, content: [text("r")] });
const host = () => sessionHost({ builtins: [] });
const fileOf = (session: Session): string => session.transcriptPath ?? "";
const linesOf = (session: Session): readonly string[] => readFileSync(fileOf(session), "utf8").trimEnd().split("\n");

describe("a recorded session", () => {
  it("comes back whole: messages, notes, options, system prompt, directory", async () => {
    await using test = await host();
    const session = await test.open({ options: { model: "opus", deny: ["Bash"] } });
    session.setSystem(["be kind"]);
    session.append(user(text("hi")));
    session.append(assistant(text("hello")));
    session.note("skills", { latched: ["a"] });
    session.note("skills", { latched: ["b"] });
    session.setOptions({ permissionMode: "plan" });
    session.setDirectory("/tmp");
    await session.close();
    const again = await test.open({ resume: session.id, options: { model: "haiku" } });
    expect(again).toMatchObject({
      id: session.id,
      system: ["be kind"],
      messages: [user(text("hi")), assistant(text("hello"))],
      options: { model: "haiku", permissionMode: "plan", deny: ["Bash"] },
      directory: "/tmp",
      projectDirectory: session.projectDirectory,
    });
    expect(again.notes("skills")).toEqual([{ latched: ["a"] }, { latched: ["b"] }]);
    expect(again.notes("other")).toEqual([]);
  });

  it("writes a private file, one line an entry, before `append` returns", async () => {
    await using test = await host();
    const session = await test.open();
    expect(statSync(fileOf(session)).mode & 0o777).toBe(0o600);
    session.append(user(text("one\ntwo")));
    expect(linesOf(session).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(["start", "message"]);
    session.append(assistant(text("ok")));
    await session.close();
    expect(linesOf(session).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      "start",
      "message",
      "message",
      "end",
    ]);
  });

  it("cuts a line that was never finished, with a notice", async () => {
    await using test = await host();
    const session = await test.open();
    session.append(user(text("hi")));
    session.append(assistant(text("hello")));
    await session.close();
    appendFileSync(fileOf(session), '{"type":"message","message":{"role":"user","con');
    const again = await test.open({ resume: session.id });
    expect(again.messages).toHaveLength(2);
    expect(test.warnings.join()).toContain("was never finished and is cut");
    again.append(user(text("next")));
    expect(linesOf(again).at(-1)).toContain("next");
    for (const line of linesOf(again)) JSON.parse(line);
  });

  const left = [
    { name: "a call without a result", messages: [user(text("q")), assistant(call("1"), call("2"))], roles: "uaua" },
    { name: "a prompt without an answer", messages: [user(text("q"))], roles: "ua" },
    {
      name: "results without an answer",
      messages: [user(text("q")), assistant(call("1")), user(result("1"))],
      roles: "uaua",
    },
  ];
  it.each(left)("is mended when it is resumed after $name", async ({ messages, roles }) => {
    await using test = await host();
    const session = await test.open();
    for (const message of messages) session.append(message);
    await session.close();
    const again = await test.open({ resume: session.id });
    expect(again.messages.map(({ role }) => role[0]).join("")).toBe(roles);
    const results = again.messages[2]?.content ?? [];
    if (messages.length === 2) {
      expect(results).toMatchObject(
        ["1", "2"].map((id) => ({ tool_use_id: id, is_error: true, content: [text("interrupted, outcome unknown")] })),
      );
    }
    again.append(user(text("next")));
    await again.close();
    expect((await test.open({ resume: session.id })).messages.at(-2)).toEqual(user(text("next")));
  });

  const wrong = [
    { name: "the model speaks first", before: [], message: assistant(text("x")), why: "must be of the user" },
    {
      name: "two prompts in a row",
      before: [user(text("x"))],
      message: user(text("y")),
      why: "must be of the assistant",
    },
    { name: "an empty message", before: [], message: user(), why: "must not be empty" },
    { name: "a blank text", before: [], message: user(text(" \n")), why: "must not be empty" },
    {
      name: "an empty result",
      before: [user(text("x")), assistant(call("1"))],
      message: user({ type: "tool_result", tool_use_id: "1", content: [] }),
      why: "a result must not be empty",
    },
    {
      name: "an input that is no object",
      before: [user(text("x"))],
      message: assistant({ type: "tool_use", id: "1", name: "Read", input: [1] }),
      why: "must be an object",
    },
    {
      name: "a call without a result",
      before: [user(text("x")), assistant(call("1"))],
      message: user(text("y")),
      why: "needs its one result",
    },
    {
      name: "a result without a call",
      before: [user(text("x")), assistant(text("y"))],
      message: user(result("1")),
      why: "needs its one result",
    },
    {
      name: "results in another order",
      before: [user(text("x")), assistant(call("1"), call("2"))],
      message: user(result("2"), result("1")),
      why: "same order",
    },
    {
      name: "a text before a result",
      before: [user(text("x")), assistant(call("1"))],
      message: user(text("y"), result("1")),
      why: "before other content",
    },
    { name: "a call of the person", before: [], message: user(call("1")), why: "only a model sends" },
    {
      name: "a result of the model",
      before: [user(text("x"))],
      message: assistant(result("1")),
      why: "a model sends no",
    },
    {
      name: "an id twice",
      before: [user(text("x")), assistant(call("1")), user(result("1"))],
      message: assistant(call("1")),
      why: "exists already",
    },
  ];
  it.each(wrong)("refuses what no model takes: $name", async ({ before, message, why }) => {
    await using test = await host();
    const session = await test.open();
    for (const each of before) session.append(each);
    const lines = linesOf(session).length;
    expect(() => session.append(message)).toThrow(why);
    expect(() => session.append(message)).toThrow(expect.objectContaining({ code: "E_SESSION" }));
    expect([session.messages.length, linesOf(session).length]).toEqual([before.length, lines]);
  });

  it("is opened once at a time", async () => {
    await using test = await host();
    const session = await test.open();
    await expect(test.open({ resume: session.id })).rejects.toThrow("open in another process");
    await session.close();
    await session.close();
    await using other = await sessionHost({ builtins: [], home: test.home });
    const again = await other.open({ resume: session.id });
    await expect(test.open({ resume: "latest" })).rejects.toMatchObject({ code: "E_SESSION" });
    await again.close();
    expect((await test.open({ resume: "latest" })).id).toBe(session.id);
  });

  it("is found by directory: the newest one, conversations only", async () => {
    await using test = await host();
    await expect(test.open({ resume: "latest" })).rejects.toThrow("no session of");
    const first = await test.open();
    first.append(user(text("the   first\nprompt")));
    const child = await test.open({ parent: first, agent: "helper" });
    expect([child.agentPath, child.transcriptPath === first.transcriptPath]).toEqual([["helper"], false]);
    expect(child.parent).toBe(first);
    await child.close();
    await first.close();
    const elsewhere = await test.open({ directory: test.home.directory });
    await elsewhere.close();
    const sessions = await test.host.frontend.use(sessionsService);
    expect(await sessions.list(test.project)).toMatchObject([{ id: first.id, title: "the first prompt" }]);
  });

  const refused = [
    { name: "one that does not exist", id: "00000000-0000-4000-8000-000000000000", why: "there is no session" },
    { name: "a path", id: "../../etc/passwd", why: "there is no session" },
  ];
  it.each(refused)("cannot be resumed: $name", async ({ id, why }) => {
    await using test = await host();
    const error: unknown = await test.open({ resume: id }).catch((thrown: unknown) => thrown);
    expect([isCodedError(error), String(error)]).toEqual([true, expect.stringContaining(why)]);
  });

  const damaged = [
    {
      name: "a newer format",
      change: (content: string) => content.replace('"version":1', '"version":2'),
      why: "newer Plugsmith",
    },
    {
      name: "a damaged line",
      change: (content: string) => content.replace('{"type":"message"', '{"type:"message"'),
      why: "line 2",
    },
    {
      name: "no beginning",
      change: (content: string) => content.split("\n").slice(1).join("\n"),
      why: "does not begin",
    },
    {
      name: "messages in no order",
      change: (content: string) => content.replace('"role":"user"', '"role":"assistant"'),
      why: "does not fit",
    },
  ];
  it.each(damaged)("is refused and left alone with $name", async ({ change, why }) => {
    await using test = await host();
    const session = await test.open();
    session.append(user(text("hi")));
    await session.close();
    const content = change(readFileSync(fileOf(session), "utf8"));
    writeFileSync(fileOf(session), content);
    for (let round = 0; round < 2; round += 1) {
      await expect(test.open({ resume: session.id })).rejects.toThrow(why);
    }
    expect(readFileSync(fileOf(session), "utf8")).toBe(content);
  });

  it("says what to do where it cannot be written", async () => {
    await using test = await host();
    // For root, who may write everywhere, too.
    test.home.write("plugsmith/sessions", "");
    await expect(test.open()).rejects.toMatchObject({
      code: "E_SESSION",
      message: expect.stringMatching(/cannot be recorded: .*sessions/u),
      hint: expect.stringContaining("--no-session-persistence"),
    });
    expect((await test.open({ recorded: false })).transcriptPath).toBeUndefined();
  });

  it("writes nothing when it is not to be recorded, nor do its children", async () => {
    await using test = await host();
    const session = await test.open({ recorded: false });
    session.append(user(text("hi")));
    const child = await test.open({ parent: session });
    expect([session.transcriptPath, child.transcriptPath]).toEqual([undefined, undefined]);
    rmSync(test.home.path("plugsmith"), { recursive: true, force: true });
    await session.close();
  });

  it("tells of its end and is closed with the host, and takes nothing afterwards", async () => {
    const ended: string[] = [];
    const listener = codePlugin("listener", { listens: [sessionEnd.key] }, (context) => {
      context.listen(sessionEnd, ({ session, reason }) => {
        session.note("last", 1);
        ended.push(reason);
      });
    });
    const test = await sessionHost({ builtins: [], plugins: [listener] });
    const session = await test.open();
    await session.close();
    expect([ended, session.signal.aborted, session.notes("last")]).toEqual([["other"], true, [1]]);
    expect(() => session.note("x", 1)).toThrow("is closed");
    const open = await test.open();
    await test.host.dispose();
    expect(open.signal.aborted).toBe(true);
    await test[Symbol.asyncDispose]();
  });
});
