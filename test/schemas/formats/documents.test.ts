import { describe, expect, it } from "vitest";
import type { AgentContribution, CommandContribution, SkillContribution } from "../../../schemas/plugin-manifest.ts";
import type { PluginReading } from "../../../schemas/formats/index.ts";
import { findingsOf, namesOf, readOf } from "./plugin-fixture.ts";

const skillOf = (front: string, body = "text"): PluginReading =>
  readOf({ name: "p" }, { "skills/s/SKILL.md": `---\n${front}\n---\n${body}` });
const only = <T>(reading: PluginReading): T => reading.manifest?.contributions[0] as T;

describe("a skill", () => {
  it("has every documented field in canonical form", () => {
    const front = [
      "name: Other Name",
      "description: d",
      "when_to_use: w",
      "argument-hint: [file] [mode]",
      "arguments: file mode",
      "disable-model-invocation: Yes",
      "user-invocable: off",
      "allowed-tools: Bash(git add:*, git rm:*), Read Edit",
      "disallowed-tools:",
      "  - Write",
      "paths: src/**/*.{ts,tsx}, *.md",
      "effort: high",
      "context: fork",
      "background: 0",
      "metadata:",
      "  version: 1.0.0",
    ];
    const skill = only<SkillContribution>(
      skillOf(front.filter((line) => !line.startsWith("argument-hint")).join("\n")),
    );
    expect(skill).toMatchObject({
      name: "s",
      path: "skills/s",
      file: "skills/s/SKILL.md",
      description: "d",
      whenToUse: "w",
      modelInvocable: false,
      userInvocable: false,
      paths: ["src/**/*.{ts,tsx}", "*.md"],
      fields: {
        name: "Other Name",
        arguments: ["file", "mode"],
        allowedTools: ["Bash(git add:*, git rm:*)", "Read", "Edit"],
        disallowedTools: ["Write"],
        effort: "high",
        context: "fork",
        background: false,
        metadata: { version: "1.0.0" },
      },
    });
  });

  it("FM06: keeps text where its field is text", () => {
    const skill = only<SkillContribution>(skillOf("name: yes\ndescription: 1.10\nargument-hint: on\nmodel: 2.50"));
    expect(skill).toMatchObject({
      description: "1.10",
      fields: { name: "yes", description: "1.10", argumentHint: "on", model: "2.50" },
    });
  });

  it("keeps a hint that looks like a list", () => {
    expect(only<SkillContribution>(skillOf("description: d\nargument-hint: [file, mode]")).fields["argumentHint"]).toBe(
      "[file, mode]",
    );
    expect(
      only<SkillContribution>(skillOf("description: d\nargument-hint: [file] [mode]")).fields["argumentHint"],
    ).toBe("[file] [mode]");
  });

  it.each([
    ["a list", "description: [a, b]", "# Title\n\ntext", "Title", ["W_FIELD_MISTYPED", "W_DESCRIPTION_MISSING"]],
    ["a mapping", "description:\n  a: b", "text", "text", ["W_FIELD_MISTYPED", "W_DESCRIPTION_MISSING"]],
    ["a number", "description: 1.10", "text", "1.10", []],
    ["a date", "description: 2024-01-05", "text", "2024-01-05", []],
    ["a boolean", "description: true", "text", "true", []],
    ["null", "description: null", "\n\nfirst line\nsecond", "first line", ["W_DESCRIPTION_MISSING"]],
    ["empty", 'description: ""', "", "", ["W_DESCRIPTION_MISSING"]],
    ["very long", `description: ${"x".repeat(20_000)}`, "text", "x".repeat(8192), ["W_DESCRIPTION_LONG"]],
    ["dressed up (FM08)", "description: a\u202eb\u{e0041}c\u200b\u200bd", "text", "abcd", ["W_HIDDEN_TEXT"]],
  ])("FM05: whose description is %s", (_, front, body, expected, codes) => {
    const reading = skillOf(front, body);
    expect(only<SkillContribution>(reading).description).toBe(expected);
    expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(codes);
  });

  it("FM08: with hidden characters in its text is reported at the place", () => {
    const reading = skillOf("description: d", "one\ntwo \u{e0041}\u{e0042}");
    expect(reading.diagnostics).toMatchObject([
      { code: "W_HIDDEN_TEXT", file: "skills/s/SKILL.md", line: 5, column: 5 },
    ]);
    expect(skillOf("description: d", "flag 🏴\u{e0067}\u{e007f} and 👨‍👩‍👧").diagnostics).toStrictEqual([]);
  });

  it("with text that is not UTF-8 is read and reported", () => {
    const bytes = Uint8Array.from([...new TextEncoder().encode("---\ndescription: d\n---\n"), 0xff]);
    expect(findingsOf(readOf({ name: "p" }, { "skills/s/SKILL.md": bytes }))).toStrictEqual([
      "W_ENCODING skills/s/SKILL.md:1",
    ]);
  });

  it("FM05: larger than 1 MB is dropped", () => {
    expect(skillOf("description: d", "x".repeat(1_100_000)).diagnostics).toMatchObject([
      { code: "E_LIMIT_FILE", dropped: "skill", file: "skills/s/SKILL.md" },
    ]);
  });

  it("FM01: in another front matter language is dropped, not run", () => {
    const reading = readOf({ name: "p" }, { "skills/s/SKILL.md": "---js\n{ name: process.exit(9) }\n---\n" });
    expect(reading).toMatchObject({
      manifest: { contributions: [] },
      diagnostics: [{ code: "E_FRONTMATTER", dropped: "skill" }],
    });
  });

  it("may carry hooks, each judged alone", () => {
    const front =
      "description: d\nhooks:\n  PreToolUse:\n    - matcher: Bash\n      hooks:\n        - type: command\n          command: ./check.sh\n          once: true\n        - type: nothing";
    const reading = skillOf(front);
    expect(only<SkillContribution>(reading).hooks).toMatchObject([
      { event: "PreToolUse", matcher: "Bash", once: true },
    ]);
    expect(reading.diagnostics).toMatchObject([
      { code: "E_SCHEMA", dropped: "hook", file: "skills/s/SKILL.md", line: 3 },
    ]);
  });

  it("from a broken block has no permission, and says that it was salvaged", () => {
    const skill = only<SkillContribution>(
      skillOf("description: a: b\nallowed-tools: Bash\nmodel: big\nhooks:\n  Stop: []"),
    );
    expect(skill.fields).toStrictEqual({ description: "a: b", salvaged: true });
    expect(skill.hooks).toBeUndefined();
  });

  it("that lies too deep or is misspelt is named, unless the author lists skills", () => {
    const files = { "skills/group/deep/SKILL.md": "x", "skills/low/skill.md": "x", "skills/ok/SKILL.md": "x" };
    expect(
      findingsOf(readOf({ name: "p" }, files)).filter((finding) => finding.startsWith("W_SKILL_UNREACHED")),
    ).toStrictEqual(["W_SKILL_UNREACHED skills/group/deep/SKILL.md:1", "W_SKILL_UNREACHED skills/low/skill.md:1"]);
    const reached = readOf({ name: "p", skills: ["./skills/group"] }, files);
    expect(namesOf(reached.manifest)).toStrictEqual(["skill deep", "skill ok"]);
    expect(reached.diagnostics.filter(({ code }) => code === "W_SKILL_UNREACHED")).toHaveLength(0);
  });

  it("names the commands that its text runs", () => {
    const body = "!`first --x` and no`!`this` but !`second`\n```!\nthird\nfourth\n```\n`!`not`";
    expect(only<SkillContribution>(skillOf("description: d", body)).injections).toStrictEqual([
      "first --x",
      "second",
      "third\nfourth",
    ]);
  });
});

