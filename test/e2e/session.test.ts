import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { plugin, plugsmith, type CommandResult } from "../support/command.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";
import { canary } from "../support/canary.ts";

interface Desk {
  readonly files: TemporaryHome;
  readonly ask: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<CommandResult>;
  readonly manage: (words: readonly string[]) => Promise<CommandResult>;
}

/** A home, and a project to work in. */
function desk(files: TemporaryHome): Desk {
  files.write("project/notes.md", "# Notes\n");
  const home = files.path("home");
  const cwd = files.path("project");
  return {
    files,
    ask: (words, env) => plugsmith(words, { home, cwd, env }),
    manage: (words) => plugin(words, { home, cwd }),
  };
}

/** A script that answers what `body` returns of the request. */
function script(files: TemporaryHome, body: string): readonly string[] {
  files.write("project/script.mjs", `export default (request) => { ${body} };\n`);
  return ["--model", "scripted:script.mjs"];
}

const LAST = "const last = request.messages.at(-1).content;";

describe("plugsmith -p", () => {
  it("says how to set a key when nobody can answer, and does not fall back to a script", async () => {
    using files = temporaryHome();
    const result = await desk(files).ask(["-p", "hello"]);
    expect(result).toMatchObject({ exit: 1, stdout: "" });
    expect(result.stderr).toContain("ANTHROPIC_API_KEY");
  });

  it("prints the last text, one document, or a line an event", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const model = script(files, 'return "hi " + request.messages.length;');
    expect(await ask(["-p", "hello", ...model])).toEqual({ exit: 0, stdout: "hi 1\n", stderr: "" });
    const one = await ask(["-p", "hello", ...model, "--output-format", "json"]);
    expect(JSON.parse(one.stdout)).toMatchObject({ type: "result", ok: true, reason: "done", text: "hi 1", steps: 1 });
    const lines = (await ask(["-p", "hello", ...model, "--output-format", "stream-json"])).stdout.trim().split("\n");
    // Every line is one JSON value with a type.
    const types = lines.map((line) => (JSON.parse(line) as { readonly type: string }).type);
    expect(types).toEqual(["prompt", "model", "assistant", "result"]);
  });

  it("runs the hooks that set a project up, alone or before a prompt", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const model = script(files, 'return "ok";');
    const hook = (event: string): object => ({
      [event]: [
        {
          hooks: [{ type: "command", command: 'cat >> "$CLAUDE_PROJECT_DIR/told"' }],
        },
      ],
    });
    files.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0" }));
    files.write("plugin/hooks/hooks.json", JSON.stringify({ hooks: { ...hook("Setup"), ...hook("SessionStart") } }));
    const given = ["--plugin-dir", "../plugin"];
    const told = (): readonly object[] =>
      readFileSync(files.path("project/told"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as object);
    expect(await ask(["--init-only", ...given])).toEqual({ exit: 0, stdout: "", stderr: "" });
    const init = { hook_event_name: "Setup", trigger: "init" };
    const start = { hook_event_name: "SessionStart", source: "startup" };
    expect(told()).toMatchObject([init, start]);
    expect((await ask(["-p", "hi", "--maintenance", ...given, ...model])).stdout).toBe("ok\n");
    expect(told()).toMatchObject([init, start, { ...init, trigger: "maintenance" }, start]);
    const both = await ask(["-p", "hi", "--init", "--maintenance", ...model]);
    expect(both).toMatchObject({ exit: 2, stdout: "" });
  });

  it("takes a prompt from a pipe, below the one that was typed", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const model = script(files, "return request.messages[0].content[0].text;");
    const piped = await plugsmith(["-p", "sum up:", ...model], {
      home: files.path("home"),
      cwd: files.path("project"),
      input: "a\nb\n",
    });
    expect(piped.stdout.trimEnd()).toBe("sum up:\n\na\nb");
    expect((await ask(["-p", ...model])).stderr).toContain("`plugsmith -p` needs a prompt");
  });

  it("goes on with a session, by its id or the newest, and records nothing when told so", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const model = script(files, "return String(request.messages.length);");
    await ask(["-p", "unrecorded", ...model, "--no-session-persistence"]);
    const first = await ask(["-p", "one", ...model, "--output-format", "json"]);
    const { sessionId } = JSON.parse(first.stdout) as { readonly sessionId: string };
    expect((await ask(["-p", "two", ...model, "--continue"])).stdout).toBe("3\n");
    expect((await ask(["-p", "three", ...model, "--resume", sessionId])).stdout).toBe("5\n");
    const unknown = await ask(["-p", "x", ...model, "--resume", "nope"]);
    expect(unknown.exit).toBe(1);
    expect(unknown.stderr).toContain("nope");
    const recorded = readdirSync(files.path("home", "sessions"), { recursive: true, encoding: "utf8" });
    expect(recorded.filter((name) => name.endsWith(".jsonl"))).toHaveLength(1);
  });

  it("denies what would need a person, allows what a rule allows, and says which", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const model = script(
      files,
      `${LAST}
       if (last[0].type === "text") return { calls: [
         { name: "Read", input: { file_path: "notes.md" } },
         { name: "Write", input: { file_path: "new.md", content: "x" } } ] };
       return last.map((block) => block.content?.[0].text).join("|");`,
    );
    const denied = await ask(["-p", "go", ...model]);
    expect(denied.stdout).toContain("# Notes");
    expect(denied.stdout).toContain("denied");
    expect((await ask(["-p", "go", ...model, "--permission-mode", "acceptEdits"])).stdout).toContain("created");
    expect(readFileSync(files.path("project/new.md"), "utf8")).toBe("x");
    const audit = readdirSync(files.path("home", "audit")).map((name) =>
      readFileSync(files.path("home", "audit", name), "utf8"),
    );
    expect(audit.join("")).toMatch(/"outcome":"denied".*Write|Write.*"outcome":"denied"/u);
  });

  it("ends after as many model calls as it may make", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const model = script(files, 'return { calls: [{ name: "Read", input: { file_path: "notes.md" } }] };');
    const result = await ask(["-p", "go", ...model, "--max-turns", "3"]);
    expect(result.exit).toBe(1);
    expect(result.stderr).toContain("not finished after 3 model calls");
  });

  it("marks its processes, so that the model cannot install for itself", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const command = `${process.execPath} ${join(inject("bundle"), "plugin.js")} marketplace add ./market; echo "exit $?"`;
    const model = script(
      files,
      `${LAST}
       if (last[0].type === "text") return { calls: [{ name: "Bash", input: { command: ${JSON.stringify(command)} } }] };
       return last[0].content[0].text;`,
    );
    const result = await ask(["-p", "go", ...model, "--permission-mode", "bypassPermissions"]);
    expect(result.stdout).toContain("exit 3");
    expect(result.stdout).toContain("/plugin marketplace add");
  });

  const mistakes: readonly (readonly [words: readonly string[], exit: number, says: string])[] = [
    [[], 2, "a session at the terminal is not in this release"],
    [["hello"], 2, 'plugsmith -p "hello"'],
    [["-p", "x", "--modle", "y"], 2, "did you mean `--model`"],
    [["-p", "x", "--output-format", "xml"], 2, "is one of `text`, `json`, `stream-json`"],
    [["-p", "x", "--max-turns", "0"], 2, "is not a number from 1 up"],
    [["-p", "x", "--continue", "--resume", "y"], 2, "name two sessions"],
    [["-p", "x", "--model", "scripted:none.yaml"], 1, "none.yaml"],
    [["-p", "x", "--plugin-dir", "./nowhere"], 1, "`--plugin-dir ./nowhere` does not exist"],
    [["-p", "two", "words"], 2, 'plugsmith -p "two words"'],
    [["-p", "x", "--cwd", "./nowhere"], 2, "is not a directory"],
    [["-p", "x", "--settings", "./nowhere.json"], 1, "nowhere.json"],
    [["bot"], 2, "did you mean `plugsmith boot`"],
    [["list"], 2, "did you mean `plugin list`"],
    [["add", "x@y"], 2, "did you mean `plugin add x@y`"],
    [["-p", "x", "--allowed-tools", "Bash(git log:*"], 2, "a parenthesis without its other half"],
    [["-p", "x", "--allowed-tools", "Bash("], 2, "a parenthesis without its other half"],
    [["-p", "x", "--disallowed-tools", "Bash)"], 2, "a parenthesis without its other half"],
    [["-p", "x"], 1, "hint: `export ANTHROPIC_API_KEY"],
    [["-p", "x", "--model", "gpt-5"], 1, "hint: for example `--model sonnet`"],
  ];
  it.each(mistakes)("tells what is wrong with `plugsmith %j`", async (words, exit, says) => {
    using files = temporaryHome();
    const result = await desk(files).ask(words);
    expect(result.stderr).toContain(says);
    expect(result.exit).toBe(exit);
  });
});

