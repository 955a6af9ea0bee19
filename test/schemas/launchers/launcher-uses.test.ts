import { describe, expect, it } from "vitest";
import { hookCall, type LauncherUse, readLine, readList } from "../../../schemas/launchers/launcher-uses.ts";
import { launcherProgram, startLocked } from "../../../schemas/launchers/start-locked.ts";
import type { HookContribution, McpContribution } from "../../../schemas/plugin-manifest.ts";

const where = { file: "hooks.json" };
const ROOT = "${CLAUDE_PLUGIN_ROOT}";

/** `packages > program`, `oci:image`, `! reason`, or `none`. */
function told(call: LauncherUse["call"] | undefined): string {
  if (call === undefined) return "none";
  if (call.kind === "refused") return `! ${call.reason}`;
  return launcherProgram(call);
}

const PYTHON = "downloads packages of Python, and only npm packages and container images are locked";

const LISTS: readonly (readonly [words: string, expected: string])[] = [
  ["npx -y @azure/mcp@latest server start", "@azure/mcp@latest"],
  ["npx @playwright/mcp", "@playwright/mcp"],
  ["npx --yes @upstash/context7-mcp@2.1.4 --api-key x", "@upstash/context7-mcp@2.1.4"],
  ["npx -y @toolbox-sdk/server@>=1.1.0 --prebuilt bigquery", "@toolbox-sdk/server@>=1.1.0"],
  ["npx mcp-remote@^0.1 https://mcp.linear.app/mcp", "mcp-remote@^0.1"],
  ["npx -y -- mcp-server -y", "mcp-server"],
  ["npx -q --prefer-offline mcp-server", "mcp-server"],
  ["npx.cmd -y mcp-server", "mcp-server"],
  ["cmd /c npx -y mcp-server", "mcp-server"],
  ["cmd.exe /d /s /c npx mcp-server", "mcp-server"],
  ["env A=b npx -y mcp-server", "mcp-server"],
  ["npx -y --package=@scope/tool@2 tool --stdio", "@scope/tool@2 > tool"],
  ["npx -p a@1 -p b b-cli", "a@1, b > b-cli"],
  ["npm exec -y mcp-server -- --stdio", "mcp-server"],
  ["npm x --package tool -- tool-cli --stdio", "tool > tool-cli"],
  ["npm exec mcp-server", "mcp-server"],
  ["npm exec mcp-server --stdio", "! its option `--stdio` after the package is not followed"],
  ["bunx mcp-server@1", "mcp-server@1"],
  ["bun x mcp-server", "mcp-server"],
  ["pnpm dlx mcp-server@~1.2", "mcp-server@~1.2"],
  ["pnpm --package=tool dlx tool-cli", "none"],
  ["pnpm dlx --package=tool tool-cli a", "tool > tool-cli"],
  ["pnpx mcp-server", "mcp-server"],
  ["yarn dlx -q mcp-server", "mcp-server"],
  ["bunx --bun mcp-server", "! its option `--bun` is not followed"],
  ["npx --registry=https://r.example x", "! its option `--registry` is not followed"],
  ["npx -c mcp-server", "! `-c` gives it a line for a shell"],
  ["npx -y", "! no package is named"],
  ["npx -p", "! no package is named"],
  [
    "npx -y git+https://github.com/acme/tool.git",
    "! it starts a repository, and only packages of a registry are locked",
  ],
  ["npx -y acme/tool", "! it starts a repository, and only packages of a registry are locked"],
  ["npx -y github:acme/tool#main", "! it starts a repository, and only packages of a registry are locked"],
  ["npx -y https://example.com/a.tgz", "! it starts a repository, and only packages of a registry are locked"],
  ["npx -y ./server", "! it starts a folder, and only packages of a registry are locked"],
  [`npx -y ${ROOT}/server`, "! which package it starts is filled in later"],
  ["npx -y tool@${VERSION}", "! which package it starts is filled in later"],
  ["npx -y Tool@npm:other", "! it asks for what is neither a version, a range nor a tag"],
  ["npx --no-install eslint", "none"],
  ["npx --no eslint", "none"],
  ["node server.js", "none"],
  ["npm run start", "none"],
  ["bun run --cwd x start", "none"],
  ["uvx some-server", `! \`uvx\` ${PYTHON}`],
  ["cmd /c uv tool run x", `! \`uv tool run\` ${PYTHON}`],
  ["uv run server.py", "none"],
  ["${NPX} -y tool", "none"],
];

const LINES: readonly (readonly [line: string, expected: string])[] = [
  ['npx -y tool@1 --fix "$FILE" 2>/dev/null', "tool@1"],
  ["A=1 B='x y' npx -y tool@1", "tool@1"],
  ["exec npx -y tool", "tool"],
  ["npx -y 'tool@1' > /tmp/log 2>&1\n", "tool@1"],
  ['npx -y "tool@$V"', "! which package it starts is filled in later"],
  ["npx -y tool; echo done", "! it stands in a shell line of more than one command"],
  ["npx -y tool || true", "! it stands in a shell line of more than one command"],
  ["cat | npx -y tool", "! it stands in a shell line of more than one command"],
  ["cd x && npx tool@1", "! it stands in a shell line of more than one command"],
  ["echo $(npx -y tool)", "! it stands in a shell line of more than one command"],
  ["command -v npx >/dev/null || exit 0", "none"],
  ["echo npx", "none"],
  ["echo 'npx -y tool", "! it stands in a shell line of more than one command"],
];

