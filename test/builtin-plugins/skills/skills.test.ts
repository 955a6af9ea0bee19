import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { agentsService, toolPoint, type SpawnRequest } from "../../../plugin-api/index.ts";
import { hostService } from "../../support/test-host.ts";
import { skillFile, skillHost } from "./skill-host.ts";

const MANIFEST = new URL("../../../builtin-plugins/skills/.claude-plugin/plugin.json", import.meta.url);
const gated = { "city/skills/css/SKILL.md": skillFile({ paths: '"**/*.css"', description: "Styles." }) };
const two = { "city/skills/a/SKILL.md": skillFile({}), "city/skills/b/SKILL.md": skillFile({ when_to_use: "Often." }) };

describe("the listing of skills", () => {
  it("is told once, then only what changed", async () => {
    await using host = await skillHost({ plugins: two });
    expect(await host.told("session-start")).toEqual([
      "These skills can be invoked with the `Skill` tool by name:\n- city:a: About it.\n- city:b: About it. Often.",
    ]);
    expect(await host.told()).toEqual([]);
    expect(await host.told("tool-results")).toEqual([]);
  });

  it("says what came, changed and went, and never repeats the rest", async () => {
    await using host = await skillHost({ plugins: two });
    await host.told("session-start");
    host.files.write("city/skills/a/SKILL.md", skillFile({ description: "New." }));
    host.files.write("city/skills/c/SKILL.md", skillFile({}));
    rmSync(host.files.path("city/skills/b"), { recursive: true });
    await host.reload();
    expect(await host.told()).toEqual([
      "These skills can now be invoked with the `Skill` tool by name, or have a new description:\n- city:a: New.\n- city:c: About it.\n\nThese skills are no longer there: city:b",
    ]);
    expect(await host.told()).toEqual([]);
  });

  it("is not told again after a resume", async () => {
    await using host = await skillHost({ plugins: two });
    await host.told("session-start");
    await host.session.close();
    expect(await host.told("session-start", host.session.resumed())).toEqual([]);
  });

  it("leaves out what the model may not invoke, and is not told to an agent without the tool", async () => {
    await using host = await skillHost({
      plugins: { "city/skills/a/SKILL.md": skillFile({ "disable-model-invocation": "true" }), ...gated },
    });
    expect(await host.told("session-start")).toEqual([]);
    expect(await host.call("city:a")).toContain(
      "error: `city:a` is a skill that only the person invokes; do not imitate",
    );
  });

  it("trims descriptions to its budget, and reports it", async () => {
    await using host = await skillHost({ plugins: two, settings: { skillListingBudgetFraction: 0.00003 } });
    expect(await host.told("session-start")).toEqual([
      "These skills can be invoked with the `Skill` tool by name:\n- city:a\n- city:b",
    ]);
    expect(host.test.warnings.join()).toContain(
      "over their budget of 24 characters; listed by name only: `city:a`, `city:b`",
    );
  });

  it("RS06: of more skills than fit takes a tenth of the context at most, once, and every skill can be invoked", async () => {
    const name = (at: number): string => `${"s".repeat(200)}${String(at)}`;
    const many = Array.from({ length: 450 }, (_, at) => [`many/skills/${name(at)}/SKILL.md`, skillFile({})] as const);
    await using host = await skillHost({ plugins: Object.fromEntries(many) });
    const [text = ""] = await host.told("session-start");
    expect(text.length).toBeGreaterThan(79_000);
    expect(text.length).toBeLessThan(80_200);
    expect(text).toMatch(/\n\n\d+ more are too many to be named here/u);
    expect(await host.told()).toEqual([]);
    expect(text).not.toContain(`many:${name(99)}\n`);
    expect(await host.call(`many:${name(99)}`)).toContain("Do it.");
  });

  it("cuts a single description at the setting for it", async () => {
    await using host = await skillHost({ plugins: two, settings: { skillListingMaxDescChars: 5 } });
    expect((await host.told("session-start"))[0]).toContain("- city:a: Abou…\n");
  });
});

