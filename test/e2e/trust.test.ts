import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { VERBS, type VerbEntry } from "../../cli/verb-table.ts";
import { sandbox, type Sandbox } from "../cli/sandbox.ts";
import { fileDigests } from "../support/file-digests.ts";

function withProject(): Sandbox {
  const box = sandbox();
  box.files.write("work/site/.git/HEAD", "");
  mkdirSync(box.files.path("work/site/deep"));
  return box;
}

const UNDER_SESSION = { PLUGSMITH_SESSION: "1" };

describe("plugin trust", () => {
  it("trusts the project around a folder, lists it and takes that back", () => {
    using box = withProject();
    const site = realpathSync(box.files.path("work/site"));
    expect(box.run(["trust", "site/deep", "--dry-run"]).stdout).toContain("is not trusted; nothing was changed");
    expect(box.run(["trust", "--list"]).stdout).toBe("you trust no workspace\n");
    const trusted = box.run(["trust", "site/deep"]);
    expect(trusted).toMatchObject({ status: 0, stderr: "" });
    expect(trusted.stdout).toContain(`you trust ${site} now`);
    expect(box.run(["trust"], { cwd: site }).stdout).toContain("is trusted; nothing was changed");
    expect(box.json(["trust", "--list"]).document).toMatchObject({
      outcome: "listed",
      workspaces: [{ path: site }],
    });
    expect(box.run(["trust", "site", "--revoke"]).stdout).toBe(`you no longer trust ${site}\n`);
    expect(box.json(["trust", "--list"]).document).toMatchObject({ workspaces: [] });
  });

  it("forgets a folder that is gone", () => {
    using box = withProject();
    const site = realpathSync(box.files.path("work/site"));
    box.run(["trust", "site"]);
    rmSync(site, { recursive: true });
    expect(box.run(["trust", "site"])).toMatchObject({ status: 1 });
    expect(box.run(["trust", "site", "--revoke"]).stdout).toContain(`you no longer trust ${site}`);
  });

  it("names a damaged record and goes on without any trust", () => {
    using box = withProject();
    box.files.write("plugsmith/state/trust.json", "{");
    const listed = box.run(["trust", "--list"]);
    expect(listed).toMatchObject({ status: 0, stdout: "you trust no workspace\n" });
    expect(listed.stderr).toContain("E_STATE_CORRUPT");
    expect(box.run(["trust", "site"])).toMatchObject({ status: 0 });
    expect(readFileSync(box.files.path("plugsmith/state/trust.json.damaged"), "utf8")).toBe("{");
  });
});

/** Whether system calls cannot be watched here; where `CI` is `true` the test runs and fails instead. */
function skipsStrace(): boolean {
  const works = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
  if (!works)
    console.log("what verbs do with a stranger's repository: not tested here, because `strace` does not work");
  return !works && process.env["CI"] !== "true";
}

