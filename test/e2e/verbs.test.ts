import { existsSync, readdirSync, readlinkSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HOOK, sandbox, type Sandbox } from "../cli/sandbox.ts";

function withMarket(): Sandbox {
  const box = sandbox();
  const market = box.market("acme", {
    app: { dependencies: [{ name: "kit", version: "^1.0.0" }] },
    kit: { version: "1.3.0" },
    other: {},
    hooked: { files: HOOK },
  });
  expect(box.run(["marketplace", "add", market])).toMatchObject({ status: 0, stderr: "" });
  return box;
}

function ids(box: Sandbox, ...flags: readonly string[]): readonly string[] {
  const { document } = box.json(["list", ...flags]);
  // The shape of `list --json`.
  return (document["plugins"] as readonly { readonly id: string }[]).map((plugin) => plugin.id);
}

/** The digest in the hint of a refusal. */
function acceptOf(text: string): string {
  return /--accept (sha256-[0-9a-f]{64})/u.exec(text)?.[1] ?? "none";
}

describe("the verbs, end to end", () => {
  it("add, list, info, why, disable, enable, remove and rollback tell one story", () => {
    using box = withMarket();
    const added = box.run(["add", "app@acme"]);
    expect(added).toMatchObject({ status: 0, stderr: "" });
    expect(added.stdout).toContain("needed by app@acme (^1.0.0)");
    expect(added.stdout).toContain("done: installed 2 plugins (generation 1)");
    expect(ids(box)).toEqual(["app@acme", "kit@acme"]);
    expect(box.run(["list", "--check"])).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["info", "kit"]).stdout).toContain("needed by  app@acme");
    expect(box.run(["why", "kit"]).stdout).toContain("app@acme needs kit@acme (^1.0.0)");
    expect(box.run(["disable", "kit"])).toMatchObject({ status: 1 });
    expect(box.run(["disable", "app"])).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["enable", "app"])).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["remove", "app"])).toMatchObject({ status: 0, stderr: "" });
    expect(ids(box)).toEqual([]);
    expect(box.run(["rollback"])).toMatchObject({ status: 0, stderr: "" });
    expect(ids(box)).toEqual(["app@acme", "kit@acme"]);
    expect(box.run(["generations"]).stdout).toContain("rollback to");
    expect(box.run(["verify"])).toMatchObject({ status: 0, stderr: "" });
  });

  it("does nothing the second time", () => {
    using box = withMarket();
    for (const [words, second] of [
      [["add", "app@acme"], "nothing to do"],
      [["sync"], "nothing to do"],
      [["update"], "nothing to do"],
    ] as const) {
      expect(box.run(words)).toMatchObject({ status: 0, stderr: "" });
      const again = box.run(words);
      expect(again).toMatchObject({ status: 0, stderr: "" });
      expect(again.stdout).toContain(second);
    }
    expect(box.json(["list"]).document["generation"]).toBe(1);
  });

  it("changes nothing in a dry run", () => {
    using box = withMarket();
    const dry = box.run(["add", "app@acme", "--dry-run"]);
    expect(dry).toMatchObject({ status: 0, stderr: "" });
    expect(dry.stdout).toContain("dry run, nothing was changed");
    expect(ids(box)).toEqual([]);
  });

  it("lets two that run at once both succeed", async () => {
    using box = withMarket();
    const runs = await Promise.all([box.start(["add", "app@acme"]).ended, box.start(["add", "other@acme"]).ended]);
    for (const run of runs) expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(ids(box)).toEqual(["app@acme", "kit@acme", "other@acme"]);
  });

  it("TR05, TR06: takes a person's yes for exactly what was shown", () => {
    using box = withMarket();
    const refused = box.run(["add", "hooked@acme", "--yes"]);
    expect(refused.status).toBe(3);
    expect(ids(box)).toEqual([]);
    expect(existsSync(join(box.home, "state/consent.json"))).toBe(false);
    const digest = acceptOf(refused.stderr);
    expect(box.run(["add", "hooked@acme", "--accept", digest])).toMatchObject({ status: 0, stderr: "" });
    expect(ids(box)).toEqual(["hooked@acme"]);
    expect(box.run(["remove", "hooked@acme"]).status).toBe(0);
    // Said once, remembered for these bytes.
    expect(box.run(["add", "hooked@acme"])).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(join(box.files.path("markets/acme/hooked"), "guard.mjs"), "process.exitCode = 2;\n");
    const changed = box.run(["update", "hooked@acme"]);
    expect(changed.status).toBe(3);
    expect(acceptOf(changed.stderr)).not.toBe(digest);
    const state = box.json(["list"]).document;
    // What was shown for the bytes before is no yes to these.
    expect(box.run(["update", "hooked@acme", "--accept", digest]).status).toBe(3);
    expect(box.json(["list"]).document).toEqual(state);
  });

  it("shows the project's plugins before the user's", () => {
    using box = withMarket();
    box.files.write("project/.git/HEAD", "ref: refs/heads/main\n");
    const cwd = box.files.path("project");
    expect(box.run(["add", "app@acme", "--scope", "project"], { cwd })).toMatchObject({ status: 0, stderr: "" });
    expect(ids(box)).toEqual([]);
    expect(ids(box, "--cwd", cwd)).toEqual(["app@acme", "kit@acme"]);
    expect(box.run(["sync", "--frozen"], { cwd })).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["sync"], { cwd, env: { CI: "true" } })).toMatchObject({ status: 0, stderr: "" });
  });

  it("writes one JSON document for every verb that succeeds", () => {
    using box = withMarket();
    for (const words of [
      ["add", "app@acme", "--dry-run"],
      ["add", "app@acme"],
      ["list"],
      ["list", "--check"],
      ["info", "kit"],
      ["info", "other@acme"],
      ["why", "kit"],
      ["outdated"],
      ["update"],
      ["sync"],
      ["verify"],
      ["generations"],
      ["search"],
      ["marketplace", "list"],
      ["marketplace", "update"],
      ["marketplace", "validate", box.files.path("markets/acme")],
      ["validate", box.files.path("markets/acme/app")],
      ["disable", "app"],
      ["remove", "app"],
      ["rollback"],
      ["completion", "bash"],
    ]) {
      const { status, stderr, document } = box.json(words);
      expect({ words, status, stderr, ok: document["ok"] }).toEqual({ words, status: 0, stderr: "", ok: true });
    }
  });
});

