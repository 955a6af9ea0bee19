import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseAgents } from "../../../marketplace/agents/choice.ts";
import { cursor } from "../../../marketplace/agents/cursor.ts";
import { opencode } from "../../../marketplace/agents/opencode.ts";
import { AGENT_TARGETS } from "../../../marketplace/agents/targets.ts";
import { agentMachine, KIT } from "./agent-machine.ts";

const CONFIG = "person/.config/opencode/opencode.jsonc";
const MINE = '{ // mine\n  "username": "me", "mcp": { "own": { "type": "remote", "url": "https://x.example" } }\n}\n';

const without = {
  ...KIT,
  version: "2.0.0",
  files: { "skills/greet/SKILL.md": "---\nname: greet\ndescription: New\n---\n\nHi.\n" },
};

function everything(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.startsWith(".plugsmith"))
    .sort();
}

describe("carrying plugins into an agent", () => {
  test("what was given is taken out again without a trace", async () => {
    using world = agentMachine(["opencode"]);
    world.home.write(CONFIG, MINE);
    const before = everything(world.machine.homeDirectory);
    const given = await world.carry(opencode, [world.plugin("kit", KIT)]);
    expect(given).toMatchObject({ outcome: "written", plugins: 1, remarks: [] });
    expect(readFileSync(world.home.path(CONFIG), "utf8")).toContain('"facts"');
    const taken = await world.carry(opencode, []);
    expect(taken).toMatchObject({ outcome: "written", plugins: 0, remarks: [] });
    expect(everything(world.machine.homeDirectory)).toEqual(before);
    expect(readFileSync(world.home.path(CONFIG), "utf8")).toBe(MINE);
  });

  test("a second time nothing is written", async () => {
    using world = agentMachine(["opencode"]);
    await world.carry(opencode, [world.plugin("kit", KIT)]);
    expect((await world.carry(opencode, [world.plugin("kit", KIT)])).outcome).toBe("unchanged");
  });

  test("an update writes what is new and takes out what is gone", async () => {
    using world = agentMachine(["opencode"]);
    world.home.write(CONFIG, MINE);
    await world.carry(opencode, [world.plugin("kit", KIT)]);
    await world.carry(opencode, [world.plugin("kit", without)]);
    const folder = world.home.path("person/.config/opencode");
    expect(everything(folder)).toEqual(["opencode.jsonc", "skills", "skills/greet", "skills/greet/SKILL.md"]);
    expect(readFileSync(join(folder, "skills/greet/SKILL.md"), "utf8")).toContain("Hi.");
    expect(readFileSync(world.home.path(CONFIG), "utf8")).not.toContain("facts");
  });

  test("what the person changed since stays, and is said", async () => {
    using world = agentMachine(["opencode"]);
    world.home.write(CONFIG, MINE);
    await world.carry(opencode, [world.plugin("kit", KIT)]);
    const skill = world.home.path("person/.config/opencode/skills/greet/SKILL.md");
    writeFileSync(skill, "mine now");
    const config = readFileSync(world.home.path(CONFIG), "utf8").replace('"me"', '"you"');
    writeFileSync(world.home.path(CONFIG), config);
    const updated = await world.carry(opencode, [world.plugin("kit", without)]);
    expect(updated.losses.map(({ reason }) => reason).join()).toContain("changed by hand");
    await world.carry(opencode, []);
    expect(readFileSync(skill, "utf8")).toBe("mine now");
    expect(updated.remarks.join()).toContain("opencode.jsonc");
    const left = readFileSync(world.home.path(CONFIG), "utf8");
    expect(left).toContain('"you"');
    expect(left).toContain("// mine");
    expect(left).not.toContain("facts");
    expect(left).not.toContain("lsp");
  });

  test("what was there before is never overwritten", async () => {
    using world = agentMachine(["opencode"]);
    const skill = world.home.write("person/.config/opencode/skills/greet/SKILL.md", "mine");
    world.home.write(CONFIG, '{"mcp": {"facts": {"type": "local", "command": ["mine"]}}}');
    const { losses } = await world.carry(opencode, [world.plugin("kit", KIT)]);
    expect(readFileSync(skill, "utf8")).toBe("mine");
    expect(readFileSync(world.home.path(CONFIG), "utf8")).toContain('"mine"');
    expect(losses.map(({ reason }) => reason).filter((reason) => reason.includes("not from here"))).toHaveLength(2);
    await world.carry(opencode, []);
    expect(readFileSync(skill, "utf8")).toBe("mine");
    expect(JSON.parse(readFileSync(world.home.path(CONFIG), "utf8"))).toEqual({
      mcp: { facts: { type: "local", command: ["mine"] } },
    });
  });

  test("an unreadable configuration fails that agent alone and nothing of it is lost", async () => {
    using world = agentMachine(["opencode"]);
    const file = world.home.write(CONFIG, '{ "username": ');
    const outcome = await world.carry(opencode, [world.plugin("kit", KIT)]);
    expect(outcome).toMatchObject({ outcome: "failed", error: { code: "E_JSON" } });
    expect(readFileSync(file, "utf8")).toBe('{ "username": ');
  });

  test("a plugin that is off is not there", async () => {
    using world = agentMachine();
    world.home.write("person/.cursor/x", "");
    await world.carry(cursor, [world.plugin("kit", KIT, { enabled: false })]);
    expect(existsSync(world.home.path("person/.cursor/plugins"))).toBe(false);
  });
});

describe("which agents a root goes into", () => {
  const choose = (
    asked: readonly string[] | undefined,
    to: readonly string[] | undefined,
    root = "user",
    programs = ["claude", "codex"],
  ) => {
    using world = agentMachine(programs);
    return chooseAgents(AGENT_TARGETS, asked, to && { to, agents: {} }, root, world.machine);
  };
  const names = (choice: ReturnType<typeof choose>): readonly string[] =>
    choice.agents.map(({ target }) => target.name);

  test("those found, unless some were named now or before", () => {
    expect(names(choose(undefined, undefined))).toEqual(["claude", "codex"]);
    expect(names(choose(["codex"], ["claude"]))).toEqual(["codex"]);
    expect(names(choose(undefined, ["claude"]))).toEqual(["claude"]);
    expect(choose(["none"], undefined)).toMatchObject({ agents: [], to: ["none"] });
  });

  test("the skills folder only when it is named", () => {
    expect(names(choose(["skills"], undefined, "user", []))).toEqual(["skills"]);
  });

  test("a project goes only into agents that know projects", () => {
    expect(names(choose(undefined, undefined, "/project"))).toEqual(["claude"]);
    expect(() => choose(["codex"], undefined, "/project")).toThrow("cannot be given plugins of one project");
  });

  test("a remembered agent that is gone is missing, one that is asked for is an error", () => {
    expect(choose(undefined, ["gemini"]).missing.map(({ name }) => name)).toEqual(["gemini"]);
    expect(() => choose(["gemini"], undefined)).toThrow("was not found on this machine");
    expect(() => choose(["claud"], undefined)).toThrow("no agent that is known here");
  });
});
