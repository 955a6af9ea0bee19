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
    losses: ["lsp server css", "hook TeammateIdle"],
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
    losses: ["lsp server css", "hook TeammateIdle"],
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
    losses: ["hook PreToolUse (Bash|Edit)", "hook TeammateIdle"],
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
    losses: ["lsp server css", "hook TeammateIdle"],
  },
  {
    agent: "skills",
    files: ["greet/SKILL.md", "greet/words.txt", "draft/SKILL.md"].map((path) => `.agents/skills/${path}`),
    losses: [
      "agent reviewer",
      "hook PreToolUse (Bash|Edit)",
      "hook TeammateIdle",
      "mcp server facts",
      "mcp server far",
      "lsp server css",
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
    expect(rendering.losses.map(({ component }) => component).sort()).toEqual([...losses].sort());
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
});
