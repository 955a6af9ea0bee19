import { describe, expect, it } from "vitest";
import { entryOf, findingsOf, hookFile, markdown, namesOf, readOf } from "./plugin-fixture.ts";

const skill = (name: string): Record<string, string> => ({ [`skills/${name}/SKILL.md`]: markdown(name) });
const mcp = (command: string): object => ({ command });

describe("default folders and manifest keys", () => {
  it("every default place is read", () => {
    const { manifest, diagnostics } = readOf(
      { name: "p" },
      {
        ...skill("s"),
        "commands/a/b.md": markdown("ignored"),
        "agents/x/y.md": markdown("y"),
        "hooks/hooks.json": hookFile("Stop", "run"),
        ".mcp.json": JSON.stringify({ mcpServers: { m: mcp("m") } }),
        ".lsp.json": JSON.stringify({ l: { command: "l", extensionToLanguage: { ".l": "l" } } }),
        "monitors/monitors.json": JSON.stringify([{ name: "w", command: "w", description: "w" }]),
        "output-styles/o.md": markdown("o"),
        "workflows/f.js": "",
        "workflows/readme.txt": "",
        "themes/t.json": "{}",
        "bin/tool": { text: "", executable: true },
      },
    );
    expect(namesOf(manifest)).toStrictEqual([
      "skill s",
      "command a:b",
      "agent x:y",
      "hook Stop run",
      "mcp m",
      "lsp l",
      "monitor w",
      "output-style o",
      "workflow f",
      "theme t",
      "bin tool",
    ]);
    expect(diagnostics).toStrictEqual([]);
  });

  it.each([
    [
      "skills",
      "adds",
      { skills: "./more" },
      { ...skill("a"), "more/b/SKILL.md": markdown("b") },
      ["skill a", "skill b"],
    ],
    ["skills of a folder that is one", "adds", { skills: ["./one"] }, { "one/SKILL.md": markdown("x") }, ["skill x"]],
    ["skills by a path of one", "adds", { skills: "./a.b" }, { "a.b/SKILL.md": markdown("p:x y") }, ["skill x-y"]],
    ["skills without names", "adds", { skills: "./a.b" }, { "a.b/SKILL.md": "text" }, ["skill a-b"]],
    ["odd folders of skills", "adds", { skills: "./m" }, { "m/a b.c/SKILL.md": markdown("x") }, ["skill a-b-c"]],
    [
      "commands beside a skill",
      "replaces",
      { commands: ["./m"] },
      { "m/x/SKILL.md": markdown("s"), "m/x/y.md": "text", "m/z.MD": "text" },
      ["command x", "command z"],
    ],
    [
      "skills at the root",
      "adds",
      { skills: "./" },
      { ...skill("a"), "SKILL.md": markdown("x") },
      ["skill a", "skill x"],
    ],
    [
      "commands",
      "replaces",
      { commands: "./other" },
      { "commands/a.md": markdown("a"), "other/b.md": markdown("b") },
      ["command b"],
    ],
    ["commands as a file", "replaces", { commands: ["./x/c.md"] }, { "x/c.md": markdown("c") }, ["command c"]],
    [
      "agents",
      "replaces",
      { agents: ["./x/y.md"] },
      { "agents/a.md": markdown("a"), "x/y.md": markdown("y") },
      ["agent y"],
    ],
    [
      "outputStyles",
      "replaces",
      { outputStyles: "./s" },
      { "output-styles/a.md": markdown("a"), "s/b.md": markdown("b") },
      ["output-style b"],
    ],
    [
      "experimental.themes",
      "replaces",
      { experimental: { themes: "./t" } },
      { "themes/a.json": "{}", "t/b.json": "{}" },
      ["theme b"],
    ],
    [
      "monitors",
      "replaces",
      { monitors: [{ name: "b", command: "b", description: "b" }] },
      { "monitors/monitors.json": "[]" },
      ["monitor b"],
    ],
    [
      "hooks",
      "merges",
      { hooks: "./h.json" },
      { "hooks/hooks.json": hookFile("Stop", "a"), "h.json": hookFile("Stop", "b") },
      ["hook Stop a", "hook Stop b"],
    ],
    [
      "hooks that name the default file",
      "merges",
      { hooks: "./hooks/hooks.json" },
      { "hooks/hooks.json": hookFile("Stop", "a") },
      ["hook Stop a"],
    ],
    [
      "inline hooks",
      "merges",
      { hooks: { Stop: [{ hooks: [{ type: "command", command: "c" }] }] } },
      {},
      ["hook Stop c"],
    ],
    [
      "a list of hooks",
      "merges",
      { hooks: ["./h.json", { hooks: { Stop: [] } }] },
      { "h.json": hookFile("Stop", "b") },
      ["hook Stop b"],
    ],
  ])("`%s` %s", (_, __, keys, files, names) => {
    expect(namesOf(readOf({ name: "p", ...keys }, files).manifest)).toStrictEqual(names);
  });

  it("a later MCP or LSP server of the same name replaces an earlier one", () => {
    const lsp = (command: string): object => ({ command, extensionToLanguage: { ".x": "x" } });
    const { manifest } = readOf(
      { name: "p", mcpServers: { a: mcp("new") }, lspServers: { l: lsp("new") } },
      {
        ".mcp.json": JSON.stringify({ a: mcp("old"), b: mcp("kept") }),
        ".lsp.json": JSON.stringify({ l: lsp("old") }),
      },
    );
    expect(manifest?.contributions).toMatchObject([
      { name: "a", config: { command: "new" } },
      { name: "b", config: { command: "kept" } },
      { name: "l", command: "new" },
    ]);
  });

  it("a default folder that a key replaces is named, unless the key points into it", () => {
    const files = { "commands/a.md": markdown("a"), "other/b.md": markdown("b") };
    expect(findingsOf(readOf({ name: "p", commands: "./other" }, files))).toStrictEqual([
      "W_FOLDER_IGNORED .claude-plugin/plugin.json:1",
    ]);
    expect(findingsOf(readOf({ name: "p", commands: ["./other", "./commands/a.md"] }, files))).toStrictEqual([]);
  });

  it("a SKILL.md at the root counts only without skills folder and key", () => {
    const root = { "SKILL.md": markdown("x") };
    expect(namesOf(readOf({ name: "p" }, root).manifest)).toStrictEqual(["skill x"]);
    expect(namesOf(readOf({ name: "p" }, { ...root, ...skill("a") }).manifest)).toStrictEqual(["skill a"]);
    expect(
      namesOf(readOf({ name: "p", skills: "./m" }, { ...root, "m/b/SKILL.md": markdown("b") }).manifest),
    ).toStrictEqual(["skill b"]);
  });

  it("commands may be a map of files and texts", () => {
    const commands = {
      go: { source: "./c/go.md", description: "given" },
      say: { content: "---\ndescription: d\n---\nhi", allowedTools: ["Read"] },
      bad: { source: "./a.md", content: "b" },
    };
    const { manifest, diagnostics } = readOf({ name: "p", commands }, { "c/go.md": markdown("go") });
    expect(manifest?.contributions).toMatchObject([
      { kind: "command", name: "go", file: "c/go.md", description: "given" },
      { kind: "command", name: "say", content: "hi", description: "d", fields: { allowedTools: ["Read"] } },
    ]);
    expect(diagnostics).toMatchObject([{ code: "E_SCHEMA", dropped: "command" }]);
  });
});