describe("what a person hears beside the answer", () => {
  it("names a script that throws", async () => {
    using files = temporaryHome();
    const result = await desk(files).ask(["-p", "go", ...script(files, 'throw new Error("boom");')]);
    expect(result.stderr).toContain("script.mjs` threw: boom");
    expect(result.exit).toBe(1);
  });

  it("is told that a command does not exist, and nothing of a path", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    const model = script(files, 'return "x";');
    expect((await ask(["-p", "/kit:gret Ada", ...model])).stderr).toContain(
      "no command or skill is called `/kit:gret`",
    );
    expect((await ask(["-p", "/etc/hosts is what?", ...model])).stderr).toBe("");
  });

  it("says once that a hook failed", async () => {
    using files = temporaryHome();
    files.write("hooked/.claude-plugin/plugin.json", JSON.stringify({ name: "hooked", version: "1.0.0" }));
    const hook = { hooks: [{ type: "command", command: "exit 1" }] };
    files.write("hooked/hooks/hooks.json", JSON.stringify({ hooks: { UserPromptSubmit: [hook] } }));
    const { stderr } = await desk(files).ask(["-p", "x", ...script(files, 'return "x";'), "--plugin-dir", "../hooked"]);
    expect(stderr.match(/it ended with 1/gu)).toHaveLength(1);
  });

  it("is told at once that the program is not installed whole", async () => {
    using files = temporaryHome();
    // The bundle alone, without the packages that it is installed with.
    const alone = files.path("alone");
    cpSync(inject("bundle"), alone, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
    const { stderr, status } = spawnSync(process.execPath, [join(alone, "plugsmith.js"), "-p", "x"], {
      cwd: files.directory,
      env: { PATH: process.env["PATH"] ?? "", HOME: files.path("home"), ANTHROPIC_API_KEY: canary("model") },
      encoding: "utf8",
    });
    expect(stderr).toMatch(/^error: the package that talks to Claude cannot be loaded; install Plugsmith anew/u);
    expect(status).toBe(1);
  });

  it("is told which plugin's code does not start", async () => {
    using files = temporaryHome();
    const tool = { name: "Word", description: "d", inputSchema: { type: "object" }, readOnly: true };
    files.write(
      "bad/.claude-plugin/plugin.json",
      JSON.stringify({
        name: "bad",
        version: "1.0.0",
        plugsmith: { entry: "./bad.js", contributes: { "plugsmith/tool": [tool] } },
      }),
    );
    const { ask, manage } = desk(files);
    expect((await ask(["boot", "--plugin-dir", "../bad"])).stderr).toContain("`./bad.js` of `bad` is not a file");
    const validated = await manage(["validate", "../bad"]);
    expect(validated.stderr + validated.stdout).toContain("not a file of the plugin");
    files.write("bad/bad.js", 'throw new Error("boom at load");');
    const model = script(
      files,
      `${LAST} return last[0].type === "text" ? { calls: [{ name: "Word", input: {} }] } : "went on";`,
    );
    const result = await ask(["-p", "x", ...model, "--plugin-dir", "../bad", "--allowed-tools", "Word"]);
    expect(result.stdout).toBe("went on\n");
    expect(result.stderr).toMatch(/bad@inline.*boom at load/u);
    files.write(
      "bad/bad.js",
      `import { definePlugin, defineTool, toolPoint } from "plugsmith/plugin-api";
       const tool = defineTool({ ...${JSON.stringify(tool)}, run: () => "" });
       export default definePlugin({ activate: (context) => void context.contribute(toolPoint, "Word", tool) });`,
    );
    const differing = await ask(["-p", "x", ...model, "--plugin-dir", "../bad", "--allowed-tools", "Word"]);
    expect(differing.stderr).toContain("`concurrencySafe` (the code says true)");
  });

  it("is told that files of an installed plugin are gone, and how to get them back", async () => {
    using files = temporaryHome();
    const { ask, manage } = desk(files);
    files.write("say/.claude-plugin/plugin.json", JSON.stringify({ name: "say", version: "1.0.0" }));
    files.write("say/commands/hi.md", "---\ndescription: hi\n---\n\nSay hi.\n");
    await manage(["add", "../say"]);
    const trees = files.path("home/store/trees");
    for (const tree of readdirSync(trees)) {
      await rename(join(trees, tree), files.path(`gone-${tree}`));
    }
    const boot = await ask(["boot"]);
    expect(boot.exit).toBe(1);
    expect(boot.stdout).toContain("plugin sync");
    expect((await ask(["-p", "x", ...script(files, 'return "x";')])).stderr).toContain("`say@local` takes no part");
    await manage(["sync"]);
    expect((await ask(["boot"])).exit).toBe(0);
  });
});

