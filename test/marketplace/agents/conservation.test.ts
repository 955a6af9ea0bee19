import { describe, expect, test } from "vitest";
import { componentLabel } from "../../../marketplace/agents/component-label.ts";
import { contributedTarget } from "../../../marketplace/agents/contributed-target.ts";
import { AGENT_TARGETS } from "../../../marketplace/agents/targets.ts";
import type { AgentPlugin, AgentTarget, Loss, Rendering } from "../../../marketplace/agents/target.ts";
import type { Contribution } from "../../../schemas/plugin-manifest.ts";
import type { FixturePlugin } from "../../support/plugin-files.ts";
import { type AgentMachine, agentMachine } from "./agent-machine.ts";

const EVENTS =
  "PreToolUse PostToolUse PostToolUseFailure UserPromptSubmit SessionStart SessionEnd SubagentStart SubagentStop PreCompact PostCompact PermissionRequest Notification Stop TeammateIdle Setup".split(
    " ",
  );
const MATCHERS = [undefined, "", "*", "Bash", "Edit|Write", "mcp__.*"];

/** Every handler carries a word of its own, by which it is found wherever it was written. */
const HANDLERS: readonly Readonly<Record<string, unknown>>[] = [
  { type: "command", command: "${CLAUDE_PLUGIN_ROOT}/hook.sh WORD" },
  { type: "command", command: "${CLAUDE_PLUGIN_ROOT}/hook.sh", args: ["WORD", "a b", "it's"] },
  { type: "command", command: "run WORD", if: "Bash(git *)", once: true, async: true, timeout: 5 },
  { type: "command", command: "run WORD", shell: "powershell" },
  { type: "command", command: "run", args: ["WORD", "${user_config.key}"] },
  { type: "http", url: "http://localhost/WORD" },
  { type: "http", url: "https://hooks.example/WORD" },
  { type: "mcp_tool", server: "stdio", tool: "WORD" },
  { type: "prompt", prompt: "WORD" },
  { type: "agent", prompt: "WORD" },
];

let words = 0;
const word = (): string => `w${String((words += 1))}w`;
const handler = (one: Readonly<Record<string, unknown>>): unknown =>
  JSON.parse(JSON.stringify(one).replaceAll("WORD", word));
const matched = (matcher: string | undefined, hooks: readonly unknown[]): unknown => ({
  ...(matcher !== undefined && { matcher }),
  hooks,
});

const text = (front: string): string => `---\n${front}\n---\n\nText ${word()}.\n`;

/** A plugin with every kind of component in every variant. */
function everything(): FixturePlugin {
  const [plain = {}] = HANDLERS;
  return {
    version: "1.0.0",
    skills: [],
    manifest: {
      userConfig: { key: { type: "string", title: "Key", description: "A key", required: true } },
      settings: { agent: "reviewer" },
      channels: [{ server: "stdio", userConfig: { room: { type: "string", title: "Room", description: "A room" } } }],
      mcpServers: ["./.mcp.json", "./box.mcpb", "https://boxes.example/far.mcpb"],
      plugsmith: {
        entry: "./code.js",
        contributes: {
          "plugsmith/tool": [{ name: "count", description: "Counts", inputSchema: { type: "object" } }],
          "plugsmith/model": [{ name: "echo" }],
        },
      },
    },
    files: {
      "code.js": "export default {};",
      "skills/greet/SKILL.md": text("name: greet\ndescription: Greets"),
      "skills/both/SKILL.md": text("name: both\ndescription: Both a skill and a command"),
      "skills/shell/SKILL.md": `${text("name: shell\ndescription: Runs")}\n!\`git status\`\n`,
      "commands/both.md": text("description: Both a skill and a command"),
      "commands/deep/draft.md": text("description: Drafts"),
      "commands/deep-draft.md": text("description: Drafts as well"),
      "commands/shell.md": `${text("description: Runs")}\n!\`git status\`\n`,
      "agents/reviewer.md": text("name: reviewer\ndescription: Reviews\ntools: Read, Grep"),
      "agents/deep/one.md": text("name: one\ndescription: One"),
      "agents/deep-one.md": text("name: deep-one\ndescription: Another"),
      "hooks/hooks.json": JSON.stringify({
        hooks: {
          ...Object.fromEntries(EVENTS.map((event) => [event, [matched(undefined, [handler(plain)])]])),
          PreToolUse: [
            ...MATCHERS.map((matcher) => matched(matcher, [handler(plain)])),
            matched("Bash", HANDLERS.map(handler)),
          ],
        },
      }),
      ".mcp.json": JSON.stringify({
        mcpServers: {
          stdio: {
            command: "node",
            args: [word(), "${CLAUDE_PLUGIN_ROOT}/x"],
            env: { KEY: "${TOKEN:-none}", ROOM: "${user_config.room}" },
          },
          http: { type: "http", url: `https://far.example/${word()}`, headers: { Authorization: "Bearer ${TOKEN}" } },
          helped: {
            type: "http",
            url: `https://far.example/${word()}`,
            headersHelper: "./x",
            oauth: { clientId: "c" },
          },
          sse: { type: "sse", url: `https://far.example/${word()}` },
          ws: { type: "ws", url: `wss://far.example/${word()}` },
          asks: { command: "node", args: [word(), "${user_config.key}"] },
        },
      }),
      "box.mcpb": word(),
      ".lsp.json": JSON.stringify({ css: { command: word(), args: [], extensionToLanguage: { ".css": "css" } } }),
      "output-styles/terse.md": text("name: terse\ndescription: Terse"),
      "monitors/monitors.json": JSON.stringify([{ name: "log", command: `tail ${word()}`, description: "Logs" }]),
      "themes/dark.json": JSON.stringify({ name: word() }),
      "workflows/flow.js": `// ${word()}`,
      "bin/run": "#!/bin/sh\n",
    },
  };
}