describe("commands and agents", () => {
  it("a command has no name of its own", () => {
    const { manifest } = readOf(
      { name: "p" },
      { "commands/git/commit.md": "---\nname: other\ndescription: d\nmodel: m\n---\n" },
    );
    expect(manifest?.contributions).toMatchObject([
      {
        kind: "command",
        name: "git:commit",
        fields: { description: "d", model: "m" },
      } satisfies Partial<CommandContribution>,
    ]);
  });

  it("an agent's own name stands after its folders; a declared file has none", () => {
    const files = { "agents/a/b.md": "---\nname: x\ndescription: d\n---\n", "o/c.md": "text" };
    expect(namesOf(readOf({ name: "p" }, files).manifest)).toStrictEqual(["agent a:x"]);
    expect(namesOf(readOf({ name: "p", agents: ["./agents/a/b.md", "./o/c.md"] }, files).manifest)).toStrictEqual([
      "agent c",
      "agent x",
    ]);
  });

  it("an agent of a plugin cannot set what would widen it", () => {
    const reading = readOf(
      { name: "p" },
      {
        "agents/a.md":
          "---\ndescription: d\ntools: Read, mcp__s\npermissionMode: bypassPermissions\nmcpServers: {}\nhooks: {}\ninitialPrompt: x\n---\n",
      },
    );
    expect(only<AgentContribution>(reading).fields).toStrictEqual({ description: "d", tools: ["Read", "mcp__s"] });
    expect(findingsOf(reading)).toStrictEqual([4, 5, 6, 7].map((line) => `W_AGENT_FIELD agents/a.md:${line}`));
  });

  it("an agent without any text has a description all the same", () => {
    expect(only<AgentContribution>(readOf({ name: "p" }, { "agents/a.md": "" })).description).toBe(
      "Agent from p plugin",
    );
  });

  it("an output style has its fields", () => {
    const { manifest } = readOf(
      { name: "p" },
      {
        "output-styles/o.md":
          "---\nname: Nice\ndescription: d\nkeep-coding-instructions: yes\nforce-for-plugin: maybe\n---\n",
      },
    );
    expect(manifest?.contributions).toMatchObject([
      { kind: "output-style", name: "Nice", fields: { keepCodingInstructions: true } },
    ]);
  });

  it("two of one name are both kept and reported", () => {
    const reading = readOf({ name: "p", skills: "./m" }, { "skills/a/SKILL.md": "x", "m/a/SKILL.md": "y" });
    expect(namesOf(reading.manifest)).toStrictEqual(["skill a", "skill a"]);
    expect(reading.diagnostics.map(({ code }) => code)).toContain("W_NAME_DOUBLE");
  });
});
