import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { PlacedFile } from "../../../marketplace/agents/placement.ts";
import { AGENT_TARGETS } from "../../../marketplace/agents/targets.ts";
import type { AgentTarget } from "../../../marketplace/agents/target.ts";
import { agentMachine, KIT } from "./agent-machine.ts";

const PROGRAMS = ["claude", "codex", "copilot", "gemini", "opencode"];

function target(name: string): AgentTarget {
  const found = AGENT_TARGETS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no target ${name}`);
  return found;
}

/** What each agent gets of one plugin with everything, below the person's folder, and what it loses. */
const CASES: readonly {
  readonly agent: string;
  readonly files: readonly string[];
  readonly losses: readonly string[];
}[] = [
  {
    agent: "claude",
    files: [
      ".plugsmith/agents/claude/user/plugins/kit -> tree",
      ".plugsmith/agents/claude/user/.claude-plugin/marketplace.json",
    ],
    losses: [],
  },
  {
    agent: "codex",
    files: [
      "plugins/kit/.codex-plugin/plugin.json",
      "plugins/kit/skills/greet/SKILL.md",
      "plugins/kit/skills/greet/words.txt",
      "plugins/kit/skills/draft/SKILL.md",
      "plugins/kit/hooks/hooks.json",
      "plugins/kit/.mcp.json",
      ".claude-plugin/marketplace.json",
    ]
      .map((path) => `.plugsmith/agents/codex/user/${path}`)
      .concat(".codex/agents/kit-reviewer.toml"),
    losses: ["LSP server css", "hook TeammateIdle", "MCP server facts: defaults of variables"],
  },
  {
    agent: "copilot",
    files: [
      "plugins/kit/.claude-plugin/plugin.json",
      "plugins/kit/skills/greet/SKILL.md",
      "plugins/kit/skills/greet/words.txt",
      "plugins/kit/skills/draft/SKILL.md",
      "plugins/kit/agents/reviewer.agent.md",
      "plugins/kit/hooks/hooks.json",
      "plugins/kit/.mcp.json",
      "plugins/kit/.lsp.json",
      ".claude-plugin/marketplace.json",
    ].map((path) => `.plugsmith/agents/copilot/user/${path}`),
    losses: ["hook TeammateIdle"],
  },
  {
    agent: "gemini",
    files: [
      "gemini-extension.json",
      "skills/greet/SKILL.md",
      "skills/greet/words.txt",
      "commands/draft.toml",
      "agents/reviewer.md",
      "hooks/hooks.json",
    ].map((path) => `.plugsmith/agents/gemini/user/kit/${path}`),
    losses: ["LSP server css", "hook TeammateIdle"],
  },
  {
    agent: "opencode",
    files: [
      "skills/greet/SKILL.md",
      "skills/greet/words.txt",
      "commands/draft.md",
      "agents/reviewer.md",
      "opencode.json mcp.facts",
      "opencode.json mcp.far",
      "opencode.json lsp.css",
    ].map((path) => `.config/opencode/${path}`),
    losses: ["hook PreToolUse (Bash|Edit)", "hook TeammateIdle", "MCP server facts: defaults of variables"],
  },
  {
    agent: "cursor",
    files: [
      ".cursor-plugin/plugin.json",
      "skills/greet/SKILL.md",
      "skills/greet/words.txt",
      "commands/draft.md",
      "agents/reviewer.md",
      "hooks/hooks.json",
      "mcp.json",
    ].map((path) => `.cursor/plugins/local/kit/${path}`),
    losses: ["LSP server css", "hook TeammateIdle", "MCP server facts: defaults of variables"],
  },
  {
    agent: "skills",
    files: ["greet/SKILL.md", "greet/words.txt", "draft/SKILL.md"].map((path) => `.agents/skills/${path}`),
    losses: [
      "agent reviewer",
      "hook PreToolUse (Bash|Edit)",
      "hook TeammateIdle",
      "MCP server facts",
      "MCP server far",
      "LSP server css",
    ],
  },
];

describe("what each agent gets of a plugin", () => {
  test("every agent has a case", () => {
    expect(CASES.map(({ agent }) => agent)).toEqual(AGENT_TARGETS.map(({ name }) => name));
  });

  test.each(CASES)("$agent", ({ agent, files, losses }) => {
    using world = agentMachine(PROGRAMS);
    world.home.write("person/.cursor/x", "");
    const rendering = target(agent).render([world.plugin("kit", KIT)], world.place(target(agent)));
    const below = (path: string): string => path.slice(world.machine.homeDirectory.length + 1);
    const placed = rendering.placements.flatMap(({ path, content }) =>
      content.kind === "folder"
        ? content.files().map((file) => `${below(path)}/${file.path}`.replaceAll("/./", "/"))
        : [content.kind === "link" ? `${below(path)} -> tree` : below(path)],
    );
    const edits = rendering.edits.map(({ file, path }) => `${below(file)} ${path.join(".")}`);
    expect([...placed, ...edits].sort()).toEqual([...files].sort());
    const lost = rendering.losses.map(({ component, part }) => [component, part].filter(Boolean).join(": "));
    expect(lost.sort()).toEqual([...losses].sort());
    for (const { reason } of rendering.losses) expect(reason).toMatch(/^\S.*[^.]$/u);
  });

  test.each(["codex", "copilot", "gemini", "cursor"])("%s starts hooks and servers from the locked tree", (agent) => {
    using world = agentMachine(PROGRAMS);
    world.home.write("person/.cursor/x", "");
    const plugin = world.plugin("kit", KIT);
    const { placements } = target(agent).render([plugin], world.place(target(agent)));
    const files = placements.flatMap(({ content }): readonly PlacedFile[] =>
      content.kind === "folder" ? content.files() : [],
    );
    const text = files.flatMap(({ content }) => ("text" in content ? [content.text] : [])).join("\n");
    expect(text).toContain(`${plugin.tree}/server.js`);
    expect(text).toContain(`${plugin.tree}/check`);
    expect(text).toContain(`${plugin.tree}/words.txt`);
    expect(text).not.toContain("PLUGIN_ROOT");
  });

  test("a plugin with dependencies, or partly off, is rewritten for Claude Code; any other is its tree", () => {
    using world = agentMachine(PROGRAMS);
    const kinds = [
      world.plugin("kit", KIT),
      world.plugin("part", KIT, { whole: false }),
      world.plugin("needy", { ...KIT, dependencies: ["kit"] }),
    ].map((plugin) => target("claude").render([plugin], world.place(target("claude"))).placements[0]?.content.kind);
    expect(kinds).toEqual(["link", "folder", "folder"]);
  });

  test("of two plugins with one name the second is lost, and said so", () => {
    using world = agentMachine(PROGRAMS);
    const twin = world.plugin("kit", KIT, { id: "kit@other" });
    const { losses, registrations } = target("codex").render(
      [world.plugin("kit", KIT), twin],
      world.place(target("codex")),
    );
    expect(registrations).toHaveLength(1);
    expect(losses).toContainEqual({ plugin: "kit@other", reason: "`kit@acme` has the same name there" });
  });

  test("where there are no namespaces the second of two equal names gets its plugin's name", () => {
    using world = agentMachine(PROGRAMS);
    const plugins = [world.plugin("kit", KIT), world.plugin("other", KIT)];
    const { placements, edits } = target("opencode").render(plugins, world.place(target("opencode")));
    const names = placements.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
    expect(names.filter((name) => name.endsWith("greet"))).toEqual(["greet", "other-greet"]);
    expect(edits.map(({ path }) => path.join("."))).toContain("mcp.other-facts");
  });

  test("tools, events and times go by the names of the agent", () => {
    using world = agentMachine(PROGRAMS);
    const { placements } = target("gemini").render([world.plugin("kit", KIT)], world.place(target("gemini")));
    const [folder] = placements;
    const files = folder?.content.kind === "folder" ? folder.content.files() : [];
    const hooks = files.find(({ path }) => path === "hooks/hooks.json")?.content;
    expect(JSON.parse(hooks !== undefined && "text" in hooks ? hooks.text : "{}")).toMatchObject({
      hooks: { BeforeTool: [{ matcher: "run_shell_command|replace", hooks: [{ type: "command", timeout: 5000 }] }] },
    });
  });

  test.each(["codex", "copilot"])("%s gets commands with arguments as one line, every word whole", (agent) => {
    using world = agentMachine(PROGRAMS);
    const args = ["a b", "it's", "$HOME", "", "${CLAUDE_PROJECT_DIR}/x y"];
    const hook = { type: "command", command: "${CLAUDE_PLUGIN_ROOT}/my check", args };
    const hooks = JSON.stringify({ hooks: { SessionStart: [{ hooks: [hook] }] } });
    const plugin = world.plugin("kit", { ...KIT, files: { "hooks/hooks.json": hooks } });
    const { placements } = target(agent).render([plugin], world.place(target(agent)));
    const files = placements.flatMap(({ content }) => (content.kind === "folder" ? content.files() : []));
    const file = files.find(({ path }) => path === "hooks/hooks.json")?.content;
    const [written] = JSON.parse(file !== undefined && "text" in file ? file.text : "{}").hooks.SessionStart[0].hooks;
    expect(Object.keys(written)).toEqual(["type", "command"]);
    world.home.write("trees/kit-1.0.0/my check", '#!/bin/sh\nprintf "<%s>" "$@"\n');
    chmodSync(`${plugin.tree}/my check`, 0o755);
    const environment = { PATH: "/usr/bin:/bin", HOME: "/h", CLAUDE_PROJECT_DIR: "/p q" };
    expect(execFileSync("/bin/sh", ["-c", written.command], { env: environment, encoding: "utf8" })).toBe(
      "<a b><it's><$HOME><></p q/x y>",
    );
  });

  test("Codex gets headers and variables under the names that it reads", () => {
    using world = agentMachine(PROGRAMS);
    const far = (headers: object): object => ({ type: "http", url: "https://far.example/mcp", headers, timeout: 2500 });
    const servers = {
      near: { command: "node", args: [], env: { TOKEN: "${TOKEN}", KEY: "${OTHER:-none}" } },
      far: far({ Authorization: "Bearer ${TOKEN}", "X-Key": "${KEY}", "X-Plain": "v" }),
    };
    const plugin = world.plugin("kit", { ...KIT, files: { ".mcp.json": JSON.stringify({ mcpServers: servers }) } });
    const { placements } = target("codex").render([plugin], world.place(target("codex")));
    const files = placements.flatMap(({ content }) => (content.kind === "folder" ? content.files() : []));
    const file = files.find(({ path }) => path === ".mcp.json")?.content;
    expect(JSON.parse(file !== undefined && "text" in file ? file.text : "{}")).toEqual({
      mcpServers: {
        near: { type: "stdio", command: "node", args: [], env: { KEY: "none" }, env_vars: ["TOKEN"] },
        far: {
          type: "http",
          url: "https://far.example/mcp",
          http_headers: { "X-Plain": "v" },
          env_http_headers: { "X-Key": "KEY" },
          bearer_token_env_var: "TOKEN",
          tool_timeout_sec: 2.5,
        },
      },
    });
  });

  test("a command called as a skill of its plugin gets its plugin's name before its own", () => {
    using world = agentMachine(PROGRAMS);
    const files = { "skills/draft/SKILL.md": KIT.files?.["skills/greet/SKILL.md"] ?? "" };
    const plugin = world.plugin("kit", { ...KIT, files: { ...KIT.files, ...files } });
    for (const agent of ["codex", "copilot"]) {
      const { placements, losses } = target(agent).render([plugin], world.place(target(agent)));
      const paths = placements.flatMap(({ content }) => (content.kind === "folder" ? content.files() : []));
      expect(paths.map(({ path }) => path)).toContain("skills/kit-draft/SKILL.md");
      expect(losses.map(({ component }) => component)).not.toContain("command draft");
    }
  });
});
