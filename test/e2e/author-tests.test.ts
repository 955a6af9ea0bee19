import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { HOOK, sandbox, type Sandbox } from "../cli/sandbox.ts";

const TESTS = `cases:
  - name: a greeting is wanted
    prompt: say hello to Ada
    expect: { fires: [greet] }
  - name: nothing else is
    prompt: bake a cake
    expect: { fires: [greet] }
routing:
  - { prompt: say hello to Ada, fires: greet }
`;

function skill(name: string, description: string): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\n\nDo it.\n`;
}

function author(box: Sandbox): void {
  box.files.write("work/mine/.claude-plugin/plugin.json", JSON.stringify({ name: "mine", version: "1.0.0" }));
  box.files.write("work/mine/skills/greet/SKILL.md", skill("greet", "Says hello to a person by name"));
  box.files.write("work/mine/tests/mine.yaml", TESTS);
}

it("an author runs the cases of a plugin, and is told what failed and where", () => {
  using box = sandbox();
  author(box);
  const failed = box.run(["test", "mine", "--junit", "report.xml"]);
  expect(failed.status).toBe(1);
  expect(failed.stdout).toContain(
    "not ok nothing else is tests/mine.yaml:5\n    fires\n      expected: greet\n      got:      nothing\n",
  );
  expect(failed.stdout).toContain("failed: 1 of 2 cases, 0 of 1 prompt");
  expect(readFileSync(box.files.path("work/report.xml"), "utf8")).toContain('tests="3" failures="1" errors="0"');

  // What runs programs runs them only where somebody trusts the folder.
  for (const [path, text] of Object.entries(HOOK)) box.files.write(`work/mine/${path}`, text);
  const refused = box.run(["test", "mine", "--filter", "wanted"]);
  expect({ status: refused.status, stderr: refused.stderr }).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("testing `mine` runs its programs, and nobody trusts"),
  });
  expect(box.run(["trust", "mine"]).status).toBe(0);
  expect(box.run(["test", "mine", "--filter", "wanted"]).status).toBe(0);
});

it("a plan says whose prompts a plugin would answer", () => {
  using box = sandbox();
  author(box);
  expect(box.run(["add", "./mine", "--yes"]).status).toBe(0);
  box.files.write("work/other/.claude-plugin/plugin.json", JSON.stringify({ name: "other", version: "1.0.0" }));
  box.files.write("work/other/skills/hail/SKILL.md", skill("hail", "Say hello, say hello to Ada"));
  const note = '`other:hail` now answers prompts of `mine:greet`: "say hello to Ada"';
  expect(box.run(["add", "./other", "--dry-run"]).stdout).toContain(note);
  expect(box.run(["dev", "other", "--once"]).stdout).toContain("other:hail answers prompts of mine:greet");
  const alone = box.run(["test", "--routing"]);
  expect({ status: alone.status, stdout: alone.stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("passed: 1 of 1 prompt"),
  });
  expect(box.run(["test", "other", "--routing"]).stdout).toMatch(/mine:greet +0 +other:hail 1/u);
});

it("a plugin is shown again when it changes", async () => {
  using box = sandbox();
  author(box);
  const { child, ended } = box.start(["dev", "mine"]);
  let shown = "";
  child.stdout?.on("data", (text: string) => (shown += text));
  const says = async (text: string): Promise<void> => {
    await expect.poll(() => shown, { timeout: 20_000 }).toContain(text);
  };
  await says("q or Ctrl-C ends");
  expect(shown).toContain("tokens always on");
  for (const [path, text] of Object.entries(HOOK)) box.files.write(`work/mine/${path}`, text);
  await says("+ can execute hook PreToolUse: node ${CLAUDE_PLUGIN_ROOT}/guard.mjs");
  writeFileSync(box.files.path("work/mine/.claude-plugin/plugin.json"), '{ "name": 1 }');
  await says("not valid:");
  appendFileSync(box.files.path("work/mine/tests/mine.yaml"), "prompts: []\n");
  await says("a key `prompts` means nothing here");
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ status: 0, stderr: "" });
});
