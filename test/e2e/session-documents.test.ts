import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SESSION_DOCUMENTS } from "../../cli/output/session.ts";
import { plugin, plugsmith } from "../support/command.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

function desk(files: TemporaryHome): (words: readonly string[]) => ReturnType<typeof plugsmith> {
  files.write("project/notes.md", "# Notes\n");
  files.write("project/answers.mjs", 'export default () => "hello";\n');
  files.write(
    "project/calls.mjs",
    `export default ({ messages }) => {
       if (messages.length > 1) throw new Error("no more");
       return { text: "reading", calls: [{ name: "Read", input: { file_path: "notes.md" } }] };
     };\n`,
  );
  files.write(
    "project/hands-over.mjs",
    `export default ({ messages }) => {
       const [first] = messages;
       if (JSON.stringify(first).includes("TASK")) return { text: "a pear" };
       const input = { description: "look", prompt: "TASK", run_in_background: true };
       return messages.length === 1 ? { calls: [{ name: "Agent", input }] } : { text: "done" };
     };\n`,
  );
  files.write("broken/.claude-plugin/plugin.json", "{");
  files.write(
    "wanting/.claude-plugin/plugin.json",
    JSON.stringify({ name: "wanting", version: "1.0.0", dependencies: ["other"] }),
  );
  files.write("fine/SKILL.md", "---\nname: fine\ndescription: d\n---\n\nText.\n");
  return (words) => plugsmith(words, { home: files.path("home"), cwd: files.path("project") });
}

/** Reads one document or line, and expects it to have exactly one of the shapes that are promised. */
function described(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  const fitting = SESSION_DOCUMENTS.filter((shape) => shape.safeParse(value).success);
  expect({ value, fitting: fitting.length }).toEqual({ value, fitting: 1 });
  // Every shape is an object.
  return value as Readonly<Record<string, unknown>>;
}

const JSON_FORMAT = ["--output-format", "json"];

const DOCUMENTS: readonly (readonly [words: readonly string[], type: string, exit: number])[] = [
  [["boot", "--json"], "boot", 0],
  [["boot", "--json", "--start", "--plugin-dir", "../fine"], "boot", 0],
  [["boot", "--json", "--plugin-dir", "../wanting"], "boot", 1],
  [["boot", "--json", "--plugin-dir", "../broken"], "error", 1],
  [["boot", "--json", "--cwd", "./nowhere"], "error", 2],
  [["-p", "x", "--json", "--model", "scripted:answers.mjs"], "result", 0],
  [["-p", "x", ...JSON_FORMAT, "--model", "scripted:answers.mjs"], "result", 0],
  [["-p", "x", ...JSON_FORMAT, "--model", "scripted:calls.mjs"], "result", 1],
  [["-p", "x", ...JSON_FORMAT, "--model", "scripted:calls.mjs", "--max-turns", "1"], "result", 1],
  [["-p", "x", ...JSON_FORMAT, "--model", "scripted:none.mjs"], "result", 1],
  [["-p", "x", ...JSON_FORMAT], "result", 1],
  [["-p", "x", ...JSON_FORMAT, "--resume", "nope"], "error", 1],
  [["-p", "x", "--output-format=json", "--modle", "y"], "error", 2],
];

describe("the documents of plugsmith", () => {
  it.each(DOCUMENTS)("have the shape that is described: %j prints `%s`", async (words, type, exit) => {
    using files = temporaryHome();
    const result = await desk(files)(words);
    const document = described(result.stdout);
    expect({ type: document["type"], ok: document["ok"], exit: result.exit }).toEqual({ type, ok: exit === 0, exit });
  });

  it("are one to a line with stream-json, also for an error", async () => {
    using files = temporaryHome();
    const ask = desk(files);
    const stream = ["--output-format", "stream-json"];
    const lines = (await ask(["-p", "x", ...stream, "--model", "scripted:calls.mjs"])).stdout.trim().split("\n");
    const types = lines.map((line) => described(line)["type"]);
    expect(types.slice(0, 2)).toEqual(["prompt", "model"]);
    expect(types).toEqual(expect.arrayContaining(["assistant", "tool-start", "tool-end", "tool-results"]));
    expect(types.at(-1)).toBe("result");
    const handed = (await ask(["-p", "x", ...stream, "--model", "scripted:hands-over.mjs"])).stdout.trim().split("\n");
    const agents = handed.map(described).filter(({ type }) => type === "agent");
    expect(agents[0]).toMatchObject({ agentPath: ["general-purpose"], event: { type: "prompt" } });
    expect(described(handed.at(-1) ?? "")).toMatchObject({ type: "result", ok: true, text: "done", steps: 3 });
    const refused = (await ask(["-p", "x", ...stream, "--resume", "nope"])).stdout;
    expect(
      refused
        .trim()
        .split("\n")
        .map((line) => described(line)["type"]),
    ).toEqual(["error"]);
  });
});

describe("built-in plugins", () => {
  it("are switched by the verbs in the person's settings, and a session without them says what is missing", async () => {
    using files = temporaryHome();
    const ask = desk(files);
    const manage = (words: readonly string[]): ReturnType<typeof plugin> =>
      plugin(words, { home: files.path("home"), cwd: files.path("project") });
    files.write("home/settings.json", '{\n  // mine\n  "model": "opus"\n}\n');
    const off = await manage(["disable", "turn-loop@builtin"]);
    expect(off).toMatchObject({ exit: 0, stderr: "" });
    expect(off.stdout).toContain("plugin enable turn-loop@builtin");
    expect(readFileSync(files.path("home/settings.json"), "utf8")).toContain("// mine");
    expect((await manage(["disable", "turn-loop@builtin"])).stdout).toContain("nothing to do");
    const without = await ask(["-p", "x", "--model", "scripted:answers.mjs"]);
    expect(without).toMatchObject({ exit: 1, stdout: "" });
    expect(without.stderr).toContain("error: `turn-loop@builtin` is switched off");
    expect(without.stderr).toContain("hint: `plugin enable turn-loop@builtin` switches it on");
    expect((await ask(["boot"])).stdout).toContain("`plugin enable turn-loop@builtin`");
    await manage(["enable", "turn-loop@builtin"]);
    expect((await ask(["-p", "x", "--model", "scripted:answers.mjs"])).stdout).toBe("hello\n");
  });

  const mistakes: readonly (readonly [words: readonly string[], exit: number, says: string])[] = [
    [["disable", "turn-lop@builtin"], 1, "did you mean `turn-loop@builtin`"],
    [["disable", "turn-loop@builtin", "other"], 2, "a command of their own"],
    [["disable", "turn-loop@builtin", "--scope", "project"], 2, "without `--scope`"],
    [["remove", "turn-loop@builtin"], 1, "`plugin disable turn-loop@builtin` switches it off"],
    [["why", "turn-loop@builtin"], 1, "is part of Plugsmith"],
  ];
  it.each(mistakes)("tell what is wrong with `plugin %j`", async (words, exit, says) => {
    using files = temporaryHome();
    desk(files);
    const result = await plugin(words, { home: files.path("home"), cwd: files.path("project") });
    expect(result.stderr).toContain(says);
    expect(result.exit).toBe(exit);
  });
});
