import { describe, expect, it } from "vitest";
import type { MemoryFile } from "../../../schemas/formats/index.ts";
import { findingsOf, markdown, namesOf, readOf } from "./plugin-fixture.ts";

const KEYS = [
  "commands",
  "agents",
  "skills",
  "hooks",
  "mcpServers",
  "lspServers",
  "outputStyles",
  "workflows",
  "themes",
  "monitors",
];
const ESCAPES = ["../x", "./a/../../x", "/etc/passwd", "~/x", "$HOME/x", "file:///x", "C:/x", "..\\x"];

describe("a component path", () => {
  it.each(KEYS.flatMap((key) => ESCAPES.map((path) => [key, path] as const)))(
    "MF01: `%s: %s` drops that component only",
    (key, path) => {
      const reading = readOf(
        { name: "p", [key]: path },
        { "agents/kept.md": markdown("kept"), "skills/kept/SKILL.md": markdown("kept") },
      );
      expect(reading.manifest).toBeDefined();
      expect(namesOf(reading.manifest)).toContain(key === "agents" ? "skill kept" : "agent kept");
      const finding = reading.diagnostics.find(({ dropped }) => dropped !== undefined);
      expect(finding).toMatchObject({
        code: "E_PATH_ESCAPE",
        severity: "error",
        file: ".claude-plugin/plugin.json",
        line: 1,
      });
      expect(finding?.hint).toBeDefined();
    },
  );

  it.each([
    ["a backslash", "./a\\b", "E_PATH"],
    ["nothing", "", "E_PATH"],
    ["a control character", "./a\u0007", "E_PATH"],
    ["too much", `./${"a".repeat(1100)}`, "E_PATH"],
    ["something that is missing", "./nowhere", "E_NOT_FOUND"],
  ])("that holds %s drops that component", (_, path, code) => {
    expect(readOf({ name: "p", skills: [path] }).diagnostics).toMatchObject([{ code, dropped: "skill" }]);
  });

  it("without `./` works with a warning", () => {
    const reading = readOf({ name: "p", commands: ["c/a.md"] }, { "c/a.md": markdown("a") });
    expect(namesOf(reading.manifest)).toStrictEqual(["command a"]);
    expect(findingsOf(reading)).toStrictEqual(["W_PATH_PREFIX .claude-plugin/plugin.json:1"]);
  });

  it.each([
    ["skills", "./f.md", "skill"],
    ["agents", "./d", "agent"],
    ["commands", "./f.txt", "command"],
    ["hooks", "./d", "hook"],
    ["mcpServers", "./d", "mcp"],
    ["lspServers", "./d", "lsp"],
    ["monitors", "./d", "monitor"],
    ["commands", { c: { source: "./d" } }, "command"],
  ])("`%s: %s` names the wrong kind of thing", (key, path, dropped) => {
    const files = { "f.md": "x", "f.txt": "x", "d/x.md": "x" };
    expect(readOf({ name: "p", [key]: path }, files).diagnostics).toMatchObject([{ code: "E_SCHEMA", dropped }]);
  });
});

it.each([
  [".mcp.json", "mcp"],
  [".lsp.json", "lsp"],
  ["hooks/hooks.json", "hook"],
  ["monitors/monitors.json", "monitor"],
])("a folder at `%s` is reported", (path, dropped) => {
  const reading = readOf({ name: "p" }, { [`${path}/x.txt`]: "x" });
  expect(reading.diagnostics).toMatchObject([{ code: "E_SCHEMA", severity: "error", file: path, dropped }]);
  expect(reading.manifest).toBeDefined();
});

describe("links", () => {
  const secret = "never shown";
  const cases: readonly (readonly [string, Readonly<Record<string, MemoryFile>>, string])[] = [
    ["SKILL.md", { "skills/x/SKILL.md": { link: "../../../outside" } }, "skill"],
    ["a skill folder", { "skills/x": { link: "/etc" } }, "skill"],
    ["a command", { "commands/x.md": { link: "../../secret.md" } }, "command"],
    ["a command folder", { "commands/x": { link: "../.." } }, "command"],
    ["an agent", { "agents/x.md": { link: "/root/.profile" } }, "agent"],
    ["the hook file", { "hooks/hooks.json": { link: "../../hooks.json" } }, "hook"],
    ["the MCP file", { ".mcp.json": { link: "../.mcp.json" } }, "mcp"],
    ["the LSP file", { ".lsp.json": { link: "gone" } }, "lsp"],
    ["an executable", { "bin/x": { link: "/bin/sh" } }, "bin"],
    ["a loop (PS04)", { "skills/x": { link: "y" }, "skills/y": { link: "x" } }, "skill"],
  ];
  it.each(cases)("PS03: that leave the plugin: %s is dropped with a located warning", (_, files, dropped) => {
    const reading = readOf({ name: "p" }, { ...files, "output-styles/kept.md": markdown("kept") });
    expect(namesOf(reading.manifest)).toStrictEqual(["output-style kept"]);
    expect(JSON.stringify(reading.manifest)).not.toContain(secret);
    expect(reading.diagnostics.length).toBeGreaterThan(0);
    for (const finding of reading.diagnostics)
      expect(finding).toMatchObject({ code: "E_PATH_ESCAPE", severity: "warning", dropped, line: 1 });
  });

  it("that stay inside are followed, each target once", () => {
    const files: Readonly<Record<string, MemoryFile>> = {
      "shared/s/SKILL.md": markdown("s"),
      "skills/s": { link: "../shared/s" },
      "skills/t": { link: "../shared/s" },
      "commands/a.md": { link: "../shared/s/SKILL.md" },
    };
    const reading = readOf({ name: "p" }, files);
    expect(namesOf(reading.manifest)).toStrictEqual(["skill s", "command a"]);
    expect(reading.diagnostics).toStrictEqual([]);
  });

  it("PS04: to a folder above end the walk", () => {
    const files: Readonly<Record<string, MemoryFile>> = {
      "commands/a.md": markdown("a"),
      "commands/up": { link: "." },
      "agents/b.md": markdown("b"),
      "agents/root": { link: ".." },
    };
    expect(namesOf(readOf({ name: "p" }, files).manifest).slice(0, 1)).toStrictEqual(["command a"]);
  });

  it("in place of the manifest turn the plugin off", () => {
    const reading = readOf(undefined, { ".claude-plugin/plugin.json": { link: "../../plugin.json" } });
    expect(reading).toMatchObject({
      manifest: undefined,
      diagnostics: [{ code: "E_PATH_ESCAPE", severity: "error", dropped: "plugin" }],
    });
  });
});

describe("folders of others", () => {
  it("`node_modules` holds no components", () => {
    const files = {
      "commands/node_modules/x/a.md": markdown("a"),
      "agents/node_modules/b.md": markdown("b"),
      "commands/c.md": markdown("c"),
    };
    expect(namesOf(readOf({ name: "p" }, files).manifest)).toStrictEqual(["command c"]);
  });
});
