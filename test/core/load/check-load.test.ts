import { chmodSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkLoad, type LoadHost } from "../../../core/load/check-load.ts";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import type { LoadCandidate } from "../../../plugin-api/service-contracts.ts";
import type { Contribution, HookHandler, PluginManifest } from "../../../schemas/plugin-manifest.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const where = { file: "plugin.json", line: 3, column: 5 };
const host: LoadHost = { version: "1.4.0", searchPath: "", isInstalled: () => false };

function candidate(home: TemporaryHome, id: string, manifest: Partial<PluginManifest>): LoadCandidate {
  home.write(`${id}/README.md`, "");
  return {
    id,
    directory: home.path(id),
    tree: openDirectoryTree(home.path(id)),
    manifest: {
      schema: 1,
      format: "claude-code",
      name: id.split("@")[0] ?? "",
      keywords: [],
      defaultEnabled: true,
      dependencies: [],
      userConfig: {},
      channels: [],
      settings: {},
      contributions: [],
      provenance: { "plugsmith.engine": where },
      ...manifest,
    },
  };
}

function check(
  home: TemporaryHome,
  manifest: Partial<PluginManifest>,
  changed: Partial<LoadHost> = {},
): readonly string[] {
  const [findings = []] = checkLoad([candidate(home, "one@m", manifest)], { ...host, ...changed });
  return findings.map(({ severity, code, message }) => `${severity} ${code} ${message}`);
}

const hook = (handler: HookHandler, matcher?: string): Contribution => ({
  kind: "hook",
  event: "PreToolUse",
  matcher,
  handler,
  where,
});
const stdio = (name: string, command: string): Contribution => ({
  kind: "mcp",
  name,
  config: { transport: "stdio", command, args: [], env: {} },
  where,
});
const lsp = (name: string, ...extensions: readonly string[]): Contribution => ({
  kind: "lsp",
  name,
  command: "/bin/sh",
  args: [],
  env: {},
  extensionToLanguage: Object.fromEntries(extensions.map((extension) => [extension, "text"])),
  options: {},
  where,
});

