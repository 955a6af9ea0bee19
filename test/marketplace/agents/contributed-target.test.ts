import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { refusePlaces } from "../../../cli/strange-places.ts";
import { contributedTargets } from "../../../cli/contributed-targets.ts";
import { contributedTarget } from "../../../marketplace/agents/contributed-target.ts";
import { AGENT_TARGETS } from "../../../marketplace/agents/targets.ts";
import { AGENT_TARGET_POINT } from "../../../schemas/agent-target-point.ts";
import { type AgentTargetDescription, readAgentTarget } from "../../../schemas/agent-target.ts";
import { agentMachine, KIT } from "./agent-machine.ts";
import { heldHome } from "./held-home.ts";

const SURF: AgentTargetDescription = {
  name: "surf",
  title: "Surf",
  folder: ".surf",
  skills: "skills",
  agents: "agents",
  mcp: { file: "mcp.json", member: ["mcpServers"] },
  losses: { hook: "Surf has no hooks" },
};

describe("an agent that a plugin tells of", () => {
  test("gets what it has a place for, and the rest is lost with its words", () => {
    using world = agentMachine();
    world.home.write("person/.surf/x", "");
    const target = contributedTarget(SURF, "surf@acme");
    const { placements, edits, losses } = target.render([world.plugin("kit", KIT)], world.place(target));
    const below = (path: string): string => path.slice(world.machine.homeDirectory.length);
    expect(placements.map(({ path }) => below(path))).toEqual([
      "/.surf/skills/greet",
      "/.surf/skills/draft",
      "/.surf/agents/reviewer.md",
    ]);
    expect(edits.map(({ file, path }) => `${below(file)} ${path.join(".")}`)).toEqual([
      "/.surf/mcp.json mcpServers.facts",
      "/.surf/mcp.json mcpServers.far",
    ]);
    expect(losses.map(({ component, reason }) => `${component ?? ""}: ${reason}`)).toEqual([
      "hook PreToolUse (Bash|Edit): Surf has no hooks",
      "hook TeammateIdle: Surf has no hooks",
      "LSP server css: Surf has nothing of that kind",
    ]);
  });

  test("writes nothing through links that lead out of its folder", async () => {
    using world = agentMachine();
    world.home.write("person/.surf/x", "");
    const secret = world.home.write("person/.bashrc", "mine");
    mkdirSync(world.home.path("elsewhere"));
    symlinkSync(world.home.path("elsewhere"), world.home.path("person/.surf/skills"));
    symlinkSync(secret, world.home.path("person/.surf/mcp.json"));
    const { losses } = await world.carry(contributedTarget(SURF, "surf@acme"), [world.plugin("kit", KIT)]);
    expect(losses.filter(({ reason }) => reason.includes("leads out of the folder of Surf"))).toHaveLength(4);
    expect(readFileSync(secret, "utf8")).toBe("mine");
    expect(existsSync(world.home.path("elsewhere/greet"))).toBe(false);
  });

  test("is listed with its plugin, written into when it is named, and emptied when its plugin is gone", async () => {
    await using world = heldHome();
    world.write(".surf/x", "");
    const plugsmith = {
      contributes: {
        [AGENT_TARGET_POINT]: [SURF, { ...SURF, name: "codex" }, { ...SURF, name: "bad", folder: ".ssh" }],
      },
    };
    const plugins = { surf: { version: "1.0.0", manifest: { plugsmith } }, kit: { version: "1.0.0" } };
    const engine = await world.engine();
    await engine.catalogs.add({ kind: "git", url: world.market("acme", plugins) });
    const yes = { dryRun: false, confirm: () => Promise.resolve(true), allowPlaces: refusePlaces };
    const requests = ["surf", "kit"].map((name) => ({ kind: "named", name, market: "acme" }) as const);
    await engine.change({ scope: "user" }, { verb: "add", requests }, yes);
    const agents = await engine.agents(true);
    const known = agents?.known().find(({ target }) => target.name === "surf");
    expect(known).toMatchObject({ target: { plugin: "surf@acme", byDefault: false }, found: {} });
    expect(contributedTargets(world.home, AGENT_TARGETS).diagnostics.map(({ message }) => message)).toEqual([
      "the agent `codex` of `surf@acme` is left out: another one has that name",
      "an agent that `surf@acme` tells of is left out: `folder`: `.ssh` is not free for others",
    ]);
    const skill = world.files.path("person/.surf/skills/kit/SKILL.md");
    await agents?.carry({ scope: "user" }, ["surf"]);
    expect(existsSync(skill)).toBe(true);
    await engine.change({ scope: "user" }, { verb: "remove", ids: ["surf@acme"], keepData: false }, yes);
    const outcomes = await (await engine.agents(true))?.carry({ scope: "user" });
    expect(outcomes).toMatchObject([
      { name: "surf", outcome: "written", plugins: 0 },
      { name: "surf", outcome: "failed" },
    ]);
    expect(existsSync(world.files.path("person/.surf/skills"))).toBe(false);
    expect(existsSync(world.files.path("person/.surf/x"))).toBe(true);
  });
});

describe("what a plugin may not tell", () => {
  test.each([
    ["no name", { name: undefined }],
    ["a name with a path in it", { name: "../x" }],
    ["an absolute folder", { folder: "/etc" }],
    ["a folder above the home", { folder: "../other" }],
    ["a folder with a way up in it", { folder: ".surf/../.ssh" }],
    ["a folder that people keep their own things in", { folder: "Documents" }],
    ["a folder of keys", { folder: ".ssh" }],
    ["a folder of keys in other letters", { folder: ".SSH/x" }],
    ["the folder of all configuration", { folder: ".config" }],
    ["what starts with the desktop", { folder: ".config/autostart" }],
    ["our own folder", { folder: ".plugsmith/agents" }],
    ["the folder of an agent that is known", { folder: ".claude" }],
    ["a folder for skills that leads up", { skills: "../x" }],
    ["an absolute folder for agents", { agents: "/tmp" }],
    ["a program with a path", { program: "/bin/sh" }],
    ["a file that is no JSON", { mcp: { file: "run.sh", member: ["a"] } }],
    ["a member that every object has", { mcp: { file: "a.json", member: ["__proto__"] } }],
    ["a member that is not known", { door: "sh" }],
    ["a control character in a folder", { folder: ".surf\u0000" }],
  ])("%s", (_, change) => {
    const { value, diagnostics } = readAgentTarget({ ...SURF, ...change }, "surf@acme");
    expect(value).toBeUndefined();
    expect(diagnostics[0]).toMatchObject({ code: "E_MANIFEST", severity: "error" });
    expect(diagnostics[0]?.message).toContain("an agent that `surf@acme` tells of is left out");
  });

  test("what is right is read", () => {
    for (const folder of [".surf", ".config/surf", ".surf/profiles/main"]) {
      expect(readAgentTarget({ ...SURF, folder }, "surf@acme").diagnostics).toEqual([]);
    }
  });
});
