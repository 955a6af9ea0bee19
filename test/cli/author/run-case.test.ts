import { beforeAll, afterAll, describe, expect, it } from "vitest";
import type { CaseOutcome } from "../../../cli/author/outcome.ts";
import { runCase } from "../../../cli/author/run-case.ts";
import { subjectsIn, type Subject } from "../../../cli/author/subjects.ts";
import { messagesServer } from "../../support/messages-server/index.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const answer = (hookEventName: string, more: object): string =>
  `echo '${JSON.stringify({ hookSpecificOutput: { hookEventName, ...more } })}'`;
const hook = (command: string, matcher?: string): object => ({
  ...(matcher !== undefined && { matcher }),
  hooks: [{ type: "command", command }],
});

const PLUGIN: Readonly<Record<string, string>> = {
  ".claude-plugin/plugin.json": JSON.stringify({ name: "p", version: "1.0.0" }),
  "skills/sql-review/SKILL.md":
    "---\nname: sql-review\ndescription: Reviews SQL migrations for locks\npaths: ['**/*.sql']\n---\nReview.\n",
  "skills/notes/SKILL.md": "---\nname: notes\ndescription: Writes release notes since the last tag\n---\nWrite.\n",
  "skills/ship/SKILL.md": "---\nname: ship-it\ndescription: Deploys to staging\n---\nShip.\n",
  "commands/summary.md": "---\ndescription: Summarises\n---\nRead `$ARGUMENTS`.\n",
  "hooks/hooks.json": JSON.stringify({
    hooks: {
      PreToolUse: [hook("echo no force >&2; exit 2", "Bash")],
      UserPromptSubmit: [hook("grep -q password && echo no passwords >&2 && exit 2; exit 0")],
      SessionStart: [hook("echo the branch is frozen")],
      PostToolUseFailure: [hook(answer("PostToolUse", { additionalContext: "try again" }))],
      PostToolUse: [hook(answer("PostToolUse", { additionalContext: "run the formatter" }), "Write")],
      PermissionRequest: [hook(answer("PermissionRequest", { decision: { behavior: "allow" } }), "Read")],
    },
  }),
  "tests/said.jsonl": [
    { type: "start", version: 1 },
    { type: "message", message: { role: "user", content: [{ type: "text", text: "look" }] } },
    {
      type: "message",
      message: {
        role: "assistant",
        content: [{ type: "tool_use", id: "1", name: "Read", input: { file_path: "a.txt" } }],
      },
    },
    { type: "message", message: { role: "user", content: [{ type: "tool_result", tool_use_id: "1", content: [] }] } },
    { type: "message", message: { role: "assistant", content: [{ type: "text", text: "seen" }] } },
  ]
    .map((line) => JSON.stringify(line))
    .join("\n"),
  "tests/streamed.jsonl": [
    { type: "prompt", message: { role: "user", content: [{ type: "text", text: "look" }] } },
    { type: "model", event: { type: "text", text: "seen" } },
    { type: "assistant", message: { role: "assistant", content: [{ type: "text", text: "seen" }] } },
    { type: "result", ok: true, text: "seen" },
  ]
    .map((line) => JSON.stringify(line))
    .join("\n"),
};

