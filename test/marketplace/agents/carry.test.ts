import { chmodSync, existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { claude } from "../../../marketplace/agents/claude.ts";
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

describe("an agent that fails midway", () => {
  /** A program that keeps what it is told in a file, one line a call, and refuses to install while `broken` exists. */
  const CLAUDE = `#!/bin/sh
cd "$(/usr/bin/dirname "$0")"
echo "$*" >> calls
case "$*" in
  *"marketplace list"*) if [ -e added ]; then echo '[{"name":"plugsmith"}]'; else echo '[]'; fi ;;
  *"marketplace add"*) : > added; echo '{"a": 1}' > ../person/.claude/settings.json ;;
  *"plugin list"*) echo '[]' ;;
  *"plugin install"*) if [ -e broken ]; then echo 'disk is full' >&2; exit 1; fi ;;
  *"marketplace remove"*) /bin/rm added ;;
esac
`;
  const broken = (world: ReturnType<typeof agentMachine>): void => {
    chmodSync(world.home.write("bin/claude", CLAUDE), 0o755);
    world.home.write("bin/broken", "");
    world.home.write("person/.claude/settings.json", "{ }");
  };

  test("what its program was told until then is taken out of it again, byte for byte", async () => {
    using world = agentMachine(["claude"]);
    broken(world);
    const failed = await world.carry(claude, [world.plugin("kit", KIT)]);
    expect(failed).toMatchObject({ outcome: "failed", error: { message: expect.stringContaining("disk is full") } });
    expect(await world.carry(claude, [])).toMatchObject({ outcome: "written", remarks: [] });
    expect(existsSync(world.home.path("bin/added"))).toBe(false);
    expect(readFileSync(world.home.path("person/.claude/settings.json"), "utf8")).toBe("{ }");
  });

  test("the next time it is told everything anew", async () => {
    using world = agentMachine(["claude"]);
    broken(world);
    await world.carry(claude, [world.plugin("kit", KIT)]);
    unlinkSync(world.home.path("bin/broken"));
    writeFileSync(world.home.path("bin/calls"), "");
    expect((await world.carry(claude, [world.plugin("kit", KIT)])).outcome).toBe("written");
    const calls = readFileSync(world.home.path("bin/calls"), "utf8");
    expect(calls).toContain("marketplace add");
    expect(calls).toContain("install kit@plugsmith");
  });

  test("files that were written before one could not be are still ours", async () => {
    using world = agentMachine(["opencode"]);
    const commands = world.home.write("person/.config/opencode/commands", "a file where a folder has to be");
    expect((await world.carry(opencode, [world.plugin("kit", KIT)])).error?.code).toBe("E_IO");
    expect(existsSync(world.home.path("person/.config/opencode/skills/greet"))).toBe(true);
    unlinkSync(commands);
    expect(await world.carry(opencode, [world.plugin("kit", KIT)])).toMatchObject({ outcome: "written" });
    await world.carry(opencode, []);
    expect(everything(world.machine.homeDirectory).filter((path) => path.includes("opencode/"))).toEqual([]);
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
    expect(() => choose(["none", "codex"], undefined)).toThrow("cannot name `none` beside agents");
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
