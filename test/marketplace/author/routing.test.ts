import { describe, expect, it } from "vitest";
import { confusion, routeAll, type RoutedPlugin } from "../../../marketplace/author/routing/confusion.ts";
import { Ranker } from "../../../marketplace/author/routing/ranker.ts";
import { stolenTriggers } from "../../../marketplace/author/routing/stolen-triggers.ts";
import { readPlugin } from "../../../schemas/formats/index.ts";
import { memoryTree } from "../../../schemas/formats/memory-tree.ts";

const SKILLS: Readonly<Record<string, string>> = {
  greet: "Greets a person by name. Use when somebody asks for a greeting or wants to say hello to a person.",
  "sql-review": "Reviews SQL migrations for locks and lost data",
  "release-notes": "Writes release notes from the commits since the last tag",
  planning: "Plans work before it starts",
};

function plugin(
  id: string,
  skills: Readonly<Record<string, string>>,
  prompts: Readonly<Record<string, string>> = {},
): RoutedPlugin {
  const files = Object.entries(skills).map(([name, description]) => [
    `skills/${name}/SKILL.md`,
    `---\nname: ${name}\ndescription: ${JSON.stringify(description)}\n---\nDo it.\n`,
  ]);
  const tree = memoryTree({ ".claude-plugin/plugin.json": JSON.stringify({ name: id }), ...Object.fromEntries(files) });
  const { manifest } = readPlugin(tree, { fallbackName: id });
  if (manifest === undefined) throw new Error(`${id} is no plugin`);
  const routing = Object.entries(prompts).map(([prompt, fires], at) => ({
    prompt,
    fires,
    file: "tests/a.yaml",
    line: at + 1,
  }));
  return { id: `${id}@m`, manifest, routing };
}

describe("the ranker", () => {
  const ranker = new Ranker(Object.entries(SKILLS).map(([name, description]) => ({ plugin: "p", name, description })));
  const best = (prompt: string): string => ranker.rank(prompt)[0]?.candidate.name ?? "none";

  it.each([
    ["say hello to Ada", "greet"],
    ["rename hello.txt to world.txt", "none"],
    ["please review this SQL migration", "sql-review"],
    ["could you write the notes for the release?", "release-notes"],
    ["I planned this badly", "planning"],
    ["bake a cake", "none"],
    ["", "none"],
    ["the of and", "none"],
    ["REVIEWING sql Migrations", "sql-review"],
  ])("answers %j by its words", (prompt, skill) => {
    expect(best(prompt)).toBe(skill);
  });

  it("gives the same order whatever the order of the candidates", () => {
    const twins = ["b", "a"].map((name) => ({ plugin: "p", name, description: "Reviews migrations" }));
    const order = (list: typeof twins): readonly string[] =>
      new Ranker(list).rank("review migrations").map(({ candidate }) => candidate.name);
    expect(order(twins)).toEqual(["a", "b"]);
    expect(order(twins.toReversed())).toEqual(["a", "b"]);
  });
});

describe("the prompts of a set", () => {
  const notes = plugin(
    "notes",
    { release: "Writes release notes" },
    { "write release notes": "release", "bake a cake": "none" },
  );
  const thief = plugin("thief", { all: "Write release notes, release notes, write any notes" });

  it("are counted by what should have answered", () => {
    const routed = routeAll([notes, thief]);
    expect(routed.map(({ prompt, got, second, ok }) => ({ prompt, got, second, ok }))).toEqual([
      { prompt: "write release notes", got: "thief:all", second: "notes:release", ok: false },
      { prompt: "bake a cake", got: "none", second: undefined, ok: true },
    ]);
    expect(confusion(routed)).toEqual([
      { expected: "none", right: 1, wrong: {} },
      { expected: "notes:release", right: 0, wrong: { "thief:all": 1 } },
    ]);
  });

  it("that a new plugin answers are told with whose they were", () => {
    expect(stolenTriggers([notes], [notes, thief])).toEqual([
      { by: "thief:all", from: "notes:release", prompts: ["write release notes"] },
    ]);
    expect(stolenTriggers([notes, thief], [notes, thief])).toEqual([]);
    expect(stolenTriggers([notes], [thief])).toEqual([]);
  });

  it("that want none of a plugin may be answered by another", () => {
    const shy = plugin("shy", { quiet: "Lists quiet rooms" }, { "write release notes": "none" });
    expect(routeAll([shy, notes]).filter(({ plugin: id }) => id === "shy@m")).toMatchObject([
      { got: "notes:release", ok: true },
    ]);
  });
});
