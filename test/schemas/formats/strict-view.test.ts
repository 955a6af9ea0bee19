import { describe, expect, it } from "vitest";
import { memoryTree, validatePlugin } from "../../../schemas/formats/index.ts";
import { filesOf, hookFile, markdown } from "./plugin-fixture.ts";

const errorsOf = (manifest: object, files: Readonly<Record<string, string>> = {}): readonly string[] =>
  validatePlugin(memoryTree(filesOf({ name: "p", ...manifest }, files)))
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ code }) => code);
const front = (text: string): Readonly<Record<string, string>> => {
  const document = `---\n${text}\n---\ntext\n`;
  return { "skills/s/SKILL.md": document, "commands/c.md": document, "agents/a.md": document };
};
const three = (code: string): readonly string[] => [code, code, code];
const servers = (server: object): Readonly<Record<string, string>> => ({
  ".mcp.json": JSON.stringify({ mcpServers: { s: server } }),
});
const option = { type: "string", title: "t", description: "d" };

describe("the strict view of front matter", () => {
  it.each([
    ["a name that is a number", "name: 1\ndescription: d", three("W_FIELD_MISTYPED")],
    ["a name that is a list", "name: [a]\ndescription: d", three("W_FIELD_MISTYPED")],
    ["a description that is a list", "name: x\ndescription: [d]", three("W_FIELD_MISTYPED")],
    ["a description that is a number", "name: x\ndescription: 1", []],
    ["a value left empty", "name:\ndescription:", []],
    ["tools that are a mapping", "description: d\nallowed-tools: {a: b}", three("W_FIELD_MISTYPED")],
    ["tools in a nested list", "description: d\nallowed-tools: [[a]]", three("W_FIELD_MISTYPED")],
    ["tools in a list", "description: d\nallowed-tools: [Read, Bash]", []],
    ["another shell, which agents do not have", "description: d\nshell: zsh", ["W_FIELD_MISTYPED", "W_FIELD_MISTYPED"]],
    ["a value that ends with a colon", "name: x\ndescription: for:", three("W_FRONTMATTER_SALVAGED")],
    ["a value that begins with a comma", "name: x\ndescription: , d", []],
    ["a glob without quotes", "name: x\ndescription: d\nglobs: *.ts", []],
    ["tabs that indent a list", "name: x\ndescription: d\ntools:\n\t- Read", []],
    ["tabs that indent everything", "\tname: x\n\tdescription: d", []],
    ["a null byte", "name: x\ndescription: a\0b", three("W_FRONTMATTER_SALVAGED")],
    ["null for everything", "null", []],
  ])("judges %s", (_, text, codes) => {
    expect(errorsOf({}, front(text))).toStrictEqual(codes);
  });
});

describe("the strict view of servers and hooks", () => {
  it.each<[string, object, Readonly<Record<string, string>>, readonly string[]]>([
    ["an address without a type", {}, servers({ url: "https://x" }), ["W_MCP_TYPE"]],
    ["an address that is none", {}, servers({ type: "http", url: "https://<host>/x" }), ["W_MCP_URL"]],
    ["an address with a variable", {}, servers({ type: "http", url: "${HOST}/x" }), []],
    ["an option that is declared", { userConfig: { k: option } }, servers({ command: "${user_config.k}" }), []],
    ["an option in other case", { userConfig: { K: option } }, servers({ command: "${user_config.k}" }), ["E_SCHEMA"]],
    [
      "an option in a header",
      {},
      servers({ type: "http", url: "https://x", headers: { a: "${user_config.k}" } }),
      ["E_SCHEMA"],
    ],
    ["a second wrapper", { mcpServers: { mcpServers: { s: { command: "x" } } } }, {}, ["W_MCP_WRAPPED"]],
    ["a schema beside bare servers", {}, { ".mcp.json": '{"$schema": "x", "s": {"command": "x"}}' }, ["E_SCHEMA"]],
    ["a marked server file", {}, { ".mcp.json": '\ufeff{"mcpServers": {}}' }, ["W_JSON_MARK"]],
    ["a marked hook file", {}, { "hooks/hooks.json": `\ufeff${hookFile("Stop", "x")}` }, ["W_JSON_MARK"]],
    ["a marked manifest of language servers", {}, { ".lsp.json": "\ufeff{}" }, []],
    ["hooks in a file of another ending", { hooks: "./h.txt" }, { "h.txt": hookFile("Stop", "x") }, ["E_SCHEMA"]],
    ["a description that is a number", {}, { "hooks/hooks.json": '{"description": 1, "hooks": {}}' }, ["E_SCHEMA"]],
    ["inline hooks under `hooks`", { hooks: JSON.parse(hookFile("Stop", "x")) }, {}, []],
    ["inline guards under `hooks`", { hooks: JSON.parse(hookFile("PreToolUse", "x")) }, {}, ["E_SCHEMA"]],
    ["a dot that stands for styles", { outputStyles: "." }, { "a.md": markdown("a") }, ["W_PATH_PREFIX"]],
    [
      "a monitor without words",
      { experimental: { monitors: [{ name: "m", command: "x", description: "" }] } },
      {},
      ["E_SCHEMA"],
    ],
    [
      "an empty argument",
      { lspServers: { s: { command: "x", args: [""], extensionToLanguage: { ".x": "x" } } } },
      {},
      ["E_SCHEMA"],
    ],
  ])("judges %s", (_, manifest, files, codes) => {
    expect(errorsOf(manifest, files)).toStrictEqual(codes);
  });
});
