import { describe, expect, it } from "vitest";
import {
  detectFormat,
  executables,
  memoryTree,
  readPlugin,
  tokenEstimate,
  validatePlugin,
} from "../../../schemas/formats/index.ts";
import type { MemoryFile } from "../../../schemas/formats/index.ts";
import { entryOf, filesOf, hookFile, markdown, namesOf, readOf } from "./plugin-fixture.ts";

describe("formats", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, MemoryFile>>, string | undefined])[] = [
    ["a manifest folder", { ".claude-plugin/plugin.json": "{}" }, "claude-code"],
    ["default folders alone", { "commands/a.md": "" }, "claude-code"],
    ["a root plugin.json", { "plugin.json": "{}", "skills/a/SKILL.md": "" }, "agent-plugins"],
    ["both manifests", { ".claude-plugin/plugin.json": "{}", "plugin.json": "{}" }, "claude-code"],
    ["SKILL.md", { "SKILL.md": "" }, "skill-folder"],
    ["folders of SKILL.md", { "a/SKILL.md": "", "b/SKILL.md": "", "c.txt": "" }, "skill-folder"],
    ["nothing", { "README.md": "" }, undefined],
  ];
  it.each(cases)("are recognised by %s", (_, files, format) => {
    expect(detectFormat(memoryTree(files), {})).toBe(format);
    if (format === undefined) expect(detectFormat(memoryTree(files), { entry: entryOf({}) })).toBe("entry");
  });

  it("Agent Plugins: root manifest, skills and mcp.json, nothing else", () => {
    const reading = readPlugin(
      memoryTree({
        "plugin.json": JSON.stringify({
          $schema: "https://agent-plugins.example/1.0.0",
          name: "ap",
          version: "1.0.0",
          skills: "./ignored",
          extensions: {},
        }),
        "mcp.json": JSON.stringify({ mcpServers: { m: { type: "stdio", command: "${PLUGIN_ROOT}/m" } } }),
        "skills/s/SKILL.md": markdown("s"),
        "commands/c.md": markdown("c"),
        ".mcp.json": JSON.stringify({ other: { command: "x" } }),
      }),
    );
    expect(reading.manifest).toMatchObject({ format: "agent-plugins", name: "ap", version: "1.0.0" });
    expect(namesOf(reading.manifest)).toStrictEqual(["skill s", "mcp m"]);
    expect(reading.diagnostics).toStrictEqual([]);
  });

  it("listed by an entry, a root plugin.json beside the other format counts only when it names its own", () => {
    const files = {
      "skills/s/SKILL.md": markdown("s"),
      "commands/c.md": markdown("c"),
      "more/t/SKILL.md": markdown("t"),
    };
    const entry = entryOf({ skills: "./more", agents: "./a.md" });
    const other = readPlugin(memoryTree({ ...files, "plugin.json": JSON.stringify({ name: "ap" }) }), {
      entry: entryOf({}),
    });
    expect(other.manifest?.format).toBe("entry");
    expect(namesOf(other.manifest)).toStrictEqual(["skill s", "command c"]);
    expect(other.diagnostics).toMatchObject([{ code: "W_MANIFEST_IGNORED", file: "plugin.json" }]);
    const $schema = "https://agent-plugins.example/schemas/1.0.0/plugin.schema.json";
    const own = readPlugin(memoryTree({ ...files, "plugin.json": JSON.stringify({ $schema, name: "ap" }) }), { entry });
    expect(own.manifest).toMatchObject({ format: "agent-plugins", name: "ap" });
    expect(namesOf(own.manifest)).toStrictEqual(["skill s", "skill t"]);
    expect(own.diagnostics).toMatchObject([{ code: "W_ENTRY_IGNORED" }]);
  });

  it("listed by an entry, a package that holds nothing of the other format keeps its version and its servers", () => {
    const files = {
      "plugin.json": JSON.stringify({ name: "ap", version: "1.2.0" }),
      "mcp.json": JSON.stringify({ mcpServers: { m: { type: "stdio", command: "m" } } }),
    };
    const { manifest, diagnostics } = readPlugin(memoryTree(files), { entry: entryOf({ description: "d" }) });
    expect(manifest).toMatchObject({ format: "agent-plugins", name: "ap", version: "1.2.0", description: "d" });
    expect(namesOf(manifest)).toStrictEqual(["mcp m"]);
    expect(diagnostics).toStrictEqual([]);
  });

  it.each<[string, Readonly<Record<string, MemoryFile>>, object]>([
    ["another shape", { "plugin.json": '{"name":"ap","version":1}', "mcp.json": "{}" }, {}],
    ["a name that is none", { "plugin.json": '{"name":"a b"}', "mcp.json": "{}" }, {}],
    ["another schema", { "plugin.json": '{"name":"ap","$schema":"https://x.example"}', "mcp.json": "{}" }, {}],
    ["nothing of the layout beside it", { "plugin.json": '{"name":"ap"}' }, {}],
    [
      "a place of the other format beside it",
      { "plugin.json": '{"name":"ap"}', "mcp.json": "{}", ".mcp.json": "{}" },
      {},
    ],
    ["an entry of the other format", { "plugin.json": '{"name":"ap"}', "mcp.json": "{}" }, { mcpServers: {} }],
    ["an entry that is the manifest", { "plugin.json": '{"name":"ap"}', "mcp.json": "{}" }, { strict: false }],
  ])("listed by an entry, a root plugin.json with %s is not read, with a warning", (_, files, raw) => {
    const { manifest, diagnostics } = readPlugin(memoryTree(files), { entry: entryOf({ ...raw }) });
    expect(manifest).toMatchObject({ format: "entry", name: "listed" });
    expect(diagnostics.map(({ code }) => code)).toContain("W_MANIFEST_IGNORED");
  });

  it("a bare skill is a plugin under the caller's name, of one skill under its own", () => {
    const reading = readPlugin(memoryTree({ "SKILL.md": markdown("x", "d") }), { fallbackName: "loose" });
    expect(reading.manifest).toMatchObject({
      format: "skill-folder",
      name: "loose",
      contributions: [{ kind: "skill", name: "x", description: "d" }],
    });
  });

  it("a folder of skills is a plugin of all of them", () => {
    const reading = readPlugin(memoryTree({ "a/SKILL.md": markdown("a"), "b/SKILL.md": markdown("b"), ".git/x": "" }), {
      fallbackName: "user",
    });
    expect(namesOf(reading.manifest)).toStrictEqual(["skill a", "skill b"]);
  });

  it("a tree that is no plugin says so", () => {
    expect(readPlugin(memoryTree({ "README.md": "" }), { fallbackName: "x" })).toMatchObject({
      manifest: undefined,
      diagnostics: [{ code: "E_MANIFEST", dropped: "plugin" }],
    });
  });
});

