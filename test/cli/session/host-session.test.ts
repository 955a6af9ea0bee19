import { existsSync, readFileSync, realpathSync } from "node:fs";
import { expect, it } from "vitest";
import { createHost } from "../../../cli/session/create-host.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const say = (event: string, command: string): object => ({ [event]: [{ hooks: [{ type: "command", command }] }] });

/** A host whose plugin has these hooks, and whose model runs each prompt as a command. */
async function host(home: TemporaryHome, hooks: object) {
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0" }));
  home.write("plugin/hooks/hooks.json", JSON.stringify({ hooks }));
  home.write("project/notes.md", "");
  home.write("other/b.txt", "b");
  const script = `export default ({ messages }) => {
    const last = messages.at(-1).content;
    const result = last.find(({ type }) => type === "tool_result");
    if (result) return result.content[0].text;
    return { calls: [{ name: "Bash", input: { command: last[0].text } }] };
  };`;
  home.write("project/script.mjs", script);
  return createHost({
    directory: home.path("project"),
    environment: { PLUGSMITH_HOME: home.path("home"), HOME: home.directory, PATH: process.env["PATH"] },
    pluginDirectories: [home.path("plugin")],
    additionalDirectories: ["../other"],
    trustWorkspace: true,
  });
}

it("a session is set up before its first prompt, and its commands see what the hooks exported", async () => {
  using home = temporaryHome();
  const hooks = {
    ...say(
      "Setup",
      'grep -o "init" | head -1 > "$CLAUDE_PROJECT_DIR/trigger"; echo "export READY=yes" >> "$CLAUDE_ENV_FILE"',
    ),
    ...say("DirectoryAdded", 'cat > "$CLAUDE_PROJECT_DIR/added"'),
  };
  const opened = await host(home, hooks);
  try {
    const script = `scripted:${home.path("project/script.mjs")}`;
    const session = await opened.openSession({ options: { model: script, allow: ["Bash"] }, recorded: false });
    await session.setUp("init");
    const turn = session.prompt('echo "ready: $READY"');
    for (;;) {
      const { done, value } = await turn.next();
      if (done !== true) continue;
      expect(value).toMatchObject({ reason: "done", text: "ready: yes" });
      break;
    }
    expect(readFileSync(home.path("project/trigger"), "utf8")).toBe("init\n");
    session.addDirectory("../plugin");
    await expect.poll(() => existsSync(home.path("project/added")), { timeout: 10_000 }).toBe(true);
    const directory = realpathSync(home.path("plugin"));
    await expect
      .poll(() => readFileSync(home.path("project/added"), "utf8"), { timeout: 10_000 })
      .toContain(`"directory":"${directory}","source":"register_repo_root"`);
    await expect(session.setOptions({ model: "nobody-knows" })).rejects.toThrow("nobody-knows");
    await session.close();
  } finally {
    await opened.close();
  }
});
