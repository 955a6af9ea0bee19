import { describe, expect, it } from "vitest";
import { promptArguments, typedArguments } from "../../../cli/serve/prompt-arguments.ts";
import { servedTexts } from "../../../cli/serve/served-texts.ts";
import type { Contributed, PluginInfo } from "../../../plugin-api/index.ts";
import type { CommandContribution, SkillContribution } from "../../../schemas/plugin-manifest.ts";

function plugin(id: string, tier: PluginInfo["tier"] = "installed"): PluginInfo {
  const name = id.split("@")[0] ?? id;
  return { id, name, version: "1.0.0", tier, directory: `/plugins/${name}`, dataDirectory: `/data/${name}` };
}

function skill(owner: PluginInfo, name: string, more: Partial<SkillContribution> = {}): Contributed<SkillContribution> {
  const value: SkillContribution = {
    kind: "skill",
    name,
    path: `skills/${name}`,
    file: `skills/${name}/SKILL.md`,
    description: `does ${name}`,
    fields: {},
    modelInvocable: true,
    userInvocable: true,
    ...more,
  };
  return { plugin: owner, name, value };
}

function command(owner: PluginInfo, name: string, fields: CommandContribution["fields"] = {}) {
  const value: CommandContribution = { kind: "command", name, content: "text", description: `runs ${name}`, fields };
  return { plugin: owner, name, value };
}

describe("skills and commands for MCP clients", () => {
  it("have the names of sessions, and one of a plugin's own each", () => {
    const one = plugin("tool@one");
    const texts = servedTexts(
      [skill(one, "go"), skill(plugin("tool@two"), "go"), skill(plugin("claude@user", "loose"), "mine")],
      [command(one, "go"), command(one, "sub:run"), command(plugin("own@builtin", "builtin"), "x")],
    );
    expect([...texts].map(([key, { name, uri, kind }]) => [key === name, name, uri, kind])).toEqual([
      [true, "tool:go", "skill://tool/go", "skill"],
      // A plugin of the same name from another marketplace; the command of the name is beaten by the skill.
      [true, "tool:go@two", "skill://tool/go?market=two", "skill"],
      [true, "tool:sub:run", "command://tool/sub%3Arun", "command"],
    ]);
  });

  it("are prompts unless their author keeps them from people", () => {
    const owner = plugin("tool@one");
    const texts = servedTexts(
      [skill(owner, "hidden", { userInvocable: false })],
      [command(owner, "secret", { userInvocable: false })],
    );
    expect([...texts.values()].map(({ isPrompt }) => isPrompt)).toEqual([false, false]);
  });
});

describe("the arguments of a prompt", () => {
  const [free, named] = servedTexts(
    [],
    [
      command(plugin("a@m"), "free", { argumentHint: "[tag]" }),
      command(plugin("a@m"), "named", { arguments: ["kind", "topic", "tone"] }),
    ],
  ).values();
  if (free === undefined || named === undefined) throw new Error("two commands were given");

  it("are the named ones, or one for all", () => {
    expect(promptArguments(free)).toEqual([{ name: "arguments", description: "[tag]", required: false }]);
    expect(promptArguments(named).map(({ name }) => name)).toEqual(["kind", "topic", "tone"]);
  });

  it.each([
    { text: free, given: { arguments: 'v1 "and more"' }, typed: 'v1 "and more"' },
    { text: free, given: {}, typed: "" },
    { text: named, given: { kind: "memo", topic: "black tea" }, typed: 'memo "black tea"' },
    { text: named, given: { topic: 'a "b" \\ $c' }, typed: String.raw`"" "a \"b\" \\ \$c"` },
  ])("are typed as $typed", ({ text, given, typed }) => {
    expect(typedArguments(text, given)).toBe(typed);
  });
});