describe("a skill with paths", () => {
  it("appears when a matching file is touched, by an appended text, and stays", async () => {
    await using host = await skillHost({ plugins: { ...two, ...gated } });
    expect((await host.told("session-start"))[0]).not.toContain("css");
    expect(await host.call("css")).toContain(
      "error: `css` can be invoked only after work on a file that matches `**/*.css`",
    );
    await host.touch(host.project.write("src/a.ts", ""));
    expect(await host.told("tool-results")).toEqual([]);
    await host.touch(host.project.write("src/a.css", ""));
    expect(await host.told("tool-results")).toEqual([
      "These skills can now be invoked with the `Skill` tool by name, or have a new description:\n- city:css: Styles.",
    ]);
    expect(await host.told()).toEqual([]);
    expect(await host.call("css")).toContain("Do it.");
  });

  it("stays open after a resume", async () => {
    await using host = await skillHost({ plugins: gated });
    await host.touch(host.project.write("a.css", ""));
    await host.session.close();
    expect(await host.told("session-start", host.session.resumed())).toHaveLength(1);
  });

  const closed = [
    { name: "a link to a file elsewhere", file: "link.css" },
    { name: "a path through `..`", file: "../x.css" },
    { name: "a file that does not exist", file: "none.css" },
  ];
  it.each(closed)("PS05: is not opened by $name", async ({ file }) => {
    await using host = await skillHost({ plugins: gated });
    const outside = host.files.write("outside/x.css", "");
    if (file === "link.css") symlinkSync(outside, host.project.path(file));
    await host.touch(`${host.project.directory}/${file}`, `${host.project.directory}/../outside/x.css`);
    expect(await host.told()).toEqual([]);
  });

  it("PS05: is opened by the real path behind a link within the project", async () => {
    await using host = await skillHost({ plugins: gated });
    host.project.write("real.css", "");
    symlinkSync("real.css", host.project.path("plain"));
    await host.touch(host.project.path("plain"));
    expect(await host.told()).toHaveLength(1);
  });

  it("can be typed by a person before that", async () => {
    await using host = await skillHost({ plugins: gated });
    expect(await host.type("/css")).toMatchObject({ name: "city:css", kind: "skill" });
  });
});

describe("the tool Skill", () => {
  it("is announced as its code gives it", async () => {
    await using host = await skillHost({ plugins: two });
    await host.told();
    const manifest = JSON.parse(readFileSync(MANIFEST, "utf8"));
    const tool = (await host.test.host.frontend.read(toolPoint)).all().find(({ name }) => name === "Skill");
    expect([tool?.descriptor]).toEqual(manifest.plugsmith.contributes["plugsmith/tool"]);
  });

  it("returns the text with its arguments, and a note where nothing changed", async () => {
    await using host = await skillHost({ plugins: { "city/skills/a/SKILL.md": skillFile({}, "Go to $0.") } });
    expect(await host.call("city:a", "Rome")).toBe(
      "Skill `city:a`; its files are in `FILES/city/skills/a`.\n\nGo to Rome.\n",
    );
    expect(await host.call("a", "Rome")).toBe("Skill `city:a` was invoked again; its text above has not changed.");
    expect(await host.call("a", "Oslo")).toContain("Go to Oslo.");
    expect(await host.call("none")).toBe("error: there is no skill `none`; use a name that was listed");
  });

  it("reads the text at the invocation", async () => {
    await using host = await skillHost({ plugins: two });
    await host.call("a");
    host.files.write("city/skills/a/SKILL.md", skillFile({}, "Something else."));
    expect(await host.call("a")).toContain("Something else.");
  });

  it("FM09: grants and refuses tools for the turn once it is invoked, not before, and notes live hooks", async () => {
    const fields = {
      "allowed-tools": "Bash(git:*), Read",
      "disallowed-tools": "Write",
      model: "opus",
      effort: "high",
      hooks: '{"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}',
    };
    await using host = await skillHost({ plugins: { "city/skills/a/SKILL.md": skillFile(fields) } });
    host.session.setTurn({ allow: ["Grep"], deny: [] });
    await host.told("session-start");
    expect(host.session.turn).toEqual({ allow: ["Grep"], deny: [] });
    await host.call("a");
    expect(host.session.turn).toEqual({
      allow: ["Grep", "Bash(git:*)", "Read"],
      deny: ["Write"],
      model: "opus",
      effort: "high",
    });
    expect(host.session.notes("plugsmith/skill-hooks")).toEqual([{ plugin: "city@inline", skill: "a" }]);
  });

  it("hands a skill with `context: fork` to an agent", async () => {
    const spawned: SpawnRequest[] = [];
    const agents = hostService(agentsService, {
      list: () => [],
      run: async (request) => {
        spawned.push(request);
        return { text: "done", isError: false };
      },
    });
    const plugins = { "city/skills/a/SKILL.md": skillFile({ context: "fork", agent: "scout" }, "Look at $ARGUMENTS") };
    await using host = await skillHost({ plugins, services: [agents] });
    expect(await host.call("a", "it")).toBe("done");
    expect(await host.type("/a this")).toMatchObject({ content: [], answer: "done", args: "this" });
    expect(spawned).toMatchObject([
      { agent: "scout", prompt: "Look at it\n" },
      { agent: "scout", prompt: "Look at this\n" },
    ]);
  });
});