const SURF = contributedTarget(
  { name: "surf", title: "Surf", folder: ".surf", skills: "skills", mcp: { file: "mcp.json", member: ["servers"] } },
  "surf@acme",
);

/** Everything that a rendering writes, as one text. */
function written({ placements, edits }: Rendering): string {
  const texts = placements.flatMap(({ path, content }) => {
    switch (content.kind) {
      case "link":
        return ["the tree itself"];
      case "file":
        return [path, content.text()];
      case "folder":
        return content
          .files()
          .flatMap((file) => [`${path}/${file.path}`, "text" in file.content ? file.content.text : file.content.copy]);
    }
  });
  return [...texts, ...edits.map(({ path, value }) => JSON.stringify([path, value]))].join("\n");
}

/** What a component is known by in the files that were written of it. */
function sign(one: Contribution, plugin: AgentPlugin, fixture: FixturePlugin): string {
  const source = (file: string): string => String(fixture.files?.[file] ?? "");
  const found = (from: string): string | undefined => /w\d+w/u.exec(from)?.[0];
  const own =
    found(JSON.stringify(one)) ?? ("file" in one && one.file !== undefined ? found(source(one.file)) : undefined);
  if (own !== undefined) return own;
  if (one.kind === "mcp" && one.config.transport === "bundle") return one.config.location.replace(/^\.\//u, "");
  return one.kind === "bin" ? `${plugin.tree}/${one.file}` : `no sign of ${componentLabel(one)}`;
}

function rendered(world: AgentMachine, target: AgentTarget, plugin: AgentPlugin): Rendering {
  return target.render([plugin], world.place(target));
}

const whole = (losses: readonly Loss[]): readonly string[] =>
  losses.flatMap(({ component, part }) => (component === undefined || part !== undefined ? [] : [component]));

const count = (list: readonly string[], one: string): number => list.filter((other) => other === one).length;

describe("nothing is lost in silence", () => {
  test.each(
    [...AGENT_TARGETS, SURF].flatMap((target) => [
      { name: target.name, target, members: {}, form: "as it is" },
      ...(target.name === "claude" ? [{ name: "claude", target, members: { whole: false }, form: "rewritten" }] : []),
    ]),
  )("$name, $form: what is placed and what is reported lost make the plugin", ({ target, members }) => {
    using world = agentMachine(["claude", "codex", "copilot", "gemini", "opencode"]);
    for (const folder of [".cursor", ".surf"]) world.home.write(`person/${folder}/x`, "");
    const fixture = everything();
    const plugin = world.plugin("kit", fixture, members);
    const kinds = new Set(plugin.contributions.map(({ kind }) => kind));
    expect(kinds.size).toBeGreaterThanOrEqual(10);
    expect(plugin.contributions.length).toBeGreaterThan(50);
    const rendering = rendered(world, target, plugin);
    const text = written(rendering);
    const lost = whole(rendering.losses);
    const isTree = text.includes("the tree itself");
    const signs = plugin.contributions.map((one) => sign(one, plugin, fixture));
    expect(new Set(signs).size).toBe(signs.length);
    for (const label of new Set(plugin.contributions.map(componentLabel))) {
      const ones = plugin.contributions.flatMap((one, at) => (componentLabel(one) === label ? [signs[at] ?? ""] : []));
      const there = isTree ? ones : ones.filter((one) => text.includes(one));
      expect([label, there.length + count(lost, label)]).toEqual([label, ones.length]);
    }
    for (const what of ["tool count", "plugsmith/model echo"]) expect(lost).toContain(what);
    const isClaude = target.name === "claude";
    for (const what of ["setting agent", "channel stdio"]) expect(lost.includes(what)).toBe(!isClaude);
    // No two components lie in one place.
    const paths = rendering.placements.flatMap(({ path, content }) =>
      content.kind === "folder" ? content.files().map((file) => `${path}/${file.path}`) : [path],
    );
    expect(new Set(paths).size).toBe(paths.length);
    for (const { reason } of rendering.losses) expect(reason).toMatch(/^\S.*[^.]$/u);
  });

  /** Parts that go missing while the rest is there, by agent. */
  test.each([
    ["claude", []],
    [
      "codex",
      [
        "agent reviewer: tools",
        "command shell: commands in its text",
        "hook PreToolUse (Bash): condition",
        "hook PreToolUse (Bash): once",
        "hook PreToolUse (Bash): options",
        "MCP server asks: options",
        "MCP server helped: headers helper",
        "MCP server helped: oauth",
        "MCP server stdio: defaults of variables",
        "MCP server stdio: options",
        "skill shell: commands in its text",
      ],
    ],
    [
      "opencode",
      [
        "agent reviewer: tools",
        "MCP server asks: options",
        "MCP server helped: headers helper",
        "MCP server helped: oauth",
        "MCP server stdio: defaults of variables",
        "MCP server stdio: options",
        "skill shell: commands in its text",
      ],
    ],
  ])("%s tells of parts that it drops", (name, parts) => {
    using world = agentMachine(["claude", "codex", "opencode"]);
    const target = AGENT_TARGETS.find((one) => one.name === name);
    if (target === undefined) throw new Error(`no target ${name}`);
    const { losses } = rendered(world, target, world.plugin("kit", everything()));
    const told = losses.flatMap(({ component = "", part }) => (part === undefined ? [] : [`${component}: ${part}`]));
    expect(told.toSorted()).toEqual(parts.toSorted());
  });
});