describe("what can execute", () => {
  it("is everything, with full commands and the files they name", () => {
    const { manifest } = readOf(
      {
        name: "p",
        mcpServers: {
          local: { command: "node", args: ["${CLAUDE_PLUGIN_ROOT}/srv/main.js", "a b"], env: { K: "v w" } },
          far: { type: "http", url: "https://x/mcp", headersHelper: "./head.sh" },
        },
        lspServers: { l: { command: "l", args: ["--stdio"], extensionToLanguage: { ".l": "l" } } },
        monitors: [{ name: "w", command: "tail -f x", description: "d" }],
        plugsmith: { entry: "./code/main.ts" },
      },
      {
        "hooks/hooks.json": hookFile("Stop", '"${CLAUDE_PLUGIN_ROOT}"/hooks/a.sh --all; ./b.sh'),
        "skills/s/SKILL.md":
          "---\ndescription: d\nhooks:\n  Stop:\n    - hooks:\n        - type: prompt\n          prompt: judge it\n---\n!`git status`",
        "commands/c.md": "!`${CLAUDE_PLUGIN_ROOT}/x.sh`",
        "bin/tool": { text: "", executable: true },
        "workflows/f.js": "",
      },
    );
    expect(executables(manifest!)).toStrictEqual([
      { kind: "injection", name: "skill/s", display: "git status", files: ["skills/s/SKILL.md"] },
      { kind: "hook", name: "skill/s Stop", display: "prompt: judge it", files: [] },
      { kind: "injection", name: "command/c", display: "${CLAUDE_PLUGIN_ROOT}/x.sh", files: ["commands/c.md", "x.sh"] },
      {
        kind: "hook",
        name: "Stop",
        display: '"${CLAUDE_PLUGIN_ROOT}"/hooks/a.sh --all; ./b.sh',
        files: ["hooks/a.sh", "b.sh"],
      },
      { kind: "mcp", name: "far", display: "https://x/mcp (headers from: ./head.sh)", files: ["head.sh"] },
      {
        kind: "mcp",
        name: "local",
        display: "K='v w' node ${CLAUDE_PLUGIN_ROOT}/srv/main.js 'a b'",
        files: ["srv/main.js"],
      },
      { kind: "lsp", name: "l", display: "l --stdio", files: [] },
      { kind: "monitor", name: "w", display: "tail -f x", files: [] },
      { kind: "workflow", name: "f", display: "workflows/f.js", files: ["workflows/f.js"] },
      { kind: "bin", name: "tool", display: "bin/tool", files: ["bin/tool"] },
      {
        kind: "entry",
        name: "p",
        display: "./code/main.ts (asks for nothing beyond its own files)",
        files: ["code/main.ts"],
      },
    ]);
  });

  it("is nothing in a plugin of text", () => {
    expect(
      executables(
        readOf({ name: "p" }, { "skills/s/SKILL.md": markdown("s"), "agents/a.md": markdown("a") }).manifest!,
      ),
    ).toStrictEqual([]);
  });
});