const HOOKS: readonly (readonly [command: string, args: readonly string[] | undefined, expected: string])[] = [
  ["npx prettier --write x", undefined, "! without a version it starts the project's own copy where there is one"],
  ["npx", ["eslint", "."], "! without a version it starts the project's own copy where there is one"],
  ["npx -y prettier --write x", undefined, "prettier"],
  ["npx prettier@3 --write x", undefined, "prettier@3"],
  ["pnpm dlx prettier --write x", undefined, "prettier"],
  [`npx tsx ${ROOT}/hooks/a.ts`, undefined, "tsx"],
  [`npx tsx "${ROOT}/hooks/a.ts"`, undefined, "tsx"],
  ["npx", ["tsx", `${ROOT}/hooks/a.ts`], "tsx"],
];

function hook(command: string, args?: readonly string[]): HookContribution {
  return { kind: "hook", event: "Stop", handler: { type: "command", command, args }, where };
}

function server(words: string): McpContribution {
  const [command = "", ...args] = words.split(" ");
  return { kind: "mcp", name: "s", config: { transport: "stdio", command, args, env: {} }, where };
}

describe("a command that downloads what it starts", () => {
  it.each(LISTS)("is read from a list of words: %s", (words, expected) => {
    const [command = "", ...args] = words.split(" ");
    expect(told(readList(command, args))).toBe(expected);
  });

  it.each(LINES)("is read from a line for a shell: %s", (line, expected) => {
    expect(told(readLine(line))).toBe(expected);
  });

  it.each(HOOKS)("is the project's own tool in a hook unless that says otherwise: %s %j", (command, args, expected) => {
    expect(told(hookCall(hook(command, args)))).toBe(expected);
  });

  it("is told where a shell or PowerShell stands between", () => {
    expect(told(readList("bash", ["-lc", "npx -y tool"]))).toBe("! it stands in a line for a shell");
    const powershell = hook("npx -y tool");
    const handler = { type: "command", command: "npx -y tool", shell: "powershell" } as const;
    expect(told(hookCall({ ...powershell, handler }))).toBe("! it stands in a line for PowerShell");
  });
});

const tree = `sha256-${"0".repeat(64)}` as const;
const found = { tree, program: "node_modules/tool/cli.js", node: true, packages: ["tool@1.0.0"], count: 1 };
const fileOf = (_: string, path: string): string => `/it's here/${path}`;

describe("a locked launcher", () => {
  const started = (
    contribution: HookContribution | McpContribution,
    launchers: Parameters<typeof startLocked>[1]["launchers"],
  ) => startLocked([contribution], { launchers, fileOf });

  it.each([
    ["npx -y tool --a ${X}", ["node", "/it's here/node_modules/tool/cli.js", "--a", "${X}"]],
    ["cmd /c npx tool b", ["node", "/it's here/node_modules/tool/cli.js", "b"]],
    ["env A=b npx tool", ["env", "A=b", "node", "/it's here/node_modules/tool/cli.js"]],
  ])("is started from the store with the arguments of its command: %s", (words, expected) => {
    const { contributions } = started(server(words), { tool: found });
    expect(contributions).toEqual([
      {
        ...server(expected[0] ?? ""),
        config: { transport: "stdio", command: expected[0], args: expected.slice(1), env: {} },
      },
    ]);
  });

  it("leaves the rest of a shell line as it is", () => {
    const { contributions } = started(hook(`A="$B" npx -y tool --fix "$FILE" 2>/dev/null`), { tool: found });
    const file = String.raw`'/it'\''s here/node_modules/tool/cli.js'`;
    expect(contributions).toEqual([hook(`A="$B" node ${file} --fix "$FILE" 2>/dev/null`)]);
    const native = started(hook("npx -y tool"), { tool: { ...found, node: false } });
    expect(native.contributions).toEqual([hook(file)]);
  });

  it("is left out when it is not here, and starts as before when it could not be locked", () => {
    const missing = started(server("npx tool"), { tool: { problem: "no network", locked: true } });
    expect(missing).toEqual({ contributions: [], unstarted: [{ component: "MCP server `s`", problem: "no network" }] });
    const unlocked = started(server("npx tool"), { tool: { problem: "no network", locked: false } });
    expect(unlocked).toEqual({ contributions: [server("npx tool")], unstarted: [] });
    const gone = startLocked([server("npx tool")], { launchers: { tool: found }, fileOf: () => undefined });
    expect(gone.unstarted).toMatchObject([{ problem: "its packages are missing" }]);
  });
});
