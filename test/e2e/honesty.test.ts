import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { HOOK, sandbox } from "../cli/sandbox.ts";

/** The store directory of an installed plugin. */
function directoryOf(document: Readonly<Record<string, unknown>>): string {
  // The shape of `info --json`.
  const [first] = document["installed"] as readonly { readonly directory: string }[];
  return first?.directory ?? "";
}

describe("what the program says is so", () => {
  it("notices an edited file of an installed plugin", () => {
    using box = sandbox();
    box.run(["marketplace", "add", box.market("acme", { app: {}, kit: {} })]);
    expect(box.run(["add", "app@acme", "kit@acme"])).toMatchObject({ status: 0, stderr: "" });
    const file = join(directoryOf(box.json(["info", "app"]).document), "commands/app.md");
    chmodSync(file, 0o644);
    appendFileSync(file, "More.\n");
    const verified = box.run(["verify"]);
    expect(verified.status).toBe(1);
    expect(verified.stdout).toContain("damaged app@acme");
    expect(verified.stdout).not.toContain("damaged kit@acme");
    expect(box.run(["verify", "kit"]).status).toBe(0);
    const listed = box.run(["list", "--check"]);
    expect(listed.status).toBe(1);
    expect(listed.stdout).toContain("not ok 1 of 2 enabled plugins would not load");
  });

  it("does not call a source that cannot be asked a set of versions that does not fit", () => {
    using box = sandbox();
    const market = box.files.write(
      "far/.claude-plugin/marketplace.json",
      JSON.stringify({
        name: "far",
        owner: { name: "t" },
        plugins: [{ name: "tool", source: { source: "url", url: "http://127.0.0.1:9/tool.git" } }],
      }),
    );
    box.run(["marketplace", "add", market]);
    const refused = box.json(["add", "tool@far"]);
    expect(refused.status).toBe(1);
    expect(refused.document).toMatchObject({ error: { code: "E_NETWORK" } });
    const offline = box.json(["add", "tool@far", "--offline"]);
    expect(offline.status).toBe(1);
    expect(offline.document).toMatchObject({ error: { code: "E_OFFLINE" } });
  });

  it("mends edited and missing trees by sync, and says so", () => {
    using box = sandbox();
    box.run(["marketplace", "add", box.market("acme", { app: {}, kit: {} })]);
    box.run(["add", "app@acme", "kit@acme"]);
    const [app, kit] = ["app", "kit"].map((name) => directoryOf(box.json(["info", name]).document));
    chmodSync(join(app!, "commands/app.md"), 0o644);
    appendFileSync(join(app!, "commands/app.md"), "More.\n");
    chmodSync(kit!, 0o755);
    chmodSync(join(kit!, "commands"), 0o755);
    chmodSync(join(kit!, ".claude-plugin"), 0o755);
    rmSync(kit!, { recursive: true });
    expect(box.run(["verify"]).status).toBe(1);
    expect(box.run(["sync", "--dry-run"]).stdout).toMatch(/^would repair app@acme, kit@acme: .*\ndry run/u);
    const synced = box.run(["sync"]);
    expect(synced).toMatchObject({ status: 0, stderr: "" });
    expect(synced.stdout).toMatch(
      /^done: repaired app@acme, kit@acme \(missing or damaged, fetched again\) \(generation \d+\)\n$/u,
    );
    expect(box.run(["verify"])).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["list", "--check"]).status).toBe(0);
    expect(box.run(["sync"]).stdout).toContain("nothing to do");
  });

  it("keeps a marketplace whose plugins are installed", () => {
    using box = sandbox();
    box.run(["marketplace", "add", box.market("acme", { app: {} })]);
    box.run(["add", "app@acme"]);
    const refused = box.run(["marketplace", "remove", "acme"]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("plugins of `acme` are installed: app@acme");
    expect(box.run(["marketplace", "remove", "acme", "--keep-plugins"])).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["list"]).stdout).toContain("app@acme");
    expect(box.run(["remove", "app"])).toMatchObject({ status: 0, stderr: "" });
  });

  it("PB18: adds a marketplace twice without harm, and another one of that name not at all", () => {
    using box = sandbox();
    const market = box.market("acme", { app: {} });
    expect(box.run(["marketplace", "add", market]).status).toBe(0);
    expect(box.run(["marketplace", "add", market]).stdout).toContain("already added");
    box.files.write(
      "second/.claude-plugin/marketplace.json",
      JSON.stringify({ name: "acme", owner: { name: "x" }, plugins: [] }),
    );
    const second = box.run(["marketplace", "add", box.files.path("second")]);
    expect(second.status).toBe(1);
    expect(second.stderr).toContain("E_MARKETPLACE_EXISTS");
    expect(box.json(["marketplace", "list"]).document["markets"]).toHaveLength(1);
  });

  it("names a bad entry and offers the others", () => {
    using box = sandbox();
    const plugins = [
      { name: "app", source: "./app" },
      { name: "out", source: "../out" },
      { name: "bad name", source: "./app" },
    ];
    box.files.write("m/app/commands/a.md", "---\ndescription: a\n---\n\nA.\n");
    box.files.write(
      "m/.claude-plugin/marketplace.json",
      JSON.stringify({ name: "acme", owner: { name: "x" }, plugins }),
    );
    const added = box.run(["marketplace", "add", box.files.path("m")]);
    expect(added.status).toBe(0);
    expect(added.stdout).toContain("out");
    expect(added.stdout).toContain("bad name");
    expect(added.stdout).toContain("1 plugin");
    expect(box.run(["marketplace", "validate", box.files.path("m")]).status).toBe(1);
  });

  it("MK16: lets no control character of a plugin reach the terminal", () => {
    using box = sandbox();
    const hostile = "nice\u001B[2J\u0007\u202Etxt\u200B";
    const files = { "commands/x.md": `---\ndescription: "${hostile}"\n---\n\nX.\n`, ...HOOK };
    const manifest = JSON.stringify({ name: "app", version: "1.0.0", description: hostile });
    box.run(["marketplace", "add", box.market("acme", { app: { manifest, files } })]);
    for (const words of [
      ["search"],
      ["info", "app@acme"],
      ["add", "app@acme"],
      ["search", "--json"],
      ["info", "app@acme", "--json"],
    ]) {
      const run = box.run(words);
      const text = `${run.stdout}${run.stderr}`.replaceAll("\n", "");
      expect(text).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u200B\u202E]/u);
      expect(text.length).toBeGreaterThan(0);
    }
  });

  it("tells an old Node that it is old", () => {
    const pretend =
      "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.19.0'}})";
    for (const program of ["plugin", "plugsmith"]) {
      const argv = ["--import", pretend, join(inject("bundle"), `${program}.js`), "list"];
      const run = spawnSync(process.execPath, argv, { encoding: "utf8" });
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(
        new RegExp(`^error: ${program} \\S+ needs Node\\.js 22 or newer, this is v\\S+\\n$`, "u"),
      );
    }
  });

  it("prints the same help for `help add` and `add --help`", () => {
    using box = sandbox();
    const help = box.run(["add", "--help"]);
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["help", "add"]).stdout).toBe(help.stdout);
    expect(box.run([])).toMatchObject({ status: 2, stdout: "" });
  });
});