describe("entry and manifest", () => {
  const components = {
    commands: "./c.md",
    skills: "./m",
    agents: "./a.md",
    hooks: { Stop: [{ hooks: [{ type: "command", command: "entry" }] }] },
  };
  const files = {
    "c.md": markdown("c"),
    "m/s/SKILL.md": markdown("s"),
    "a.md": markdown("a"),
    "commands/own.md": markdown("own"),
    "hooks/hooks.json": hookFile("Stop", "own"),
  };

  it("without a manifest the entry is the manifest, servers included", () => {
    const raw = {
      version: "1.0.0",
      lspServers: { l: { command: "l", extensionToLanguage: { ".l": "l" } } },
      mcpServers: { m: mcp("m") },
      userConfig: { k: { type: "string", title: "t", description: "d" } },
    };
    for (const strict of [true, false]) {
      const { manifest } = readOf(undefined, { "README.md": "" }, { entry: entryOf({ ...raw, strict }) });
      expect(manifest).toMatchObject({
        format: "entry",
        name: "listed",
        version: "1.0.0",
        userConfig: { k: { type: "string" } },
      });
      expect(namesOf(manifest)).toStrictEqual(["mcp m", "lsp l"]);
    }
  });

  it("strict: the entry's components are added, its hooks replace an event's", () => {
    const { manifest } = readOf({ name: "p" }, files, { entry: entryOf(components) });
    expect(namesOf(manifest)).toStrictEqual(["skill s", "command c", "command own", "agent a", "hook Stop entry"]);
    expect(manifest?.name).toBe("p");
  });

  it("not strict: a manifest beside component fields is a conflict", () => {
    const reading = readOf({ name: "p" }, files, { entry: entryOf({ ...components, strict: false }) });
    expect(reading.manifest).toBeUndefined();
    expect(reading.diagnostics).toMatchObject([
      { code: "E_MANIFEST", dropped: "plugin", file: ".claude-plugin/marketplace.json", line: 7 },
    ]);
  });

  it("not strict without component fields: the manifest alone", () => {
    expect(namesOf(readOf({ name: "p" }, files, { entry: entryOf({ strict: false }) }).manifest)).toStrictEqual([
      "command own",
      "hook Stop own",
    ]);
  });

  it("with a manifest the entry's servers, options and channels are ignored with a warning", () => {
    const reading = readOf(
      { name: "p" },
      {},
      { entry: entryOf({ mcpServers: { m: mcp("m") }, lspServers: {}, userConfig: {}, channels: [] }) },
    );
    expect(namesOf(reading.manifest)).toStrictEqual([]);
    expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(
      Array.from({ length: 4 }, () => "W_ENTRY_IGNORED"),
    );
  });

  it.each([
    ["a path", "./h.json"],
    ["a list", ["./h.json"]],
  ])("hooks of an entry as %s are refused", (_, hooks) => {
    const reading = readOf({ name: "p" }, { "h.json": hookFile("Stop", "x") }, { entry: entryOf({ hooks }) });
    expect(namesOf(reading.manifest)).toStrictEqual([]);
    expect(reading.diagnostics).toMatchObject([{ code: "E_SCHEMA", dropped: "hook" }]);
  });

  it("a skills list on the marketplace root takes the default folder's place", () => {
    const tree = { ...skill("a"), ...skill("b"), "other/c/SKILL.md": markdown("c") };
    const raw = { strict: false, skills: ["./skills/a", "./other/c"] };
    expect(namesOf(readOf(undefined, tree, { entry: entryOf(raw), rootIsMarketplace: true }).manifest)).toStrictEqual([
      "skill a",
      "skill c",
    ]);
    expect(namesOf(readOf(undefined, tree, { entry: entryOf(raw) }).manifest)).toStrictEqual([
      "skill a",
      "skill b",
      "skill c",
    ]);
  });

  it("display fields of the entry win, the version of the manifest wins", () => {
    const manifestFile = { name: "p", version: "2.0.0", description: "file", author: { name: "file" }, license: "MIT" };
    const raw = { version: "1.0.0", description: "entry", author: { name: "entry", email: "e@x" }, keywords: ["k"] };
    expect(
      readOf(manifestFile, {}, { entry: { ...entryOf(raw), version: "1.0.0", defaultEnabled: false } }).manifest,
    ).toMatchObject({
      version: "2.0.0",
      description: "entry",
      author: { name: "entry", email: "e@x" },
      license: "MIT",
      keywords: ["k"],
      defaultEnabled: false,
    });
  });

  it("a field of the wrong type in an entry beside a manifest is ignored with a warning", () => {
    const reading = readOf({ name: "p" }, {}, { entry: entryOf({ homepage: "no address", skills: 5 }) });
    expect(reading.manifest?.name).toBe("p");
    expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(["W_ENTRY_FIELD", "W_ENTRY_FIELD"]);
  });

  it("dependencies of manifest and entry both count, once each", () => {
    const dependency = { name: "d", range: "*", where: { file: "m" } };
    const entry = { ...entryOf({}), dependencies: [dependency, { name: "e", range: "^1", where: { file: "m" } }] };
    const { manifest } = readOf(
      { name: "p", dependencies: ["d", { name: "f", version: "~2", marketplace: "other" }] },
      {},
      { entry },
    );
    expect(manifest?.dependencies.map(({ name, market, range }) => [name, market, range])).toStrictEqual([
      ["d", undefined, "*"],
      ["f", "other", "~2"],
      ["e", undefined, "^1"],
    ]);
  });
});