/** Name, the rest of a case, and the mismatches that it ends with. */
const CASES: readonly (readonly [name: string, one: object, mismatches: readonly object[]])[] = [
  [
    "a file opens the skill that waits for it",
    {
      files: { "db/1.sql": "x" },
      touches: ["db/1.sql"],
      prompt: "review this SQL migration",
      expect: { fires: ["sql-review"], calls: ["Read", "Skill"] },
    },
    [],
  ],
  [
    "a skill that waits for a file stays hidden",
    { prompt: "review this SQL migration", expect: { hidden: ["sql-review"], unlisted: ["sql-review"] } },
    [],
  ],
  [
    "the wrong skill is named with the one that fired",
    { prompt: "write the release notes", expect: { fires: ["sql-review"], hidden: ["notes"], unlisted: ["notes"] } },
    [
      { what: "fires", expected: "sql-review", got: "p:notes" },
      { what: "hidden", expected: "no notes", got: "p:notes" },
      { what: "unlisted", expected: "the model never hears of notes", got: "it is listed" },
    ],
  ],
  ["a command becomes its prompt", { command: "summary a.md", expect: { prompt: "Read `a.md`" } }, []],
  [
    "a script calls what it may and what it may not",
    {
      prompt: "go",
      files: { "a.txt": "found me" },
      script: [
        {
          when: { prompt: "go" },
          reply: {
            calls: [
              { name: "Read", input: { file_path: "a.txt" } },
              { name: "Write", input: { file_path: "b.txt", content: "x" } },
            ],
          },
        },
        { reply: { text: "got {{result.Read}}" } },
      ],
      expect: { calls: ["Read"], denied: ["Write"], result: "found me", reply: "/^got .*found me/s" },
    },
    [],
  ],
  [
    "a recording is played again",
    { recording: "said.jsonl", files: { "a.txt": "x" }, expect: { prompt: "look", calls: ["Read"], reply: "seen" } },
    [],
  ],
  ["an output of events is one too", { recording: "streamed.jsonl", expect: { prompt: "look", reply: "seen" } }, []],
  [
    "a recording that is not there is named",
    { recording: "none.jsonl", expect: { reply: "seen" } },
    [{ what: "plugin", got: expect.stringMatching(/`none.jsonl` cannot be read\nhint: name/u) }, { what: "reply" }],
  ],
  [
    "a script without a fitting step says so",
    { prompt: "go", script: [{ when: { prompt: "stop" }, reply: { text: "x" } }], expect: { reply: "x" } },
    [
      { what: "plugin", got: expect.stringContaining("no step of") },
      { what: "reply", got: "nothing" },
    ],
  ],
  [
    "a hook denies with its reason",
    { hook: "PreToolUse", tool: "Bash", input: { command: "x" }, expect: { decision: "deny", reason: "no force" } },
    [],
  ],
  [
    "another tool is none of its business",
    { hook: "PreToolUse", tool: "Read", input: {}, expect: { decision: "deny" } },
    [{ what: "decision", expected: "deny", got: "none" }],
  ],
  ["a prompt is blocked", { hook: "UserPromptSubmit", prompt: "my password", expect: { decision: "block" } }, []],
  ["another prompt is not", { hook: "UserPromptSubmit", prompt: "hello", expect: { decision: "none" } }, []],
  ["a session begins with a word", { hook: "SessionStart", expect: { context: "/frozen$/m" } }, []],
  [
    "a hook speaks after a tool",
    { hook: "PostToolUse", tool: "Write", input: {}, output: "ok", expect: { context: "formatter" } },
    [],
  ],
  [
    "a hook that answers wrongly is named",
    { hook: "PostToolUseFailure", tool: "Write", input: {}, expect: { context: "try again" } },
    [{ what: "plugin", got: expect.stringContaining("is not `PostToolUseFailure`") }, { what: "context" }],
  ],
  [
    "a hook answers for a person",
    { hook: "PermissionRequest", tool: "Read", input: {}, expect: { decision: "allow" } },
    [],
  ],
  [
    "a tool that is not there is named",
    { tool: "Slug", expect: { result: "x" } },
    [{ what: "plugin" }, { what: "result" }],
  ],
  [
    "a skill that is not there is no hidden one",
    { prompt: "hello", expect: { hidden: ["note"] } },
    [{ what: "hidden", expected: "note", got: "the plugin has no skill of that name" }],
  ],
  [
    "a skill with another name than its folder has both",
    { prompt: "deploy to staging", expect: { fires: ["ship", "ship-it", "p:ship-it"] } },
    [],
  ],
  ["a plugin loads", { expect: { loads: true } }, []],
  [
    "a file outside of the project is refused",
    { files: { "../x": "y" }, expect: { loads: true } },
    [{ what: "plugin", got: expect.stringContaining("lies outside of its project") }],
  ],
];

describe("cases of a plugin", () => {
  let home: TemporaryHome;
  let subject: Subject | undefined;

  beforeAll(() => {
    home = temporaryHome();
    for (const [path, text] of Object.entries(PLUGIN)) home.write(`p/${path}`, text);
    // JSON is YAML.
    home.write("p/tests/p.yaml", JSON.stringify({ cases: CASES.map(([name, one]) => ({ name, ...one })) }));
    [subject] = subjectsIn(home.path("p"), "p");
  });
  afterAll(() => home[Symbol.dispose]());

  it("are all read", () => {
    expect(subject?.tests).toMatchObject({ diagnostics: [], cases: { length: CASES.length } });
  });

  it.each(CASES)("%s", async (name, _one, mismatches) => {
    const one = subject?.tests.cases.find((each) => each.name === name);
    if (subject === undefined || one === undefined) throw new Error("the case was not read");
    const { directory, manifest } = subject;
    const outcome: CaseOutcome = await runCase(one, {
      pluginDirectory: directory,
      manifest,
      environment: { PATH: process.env["PATH"], HOME: home.directory },
      signal: new AbortController().signal,
    });
    expect(outcome).toMatchObject({ ok: mismatches.length === 0, mismatches, file: "tests/p.yaml" });
  });

  it("are answered by a real model that the person names", async () => {
    await using server = await messagesServer({
      reply: (_request, call) =>
        call === 1 ? { calls: [{ name: "Skill", input: { skill: "p:notes" } }] } : { text: "written" },
    });
    const one = subject?.tests.cases.find(({ name }) => name === "the wrong skill is named with the one that fired");
    if (subject === undefined || one === undefined) throw new Error("the case was not read");
    const outcome = await runCase(
      { ...one, expect: { fires: ["notes"], reply: "written" } },
      {
        pluginDirectory: subject.directory,
        manifest: subject.manifest,
        environment: {
          PATH: process.env["PATH"],
          HOME: home.directory,
          ANTHROPIC_BASE_URL: server.url,
          ANTHROPIC_API_KEY: "key",
        },
        model: "sonnet",
        signal: new AbortController().signal,
      },
    );
    expect(outcome).toMatchObject({ ok: true, mismatches: [] });
    expect(server.requests).toHaveLength(2);
  });
});