describe("the load check", () => {
  it("finds nothing in a plugin that loads", () => {
    using home = temporaryHome();
    home.write("one@m/skills/s/SKILL.md", "# s");
    const skill: Contribution = {
      kind: "skill",
      name: "s",
      path: "skills/s",
      file: "skills/s/SKILL.md",
      description: "",
      fields: {},
      modelInvocable: true,
      userInvocable: true,
    };
    const command: Contribution = { kind: "command", name: "c", content: "text", description: "", fields: {} };
    expect(
      check(home, {
        contributions: [skill, command, hook({ type: "command", command: "echo" })],
        plugsmith: { engine: "^1.2.0" },
      }),
    ).toEqual([]);
  });

  it("refuses a plugin whose engine range leaves our version out, also a range that is none", () => {
    using home = temporaryHome();
    const engines = ["^1.0.0", ">=1.4.0", "2.x", "<1.4.0", "soon"];
    expect(engines.map((engine) => check(home, { plugsmith: { engine } }).length)).toEqual([0, 0, 1, 1, 1]);
    expect(check(home, { plugsmith: { engine: ">=1.4.0" } }, { version: "1.5.0-rc.1" })).toEqual([]);
    expect(checkLoad([candidate(home, "one@m", { plugsmith: { engine: "2.x" } })], host)[0]).toMatchObject([
      { code: "E_WOULD_NOT_LOAD", severity: "error", dropped: "plugin", line: 3 },
    ]);
  });

  it("refuses a plugin that would speak for the host", () => {
    using home = temporaryHome();
    const provides = (...keys: readonly string[]) => check(home, { plugsmith: { provides: keys } });
    expect(provides("clock", "other/clock")).toEqual([]);
    expect(provides("clock", "plugsmith/person")).toEqual([
      "error E_WOULD_NOT_LOAD the plugin provides `plugsmith/person`, which speaks for the host: only code in the host's own process may",
    ]);
  });

  it("refuses a plugin that names a file which is not there", () => {
    using home = temporaryHome();
    const agent: Contribution = { kind: "agent", name: "a", file: "agents/a.md", description: "", fields: {} };
    const bin: Contribution = { kind: "bin", name: "tool", file: "bin" };
    home.write("one@m/bin/tool", "");
    expect(check(home, { contributions: [agent, bin], plugsmith: { entry: "./dist/index.js" } })).toEqual([
      "error E_NOT_FOUND the entry names `dist/index.js`, which is not a file of the plugin",
      "error E_NOT_FOUND agent `a` names `agents/a.md`, which is not a file of the plugin",
      "error E_NOT_FOUND bin `tool` names `bin`, which is not a file of the plugin",
    ]);
  });

  it("HK02: refuses a user's option wherever a shell would read its value", () => {
    using home = temporaryHome();
    const unsafe = "run ${user_config.token}";
    const inSkill: Contribution = {
      kind: "skill",
      name: "s",
      path: "",
      file: "README.md",
      description: "",
      fields: {},
      modelInvocable: true,
      userInvocable: true,
      hooks: [{ kind: "hook", event: "Stop", handler: { type: "command", command: unsafe }, where }],
    };
    const found = check(home, {
      contributions: [
        hook({ type: "command", command: unsafe }),
        hook({ type: "command", command: "run", args: ["${user_config.token}"] }),
        inSkill,
        { kind: "monitor", name: "watch", command: unsafe, description: "", when: "always", where },
        {
          kind: "mcp",
          name: "web",
          config: { transport: "http", url: "https://h.example/${user_config.x}", headers: {}, headersHelper: unsafe },
          where,
        },
      ],
    });
    expect(found.map((line) => line.slice(0, line.indexOf(" puts")))).toEqual([
      "error E_WOULD_NOT_LOAD the PreToolUse hook",
      "error E_WOULD_NOT_LOAD the Stop hook",
      "error E_WOULD_NOT_LOAD monitor `watch`",
      "error E_WOULD_NOT_LOAD the headers helper of MCP server `web`",
    ]);
  });

  it("refuses a hook that calls anything but the web, and warns of a matcher that never matches", () => {
    using home = temporaryHome();
    const urls = [
      "https://h.example/x",
      "http://127.0.0.1:1/",
      "https://$HOST/x",
      "file:///etc/passwd",
      "javascript:x",
      "nowhere",
    ];
    expect(urls.map((url) => check(home, { contributions: [hook({ type: "http", url })] }).length)).toEqual([
      0, 0, 0, 1, 1, 1,
    ]);
    const matchers = ["", "*", "Bash|Edit", "mcp__.*", "Read, Write-x", "(", "*.ts"];
    const found = matchers.map((matcher) =>
      check(home, { contributions: [hook({ type: "command", command: "x" }, matcher)] }),
    );
    expect(found.map((lines) => lines.map((line) => line.split(" ", 2).join(" ")))).toEqual([
      [],
      [],
      [],
      [],
      [],
      ["warning W_HOOK_MATCHER"],
      ["warning W_HOOK_MATCHER"],
    ]);
  });

  it("warns of code for another host", () => {
    using home = temporaryHome();
    home.write("one@m/hooks/mod.js", "");
    expect(check(home, { contributions: [{ kind: "mod", name: "mod", file: "hooks/mod.js" }] })).toEqual([
      "warning W_MOD_UNSUPPORTED `hooks/mod.js` is in-process code for another host and does not run here",
    ]);
  });

  it("refuses a dependency that is neither a candidate nor installed, in the declarer's marketplace unless it names another", () => {
    using home = temporaryHome();
    const dependencies = [
      { name: "near", range: "*", where },
      { name: "far", market: "n", range: "*", where },
      { name: "two", range: "^9", where },
      { name: "one", range: "*", where },
    ];
    const pair = [
      candidate(home, "one@m", { dependencies }),
      candidate(home, "two@m", { dependencies: [{ name: "one", range: "*", where }] }),
    ];
    const missing = (isInstalled: LoadHost["isInstalled"]): readonly (readonly (string | undefined)[])[] =>
      checkLoad(pair, { ...host, isInstalled }).map((findings) => findings.map(({ hint }) => hint));
    expect(missing(() => false)).toEqual([["`plugin add near@m`", "`plugin add far@n`"], []]);
    expect(missing((id) => id === "far@n")).toEqual([["`plugin add near@m`"], []]);
    expect(missing(() => true)).toEqual([[], []]);
  });

  it("warns of the second language server for a file extension, in one plugin or in two", () => {
    using home = temporaryHome();
    const candidates = [
      candidate(home, "one@m", { contributions: [lsp("a", ".ts", ".js"), lsp("b", ".js")] }),
      candidate(home, "two@m", { contributions: [lsp("c", ".ts", ".py")] }),
    ];
    const messages = checkLoad(candidates, host).map((findings) =>
      findings.map(({ code, message }) => `${code} ${message}`),
    );
    expect(messages).toEqual([
      ["W_LSP_EXTENSION language server `b` of `one@m` is not asked about `.js` files: `a` of `one@m` is"],
      ["W_LSP_EXTENSION language server `c` of `two@m` is not asked about `.ts` files: `a` of `one@m` is"],
    ]);
  });

  it("only mentions a program that is not installed, and looks for it where it would be started", () => {
    using home = temporaryHome();
    chmodSync(home.write("bin/found", ""), 0o755);
    chmodSync(home.write("bin/not-executable", ""), 0o644);
    chmodSync(home.write("one@m/server/run", ""), 0o755);
    const commands: Readonly<Record<string, boolean>> = {
      found: true,
      "not-executable": false,
      absent: false,
      "/bin/sh": true,
      "/bin": false,
      "/absent/sh": false,
      "./server/run": true,
      "server/absent": false,
      "../bin/found": false,
      "${CLAUDE_PLUGIN_ROOT}/server/run": true,
      "${PLUGIN_ROOT}/server/absent": false,
      "${CLAUDE_PLUGIN_ROOT}/../bin/found": false,
      "${HOME}/anything": true,
    };
    const contributions = Object.keys(commands).map((command) => stdio("s", command));
    const found = check(home, { contributions }, { searchPath: `relative:${home.path("absent")}:${home.path("bin")}` });
    const missing = Object.keys(commands).filter((command) => commands[command] === false);
    expect(found).toEqual(
      missing.map((command) => `info I_PROGRAM_MISSING MCP server \`s\` starts \`${command}\`, which was not found`),
    );
  });
});
