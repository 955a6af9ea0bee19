import { describe, expect, it } from "vitest";
import { systemPrompt, systemPromptTexts } from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { skillHost } from "../skills/skill-host.ts";

const names = ["prompt-text", "output-styles"];
const style = (fields: string, text: string): string => `---\ndescription: A style.\n${fields}\n---\n${text}\n`;
const plugins = {
  "city/output-styles/terse.md": style("", "Be terse."),
  "city/output-styles/kind.md": style("keep-coding-instructions: true", "Be kind."),
  "town/output-styles/kind.md": style("name: Gentle", "Be gentle."),
};
const parts = [{ order: 5, text: "who" } as const, { order: 10, text: "how to code", topic: "coding" } as const];

describe("an output style", () => {
  const cases = [
    { name: "is none by default", setting: undefined, texts: ["who", "how to code"] },
    { name: "is none by name", setting: "default", texts: ["who", "how to code"] },
    {
      name: "is appended in place of coding instructions",
      setting: "city:terse",
      texts: ["who", "# Output style: city:terse\n\nBe terse."],
    },
    {
      name: "may keep them",
      setting: "kind",
      texts: ["who", "how to code", "# Output style: city:kind\n\nBe kind."],
    },
    {
      name: "may be chosen for the session",
      setting: "kind",
      option: "Gentle",
      texts: ["who", "# Output style: town:Gentle\n\nBe gentle."],
    },
  ];
  it.each(cases)("$name", async ({ setting, option, texts }) => {
    await using host = await skillHost({ plugins, names, settings: { outputStyle: setting } });
    host.session.setOptions({ outputStyle: option });
    const collected = await host.test.host.frontend.emit(systemPrompt, { session: host.session, parts });
    expect(systemPromptTexts(collected.parts)).toEqual(texts);
  });

  it("that nobody knows is reported with the names that there are", async () => {
    await using host = await skillHost({ plugins, names, settings: { outputStyle: "grand" } });
    const collected = await host.test.host.frontend.emit(systemPrompt, { session: host.session, parts });
    expect(collected.parts).toEqual(parts);
    expect(host.test.warnings.join()).toContain(
      "`grand` is not there; there are `city:kind`, `city:terse`, `town:Gentle`",
    );
  });

  it("that a plugin forces wins over the person's, the first plugin's over others", async () => {
    const forced = {
      ...plugins,
      "a/output-styles/one.md": style("force-for-plugin: true", "One."),
      "b/output-styles/two.md": style("force-for-plugin: true", "Two."),
    };
    await using host = await skillHost({ plugins: forced, names, settings: { outputStyle: "kind" } });
    const collected = await host.test.host.frontend.emit(systemPrompt, { session: host.session, parts });
    expect(collected.parts.at(-1)?.text).toBe("# Output style: a:one\n\nOne.");
  });

  it("is not for agents", async () => {
    await using host = await skillHost({ plugins, names, settings: { outputStyle: "kind" } });
    const session = new MemorySession({ directory: host.session.directory, parent: host.session, agent: "a" });
    expect(await host.test.host.frontend.emit(systemPrompt, { session, parts })).toMatchObject({ parts });
  });
});