describe.skipIf(skipsStrace())("TR04: a repository that nobody trusts", () => {
  it("is listed, told of, validated and searched without a program, a connection or a write", () => {
    using box = withProject();
    const { files } = box;
    const hook = { hooks: [{ type: "command", command: `touch ${files.path("ran")}` }] };
    files.write("work/site/.claude/settings.json", JSON.stringify({ hooks: { SessionStart: [hook] } }));
    files.write("work/site/.mcp.json", JSON.stringify({ mcpServers: { s: { command: "touch", args: ["ran"] } } }));
    files.write("work/site/.git/config", `[core]\n\tfsmonitor = touch ${files.path("ran")}\n`);
    files.write("work/site/.claude-plugin/plugin.json", JSON.stringify({ name: "site", version: "1.0.0" }));
    files.write("work/site/hooks/hooks.json", JSON.stringify({ hooks: { SessionStart: [hook] } }));
    const source = { source: "git", url: "https://127.0.0.1:9/acme/market" };
    const intent = { schema: 1, marketplaces: { acme: { source } }, plugins: { "fmt@acme": "*" } };
    files.write("work/site/plugins.json", JSON.stringify(intent));
    const before = fileDigests(files.path("work"));
    const looked: Record<string, number | null> = {};
    for (const words of [["list"], ["info", "fmt@acme"], ["validate", "."], ["search", "fmt"], ["why", "fmt@acme"]]) {
      const log = files.path("calls.log");
      const calls = "trace=execve,connect,sendto,openat,mkdir,rename,unlink,symlink,link";
      const argv = [
        "-s",
        "1000",
        "-f",
        "-qq",
        "-o",
        log,
        "-e",
        calls,
        process.execPath,
        join(inject("bundle"), "plugin.js"),
        ...words,
      ];
      const env = {
        PATH: process.env["PATH"],
        HOME: files.directory,
        PLUGSMITH_HOME: box.home,
        PLUGSMITH_AGENTS: "off",
      };
      const done = spawnSync("strace", argv, { cwd: files.path("work/site"), encoding: "utf8", env });
      looked[words[0] ?? ""] = done.status;
      const lines = readFileSync(log, "utf8").split("\n");
      expect([words, lines.filter((line) => line.includes("execve("))]).toEqual([
        words,
        [expect.stringContaining("plugin.js")],
      ]);
      expect([words, lines.filter((line) => line.includes("AF_INET"))]).toEqual([words, []]);
      const written = lines.filter((line) => /O_CREAT|O_WRONLY|O_RDWR|mkdir\(|rename\(|unlink\(|link\(/u.test(line));
      // Our own state may be written: the home, and the code that Node compiled.
      expect([words, written.filter((line) => line.includes(files.path("work")))]).toEqual([words, []]);
    }
    // It was really read: the verbs that find something end well.
    expect(looked).toMatchObject({ list: 0, validate: 0 });
    expect(fileDigests(files.path("work"))).toEqual(before);
    expect(existsSync(files.path("ran"))).toBe(false);
  });
});

describe("under a session", () => {
  /** Words after each verb that changes something, so that nothing but the marker can refuse it. */
  const WORDS: Readonly<Record<string, readonly string[]>> = {
    add: ["fmt@acme"],
    remove: ["fmt"],
    enable: ["fmt"],
    disable: ["fmt"],
    doctor: ["--agents", "--fix"],
    "bundle import": ["some.tar"],
    verify: ["--repair"],
    "marketplace add": ["acme/market"],
    "marketplace remove": ["acme"],
  };
  const leaves = (entries: readonly VerbEntry[], before: string = ""): readonly [string, VerbEntry][] =>
    entries.flatMap((entry) =>
      entry.verbs === undefined
        ? [[`${before}${entry.name}`, entry] as [string, VerbEntry]]
        : leaves(entry.verbs, `${entry.name} `),
    );
  const changing = leaves(VERBS).filter(([, { changes }]) => changes !== undefined);

  it("every verb that changes what runs here is refused, and points to the person", () => {
    using box = withProject();
    expect(changing.length).toBeGreaterThan(9);
    for (const [name] of changing) {
      const words = [...name.split(" "), ...(WORDS[name] ?? [])];
      const run = box.run(words, { env: UNDER_SESSION });
      expect([name, run.status, run.stdout]).toEqual([name, 3, ""]);
      expect(run.stderr).toContain(`/plugin ${words.join(" ")}`);
      expect(run.stderr).toContain("E_TRUST");
    }
    expect(box.json(["generations"]).document).toMatchObject({ generations: [] });
  });

  it("what only looks still works", () => {
    using box = withProject();
    const market = box.market("acme", { fmt: {} });
    expect(box.run(["marketplace", "add", market])).toMatchObject({ status: 0 });
    for (const words of [
      ["list"],
      ["marketplace", "list"],
      ["search"],
      ["trust", "--list"],
      ["add", "fmt", "--dry-run"],
    ]) {
      expect([words, box.run(words, { env: UNDER_SESSION }).status]).toEqual([words, 0]);
    }
    expect(box.run(["add", "--help"], { env: UNDER_SESSION })).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["list"]).stdout).not.toContain("fmt");
  });
});
