import { describe, expect, it } from "vitest";
import {
  definePlugin,
  definePoint,
  defineService,
  defineTool,
  filesTouched,
  gateEvent,
  toolPoint,
} from "../../plugin-api/index.ts";
import { activatePlugin } from "../../plugin-api/testing.ts";

interface Words {
  readonly of: (text: string) => number;
}

const words = defineService<Words>("words@test/words");
const greeting = definePoint<string>("greetings@test/greeting");
const mayGreet = gateEvent<string>("greetings@test/may-greet");

/** A tool as an author writes it. */
const counter = definePlugin({
  activate: async (context) => {
    const { of } = await context.use(words);
    const count = defineTool<{ readonly text: string }>({
      name: "CountWords",
      description: "counts the words of a text",
      inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      readOnly: true,
      run: ({ text }, { agentPath }) => `${String(of(text))} words for ${agentPath.join("/")}`,
    });
    context.contribute(toolPoint, "CountWords", count);
    context.contribute(greeting, "hello", "hi");
    context.listen(filesTouched, ({ files }) => context.log.info(files.join()));
    context.listen(mayGreet, (name) => ({
      decision: name === "Eve" ? "deny" : "allow",
      context: [`asked for ${name}`],
    }));
    context.listen(mayGreet, () => ({ decision: "pass", context: ["me too"] }));
    context.onDispose(() => context.log.warn("gone"));
  },
});

const surroundings = { services: [[words, { of: (text: string) => text.split(" ").length }]] } as const;

describe("the host in memory for tests of plugins", () => {
  it("activates a plugin and calls its tool", async () => {
    const plugin = await activatePlugin(counter, surroundings);
    expect(await plugin.callTool("CountWords", { text: "a b c" }, { agentPath: ["main"] })).toEqual({
      content: [{ type: "text", text: "3 words for main" }],
    });
    expect([...plugin.contributions(greeting)]).toEqual([["hello", "hi"]]);
  });

  it("says which service or tool a test has to give", async () => {
    await expect(activatePlugin(counter)).rejects.toThrow("the test gives no `words@test/words`");
    const plugin = await activatePlugin(counter, surroundings);
    await expect(plugin.callTool("Count", {})).rejects.toThrow("contributes no tool `Count`");
  });

  it("answers a gate as a host does", async () => {
    const plugin = await activatePlugin(counter, surroundings);
    expect(await plugin.emit(mayGreet, "Eve")).toMatchObject({ decision: "deny", by: "plugin@test" });
    expect(await plugin.emit(mayGreet, "Ada")).toMatchObject({
      decision: "allow",
      context: ["asked for Ada", "me too"],
    });
  });

  it("takes everything back", async () => {
    const plugin = await activatePlugin(counter, surroundings);
    await plugin.dispose();
    expect(plugin.contributions(greeting).size).toBe(0);
    expect(await plugin.emit(mayGreet, "Eve")).toEqual({ decision: "pass" });
    expect(plugin.logged).toEqual(["warn: gone"]);
  });
});