describe("the token estimate", () => {
  it("counts names and descriptions of what is listed to the model", () => {
    const files = {
      "skills/s/SKILL.md": "---\ndescription: 12345678\n---\n",
      "commands/h.md": "---\ndescription: hidden\ndisable-model-invocation: true\n---\n",
      "agents/a.md": "---\ndescription: 1234\n---\n",
    };
    expect(tokenEstimate(readOf({ name: "p" }, files).manifest!)).toBe(
      Math.ceil(("p:s".length + 8 + "p:a".length + 4) / 4),
    );
  });

  it("counts a long description only as far as it is listed", () => {
    const files = { "skills/s/SKILL.md": `---\ndescription: ${"x".repeat(5000)}\n---\n` };
    expect(tokenEstimate(readOf({ name: "p" }, files).manifest!)).toBe(Math.ceil((3 + 1536) / 4));
  });
});

describe("the strict view", () => {
  const complete = { name: "good-plugin", version: "1.0.0", description: "d", author: { name: "a" } };
  const codes = (manifest: object, files: Readonly<Record<string, MemoryFile>> = {}): readonly string[] =>
    validatePlugin(memoryTree(filesOf(manifest, files))).diagnostics.map(({ code, severity }) => `${severity} ${code}`);

  it.each([
    ["nothing in a complete plugin", {}, {}, []],
    [
      "missing fields",
      { version: undefined, description: undefined, author: undefined },
      {},
      ["warning W_FIELD_MISSING", "warning W_FIELD_MISSING", "warning W_FIELD_MISSING"],
    ],
    ["unknown keys", { keyword: [] }, {}, ["warning W_UNKNOWN_KEY"]],
    ["a name of another vendor", { name: "claude-tools" }, {}, ["error E_NAME"]],
    ["a name that is not kebab-case", { name: "Good.Plugin" }, {}, ["warning W_NAME_STYLE"]],
    [
      "front matter that had to be salvaged",
      {},
      { "agents/a.md": "---\ndescription: a\n<x>\n---\n" },
      ["error W_FRONTMATTER_SALVAGED"],
    ],
    [
      "front matter that had to be quoted",
      {},
      { "agents/a.md": "---\ndescription: a: b\n---\n" },
      ["warning W_FRONTMATTER_QUOTED"],
    ],
    ["a path without prefix", { agents: ["agents/a.md"] }, { "agents/a.md": markdown("a") }, ["error W_PATH_PREFIX"]],
    ["a path that is missing", { commands: "./commands/" }, {}, ["error E_NOT_FOUND"]],
    ["a CLAUDE.md", {}, { "CLAUDE.md": "" }, ["warning W_CLAUDE_MD"]],
    ["a channel without its server", { channels: [{ server: "s" }] }, {}, ["error E_SCHEMA"]],
    ["a skill of another name", {}, { "skills/a/SKILL.md": markdown("b") }, ["info I_SKILL_FOLDER"]],
  ])("reports %s", (_, change, files, expected) => {
    expect(codes({ ...complete, ...change }, files)).toStrictEqual(expected);
  });

  it("reports what the reader reports", () => {
    expect(codes({ name: 1 })).toContain("error E_SCHEMA");
  });
});
