import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lastResults, pieces } from "../../support/messages-server/index.ts";
import { servedHost, type ServedHost } from "../../support/session-host.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { pluginIn } from "../../support/test-host.ts";
import { skillFile } from "./skill-host.ts";

const BUILTINS = [
  "model-anthropic",
  "instructions",
  "permissions",
  "file-tools",
  "prompt-text",
  "skills",
  "commands",
  "agents",
];

/** A session of the real loop, transcript, permissions and tools, with the plugin `city`. */
async function served(files: Readonly<Record<string, string>>, reply: Parameters<typeof servedHost>[0]) {
  const folder = temporaryHome();
  folder.write("city/.claude-plugin/plugin.json", JSON.stringify({ name: "city" }));
  for (const [name, text] of Object.entries(files)) folder.write(`city/${name}`, text);
  const host = await servedHost(reply, {
    builtins: BUILTINS,
    decide: null,
    plugins: [pluginIn(folder.path("city"), folder)],
  });
  return {
    host,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Every request begins with the bytes of the one before. */
function expectAppending({ service }: ServedHost): void {
  const sent = service.requests.map(({ body }) => pieces(body).map(({ text }) => text));
  for (const [at, request] of sent.entries()) {
    const before = sent[at - 1] ?? [];
    expect(request.slice(0, before.length)).toEqual(before);
  }
}

describe("a session with skills", () => {
  it("opens a gate by a file that was read, and what the model sees changes only by appending", async () => {
    const files = {
      "skills/css/SKILL.md": skillFile({ paths: '"**/*.css"', description: "Styles." }, "Use variables."),
      "skills/other/SKILL.md": skillFile({}),
    };
    let file = "";
    await using at = await served(files, (request, call) => {
      if (call === 1) return { calls: [{ name: "Read", input: { file_path: file } }] };
      if (call === 2) return { calls: [{ name: "Skill", input: { skill: "city:css" } }] };
      return { text: [...lastResults(request).values()].map(({ text }) => text).join() };
    });
    file = join(at.host.project, "a.css");
    writeFileSync(file, "a {}");
    const session = await at.host.open();
    const { result } = await at.host.turn(session, "go");
    expect(result.text).toContain("Use variables.");
    const [first, second] = at.host.service.requests.map(({ body }) => JSON.stringify(body));
    expect(first).toContain("- city:other: About it.");
    expect(first).not.toContain("city:css");
    expect(second).toContain("- city:css: Styles.");
    await at.host.turn(session, "/city:other now");
    expectAppending(at.host);
    expect(JSON.stringify(at.host.service.requests.at(-1)?.body.messages.at(-1))).toContain("ARGUMENTS: now");
  });

  it("runs an agent with its own prompt and tools, and a command with its model's limits", async () => {
    const files = {
      "agents/scout.md": "---\nname: scout\ndescription: Looks.\ntools: Read\n---\nYou are a scout.",
      "commands/look.md": "---\nallowed-tools: Read\n---\nLook at $ARGUMENTS.",
    };
    await using at = await served(files, (request, call) => {
      if (call === 1)
        return { calls: [{ name: "Agent", input: { description: "d", prompt: "Find it", subagent_type: "scout" } }] };
      if (call === 2) return { text: "found it" };
      return { text: [...lastResults(request).values()].map(({ text }) => text).join() };
    });
    const session = await at.host.open();
    const { result } = await at.host.turn(session, "/look this");
    expect(result.text).toBe("found it");
    const [main, child] = at.host.service.requests.map(({ body }) => body);
    expect(JSON.stringify(main?.messages)).toContain("Look at this.");
    expect(JSON.stringify(main?.messages)).toContain("- city:scout: Looks.");
    expect(JSON.stringify(child?.system)).toContain("You are a scout.");
    expect(child?.tools?.map(({ name }) => name)).toEqual(["Read"]);
    expect(JSON.stringify(child?.messages)).toContain("Find it");
    expect(JSON.stringify(child?.messages)).not.toContain("Look at this");
  });
});