describe("a typed prompt", () => {
  const plugins = {
    "city/skills/a/SKILL.md": skillFile({ "allowed-tools": "Read" }, "A $ARGUMENTS"),
    "city/skills/b/SKILL.md": skillFile({ model: "haiku", "allowed-tools": "Grep" }, "B $0"),
    "city/skills/f/SKILL.md": skillFile({ context: "fork" }, "F"),
    "city/skills/m/SKILL.md": skillFile({ "user-invocable": "no" }),
    "town/skills/b2/SKILL.md": skillFile({ name: "a" }, "other"),
  };

  it("means a skill by its full name, and expands several at its beginning with the same arguments", async () => {
    await using host = await skillHost({ plugins });
    const expansion = await host.type("/city:a /b x y");
    expect(expansion).toMatchObject({ name: "city:a", args: "x y", turn: { allow: ["Read", "Grep"], model: "haiku" } });
    expect(expansion?.content.map((block) => (block.type === "text" ? block.text.split("\n").at(-2) : ""))).toEqual([
      "A x y",
      "B x",
    ]);
  });

  it("stops stacking at a skill that forks", async () => {
    await using host = await skillHost({ plugins });
    expect(await host.type("/b /f x")).toMatchObject({ name: "city:b", args: "/f x" });
  });

  it("stacks six at most", async () => {
    await using host = await skillHost({ plugins });
    const expansion = await host.type(`${"/b ".repeat(7)}x`);
    expect([expansion?.content.length, expansion?.args]).toEqual([6, "/b x"]);
  });

  const others = [
    { name: "says that two skills have the name", text: "/a", answer: "stands for several skills" },
    { name: "says that only the model invokes a skill", text: "/m", answer: "only the model invokes" },
  ];
  it.each(others)("$name", async ({ text, answer }) => {
    await using host = await skillHost({ plugins });
    expect(await host.type(text)).toMatchObject({
      answer: expect.stringContaining(answer),
      failed: `\`${text}\` was not run`,
    });
  });

  it.each(["/nobody", "/usr/bin/env", "a /b", "/"])("is left alone when it names no skill: %s", async (text) => {
    await using host = await skillHost({ plugins });
    expect(await host.type(text)).toBeUndefined();
  });

  it("fails as a whole when a command of the skill is not allowed", async () => {
    await using host = await skillHost({ plugins: { "city/skills/x/SKILL.md": skillFile({}, "!`touch y`") } });
    await expect(host.type("/x")).rejects.toThrow("its command `touch y` did not run");
  });
});