describe("plugins in a session", () => {
  /** A plugin with a command, a hook that denies, and a tool of its own code. */
  function writePlugin(files: TemporaryHome, word = "first"): string {
    files.write(
      "kit/.claude-plugin/plugin.json",
      JSON.stringify({
        name: "kit",
        version: "1.0.0",
        plugsmith: {
          entry: "./kit.js",
          contributes: {
            "plugsmith/tool": [
              {
                name: "Word",
                description: "d",
                inputSchema: { type: "object" },
                readOnly: true,
                concurrencySafe: true,
              },
            ],
          },
        },
      }),
    );
    files.write(
      "kit/kit.js",
      `import { definePlugin, defineTool, toolPoint } from "plugsmith/plugin-api";
       const tool = defineTool({ name: "Word", description: "d", inputSchema: { type: "object" }, readOnly: true, run: () => "${word} word" });
       export default definePlugin({ activate: (context) => void context.contribute(toolPoint, "Word", tool) });`,
    );
    files.write("kit/commands/greet.md", "---\ndescription: greets\n---\n\nGreet $ARGUMENTS kindly.\n");
    return files.path("kit");
  }

  it("are loaded from a folder without being installed, their code in a process of its own", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    writePlugin(files);
    const model = script(
      files,
      `${LAST}
       if (last[0].type === "tool_result") return last[0].content[0].text;
       return { text: last[0].text, calls: [{ name: "Word", input: {} }] };`,
    );
    const allowed = ["--allowed-tools", "Word"];
    const result = await ask([
      "-p",
      "/kit:greet Ada",
      ...model,
      ...allowed,
      "--plugin-dir",
      "../kit",
      "--output-format",
      "stream-json",
    ]);
    expect(result.stdout).toContain("Greet Ada kindly.");
    expect(result.stdout).toContain("first word");
    expect(JSON.parse((await ask(["boot", "--json", "--plugin-dir", "../kit"])).stdout)).toMatchObject({
      ok: true,
      plugins: expect.arrayContaining([expect.objectContaining({ id: "kit@inline", tier: "session" })]),
    });
  });

  it("are installed, used and taken away by `/plugin`, without a model", async () => {
    using files = temporaryHome();
    const { ask, manage } = desk(files);
    files.write(
      "market/.claude-plugin/marketplace.json",
      JSON.stringify({ name: "m", owner: { name: "o" }, plugins: [{ name: "say", source: "./say" }] }),
    );
    files.write("market/say/.claude-plugin/plugin.json", JSON.stringify({ name: "say", version: "1.0.0" }));
    files.write("market/say/commands/hi.md", "---\ndescription: hi\n---\n\nSay hi to $ARGUMENTS.\n");
    const model = script(files, "return request.messages.at(-1).content[0].text;");
    expect((await ask(["-p", `/plugin marketplace add ${files.path("market")}`, ...model])).stdout).toContain(
      "added: m",
    );
    expect((await ask(["-p", "/plugin add say@m", ...model])).stdout).toContain("installed say@m");
    expect((await ask(["-p", "/say:hi Ada", ...model])).stdout).toContain("Say hi to Ada.");
    const mistaken = await ask(["-p", "/plugin ad say@m", ...model]);
    expect(mistaken.stdout).toContain("did you mean");
    expect(mistaken).toMatchObject({ exit: 1, stderr: expect.stringContaining("ended with exit code 2") });
    expect((await manage(["list"])).stdout).toContain("say@m");
    expect((await ask(["-p", "/plugin remove say@m", ...model])).stdout).toContain("removed");
    expect((await ask(["boot"])).stdout).not.toContain("say@m");
  });

  it("HK10: of a repository that nobody trusts run nothing, and the person is told", async () => {
    using files = temporaryHome();
    const { ask } = desk(files);
    files.write("project/plugins.json", JSON.stringify({ plugins: {} }));
    files.write(
      "project/.claude/settings.json",
      JSON.stringify({ hooks: { UserPromptSubmit: [{ hooks: [{ type: "command", command: "touch ran" }] }] } }),
    );
    const model = script(files, 'return "answer";');
    const before = await ask(["-p", "x", ...model]);
    expect(before.stderr).toContain("nobody trusts");
    expect(readdirSync(files.path("project"))).not.toContain("ran");
    await ask(["-p", "x", ...model, "--trust-workspace"]);
    expect(readdirSync(files.path("project"))).toContain("ran");
  });
});
