import { describe, expect, it } from "vitest";
import { agentsService, type SpawnRequest } from "../../../plugin-api/index.ts";
import { hostService } from "../../support/test-host.ts";
import { skillFile, skillHost } from "../skills/skill-host.ts";

const names = ["prompt-text", "commands"];
const text = (content: readonly unknown[] | undefined): unknown =>
  (content?.[0] as { text?: string } | undefined)?.text;

describe("a typed command", () => {
  const plugins = {
    "city/commands/build.md":
      "---\nmodel: haiku\nallowed-tools: Read, Bash(make:*)\ndisallowed-tools: Write\neffort: low\n---\nBuild $1.",
    "city/commands/deep/down/go.md": "Go to $ARGUMENTS",
    "city/commands/hidden.md": "---\nuser-invocable: false\n---\nNo.",
    "town/commands/build.md": "Other.",
    "town/commands/only.md": "Only.",
  };
  const cases = [
    { typed: "/city:build all of it", name: "city:build", expanded: "Build all." },
    { typed: "/city:deep:down:go there", name: "city:deep:down:go", expanded: "Go to there" },
    { typed: "/deep:down:go there\nand back", name: "city:deep:down:go", expanded: "Go to there\nand back" },
    { typed: "/only", name: "town:only", expanded: "Only." },
  ];
  it.each(cases)("expands to its text: $typed", async ({ typed, name, expanded }) => {
    await using host = await skillHost({ plugins, names });
    const expansion = await host.type(typed);
    expect([expansion?.name, expansion?.kind, text(expansion?.content)]).toEqual([name, "command", expanded]);
  });

  it("limits model and tools for the turn", async () => {
    await using host = await skillHost({ plugins, names });
    expect((await host.type("/city:build"))?.turn).toEqual({
      allow: ["Read", "Bash(make:*)"],
      deny: ["Write"],
      model: "haiku",
      effort: "low",
    });
  });

  const answers = [
    {
      typed: "/build",
      answer: "stands for several commands; use one of their full names: `/city:build` of `city@inline`",
    },
    { typed: "/city:hidden", answer: "is not for people to type" },
  ];
  it.each(answers)("is answered without a model call: $typed", async ({ typed, answer }) => {
    await using host = await skillHost({ plugins, names });
    expect(await host.type(typed)).toMatchObject({
      answer: expect.stringContaining(answer),
      failed: `\`${typed}\` was not run`,
    });
  });

  it.each(["/nobody", "/etc/hosts is a file", "no slash", "/"])("is left alone: %s", async (typed) => {
    await using host = await skillHost({ plugins, names });
    expect(await host.type(typed)).toBeUndefined();
  });

  it("attaches the files it mentions and runs its commands through the gate", async () => {
    const body = "---\nallowed-tools: Bash(echo:*)\n---\nRead @note.txt. !`echo hi`";
    await using host = await skillHost({ plugins: { "city/commands/c.md": body }, names });
    host.project.write("note.txt", "remember");
    const expansion = await host.type("/c");
    expect(expansion?.content).toMatchObject([
      { text: "Read @note.txt. hi" },
      { text: "Contents of `note.txt`:\nremember" },
    ]);
    expect(host.test.audit.map(({ subject, outcome }) => [subject, outcome])).toEqual([
      ["tools@test Bash", "allowed"],
      ["tools@test Read", "allowed"],
    ]);
  });

  it("may stand in the manifest itself", async () => {
    const commands = { inline: { content: "Inline $ARGUMENTS", description: "It." } };
    const plugins = { "city/.claude-plugin/plugin.json": JSON.stringify({ name: "city", commands }) };
    await using host = await skillHost({ plugins, names });
    expect(text((await host.type("/city:inline x"))?.content)).toBe("Inline x");
  });

  it("gives way to a skill of the same name", async () => {
    const plugins = { "city/skills/x/SKILL.md": skillFile({}), "city/commands/x.md": "Command." };
    await using host = await skillHost({ plugins, names: [...names, "skills"] });
    expect((await host.type("/city:x"))?.kind).toBe("skill");
    expect((await host.type("/x"))?.kind).toBe("skill");
  });

  it("with `context: fork` is handed to an agent", async () => {
    const spawned: SpawnRequest[] = [];
    const run = async (request: SpawnRequest) => {
      spawned.push(request);
      return { text: "done", isError: false };
    };
    const services = [hostService(agentsService, { list: () => [], run })];
    const plugins = { "city/commands/f.md": "---\ncontext: fork\nagent: scout\n---\nLook." };
    await using host = await skillHost({ plugins, names, services });
    expect(await host.type("/f")).toMatchObject({ answer: "done", content: [] });
    expect(spawned).toMatchObject([{ agent: "scout", prompt: [{ type: "text", text: "Look." }] }]);
  });
});