describe("being interrupted", () => {
  it("ends with 130 and changes nothing", async () => {
    using box = withMarket();
    // The mutex is held by this test's own process through sqlite, so the verb waits when the signal comes.
    const { DatabaseSync } = await import("node:sqlite");
    expect(box.run(["add", "other@acme"]).status).toBe(0);
    const mutex = new DatabaseSync(join(box.home, "state/mutex.sqlite"));
    mutex.exec("BEGIN EXCLUSIVE");
    const { child, ended } = box.start(["add", "app@acme"]);
    const opened = `/proc/${String(child.pid)}/fd`;
    const files = () => readdirSync(opened).map((name) => readlinkSync(join(opened, name)));
    await expect.poll(files, { timeout: 30_000 }).toContain(realpathSync(join(box.home, "state/mutex.sqlite")));
    child.kill("SIGINT");
    const run = await ended;
    mutex.exec("ROLLBACK");
    mutex.close();
    expect({ status: run.status, signal: run.signal }).toEqual({ status: 130, signal: null });
    expect(run.stderr).toContain("interrupted");
    expect(ids(box)).toEqual(["other@acme"]);
    expect(box.run(["add", "app@acme"])).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("a reader that goes away", () => {
  it("is no defect", async () => {
    using box = withMarket();
    const { child, ended } = box.start(["--help"]);
    child.stdout?.destroy();
    const run = await ended;
    expect(run.stderr).not.toContain("EPIPE");
  });
});
