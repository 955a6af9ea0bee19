import { describe, expect, it } from "vitest";
import { readPluginTests } from "../../schemas/read-plugin-tests.ts";

const at = (text: string): readonly string[] =>
  readPluginTests(text, "tests/a.yaml").diagnostics.map(
    ({ line, column, message }) => `${String(line)}:${String(column)} ${message}`,
  );

const CASE = "cases:\n  - name: a\n";

describe("a test file of a plugin", () => {
  it("gives its cases and prompts with their lines", () => {
    const text = `# first\n${CASE}    prompt: hi\n    expect: { fires: [greet] }\nrouting:\n  - { prompt: hello, fires: none }\n`;
    expect(readPluginTests(text, "tests/a.yaml")).toEqual({
      cases: [{ name: "a", prompt: "hi", expect: { fires: ["greet"] }, file: "tests/a.yaml", line: 3 }],
      routing: [{ prompt: "hello", fires: "none", file: "tests/a.yaml", line: 7 }],
      diagnostics: [],
    });
  });

  it("loses a bad case and keeps the others", () => {
    const text = `${CASE}    expect: { fire: [x] }\n  - name: b\n    expect: { loads: true }\n`;
    const { cases, diagnostics } = readPluginTests(text, "tests/a.yaml");
    expect(cases.map(({ name }) => name)).toEqual(["b"]);
    expect(diagnostics).toMatchObject([{ code: "E_SCHEMA", line: 3, dropped: "test" }]);
  });

  it.each([
    ["- a\n", "1:1 a test file is a mapping with `cases`, `routing`, or both"],
    ["case: []\n", "1:7 a key `case` means nothing here"],
    ["cases: {}\n", "1:8 `cases` must be a list"],
    ["cases: [\n", /^\d+:\d+ Flow sequence/u],
    [`${CASE}`, /^2:5 cases\[0\]\.expect: /u],
    [`${CASE}    expect: {}\n`, "3:13 cases[0]: nothing is expected"],
    [
      `${CASE}    expect: { fires: [x] }\n`,
      "3:22 cases[0]: `fires` cannot be expected of a case in which nothing happens",
    ],
    [
      `${CASE}    prompt: hi\n    input: {}\n    expect: { fires: [x] }\n`,
      "4:12 cases[0]: `input` means nothing in a conversation",
    ],
    [
      `${CASE}    hook: Nothing\n    expect: { decision: deny }\n`,
      /^3:11 cases\[0\]: the event must be one of PreToolUse, /u,
    ],
    [`${CASE}    hook: PreToolUse\n    expect: { decision: deny }\n`, "3:11 cases[0]: `PreToolUse` needs a `tool`"],
    [
      `${CASE}    hook: PostToolUse\n    tool: Read\n    expect: { decision: deny }\n`,
      "5:25 cases[0]: `PostToolUse` decides nothing: expect `context`",
    ],
    [`${CASE}    hook: Stop\n    expect: { decision: deny }\n`, "4:25 cases[0]: `Stop` comes to block, none"],
    [
      `${CASE}    prompt: hi\n    script: s.yaml\n    recording: r.jsonl\n    expect: { reply: x }\n`,
      "4:13 cases[0]: a script and a recording are two models: give one of them",
    ],
    [
      `${CASE}    expect: { loads: true }\n  - name: a\n    expect: { loads: true }\n`,
      "4:11 cases[1]: another case is called `a`",
    ],
    [
      `${CASE}    prompt: hi\n    expect: { reply: "/(/" }\n`,
      "4:22 cases[0]: `reply` is no regular expression; without the slashes it is a text",
    ],
    ["routing:\n  - { prompt: hi }\n", /^2:5 routing\[0\]\.fires: /u],
  ])("says what is wrong and where: %j", (text, message) => {
    expect(at(text)).toEqual([typeof message === "string" ? message : expect.stringMatching(message)]);
  });
});
