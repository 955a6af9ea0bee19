import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { place } from "../support/machine.ts";
import { skipsMounts, underPolicy } from "../support/managed-settings.ts";

describe.skipIf(skipsMounts())("enabledPlugins of the managed settings", () => {
  it("keeps a forced plugin on, whoever wants it off", async () => {
    using at = place();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { must: { version: "1.0.0" }, free: {} } })]);
    await at.ok(["add", "must@acme", "free@acme"]);
    const run = underPolicy(at, { enabledPlugins: { "must@acme": true } });
    for (const verb of ["disable", "remove"]) {
      const refused = run([verb, "must"]);
      expect(refused.exit).toBe(3);
      expect(refused.stderr).toContain("managed.json");
      expect(refused.stderr).toContain("hint:");
    }
    expect(at.root("user")?.plugins.every(({ enabled }) => enabled)).toBe(true);
    expect(run(["disable", "free"]).exit).toBe(0);
    // What was off before the rule came is on again with the next change.
    await at.ok(["disable", "must"]);
    expect(run(["sync"]).exit).toBe(0);
    expect(at.root("user")?.plugins.find(({ id }) => id === "must@acme")?.enabled).toBe(true);
  });

  it("lets a blocked plugin neither in nor on, not even as a dependency", async () => {
    using at = place();
    const plugins = { app: { version: "1.0.0", dependencies: ["bad"] }, bad: { version: "1.0.0" } };
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins })]);
    const run = underPolicy(at, { enabledPlugins: { "bad@acme": false } });
    for (const id of ["bad@acme", "app@acme"]) {
      const refused = run(["add", id]);
      expect({ id, exit: refused.exit }).toEqual({ id, exit: 3 });
      expect(refused.stderr).toContain("bad@acme");
      expect(at.generation()).toBeUndefined();
    }
    await at.ok(["add", "app@acme"]);
    await at.ok(["disable", "app"]);
    expect(run(["enable", "app"]).exit).toBe(3);
    expect(run(["enable", "bad"]).exit).toBe(3);
    expect(run(["remove", "app"]).exit).toBe(0);
    expect(at.holds("user")).toEqual([]);
  });

  it("does not stop a rollback to what it allows, and stops one to what it does not", async () => {
    using at = place();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { bad: {}, good: {}, other: {} } })]);
    await at.ok(["add", "good@acme"]);
    await at.ok(["add", "bad@acme"]);
    await at.ok(["remove", "bad"]);
    await at.ok(["add", "other@acme"]);
    const run = underPolicy(at, { enabledPlugins: { "bad@acme": false } });
    expect(run(["rollback", "--to", "2"]).exit).toBe(3);
    expect(run(["rollback", "--to", "1"]).exit).toBe(0);
    expect(at.holds("user")).toEqual(["good@acme unknown"]);
  });

  it("is not emptied component by component, here or in a private file", async () => {
    using at = place();
    const files = { "commands/go.md": "Go.\n" };
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { must: { version: "1.0.0", files } } })]);
    mkdirSync(at.path("project/.git"), { recursive: true });
    await at.ok(["add", "must@acme", "--scope", "project"], { cwd: "project" });
    await at.ok(["disable", "must:command/go"], { cwd: "project" });
    const run = underPolicy(at, { enabledPlugins: { "must@acme": true } });
    const refused = run(["disable", "must:skill/must"], { cwd: "project" });
    expect(refused.exit).toBe(3);
    expect(refused.stderr).toContain("managed.json");
    const off = () => at.root("project")?.plugins.map(({ disabledComponents }) => disabledComponents);
    expect(off()).toEqual([["command/go"]]);
    expect(run(["sync"], { cwd: "project" }).exit).toBe(0);
    expect(off()).toEqual([[]]);
    await at.ok(["remove", "must"], { cwd: "project" });
    await at.ok(["add", "must@acme", "--scope", "local"], { cwd: "project" });
    for (const words of [
      ["disable", "must:skill/must"],
      ["disable", "must"],
    ])
      expect({ words, exit: run(words, { cwd: "project" }).exit }).toEqual({ words, exit: 3 });
  });
});

describe.skipIf(skipsMounts())("switches of the managed settings", () => {
  it("refuse pages that change something", () => {
    using at = place();
    const run = underPolicy(at, { disableUi: true })(["ui", "--no-open"]);
    expect({ exit: run.exit, stdout: run.stdout }).toEqual({ exit: 3, stdout: "" });
    expect(run.stderr).toContain("disableUi");
  });

  it("are asked about what a changed entry of the catalog adds, although no file of the plugin changed (MK07)", async () => {
    using at = place();
    const tool = { version: "1.0.0" };
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool } })]);
    await at.ok(["add", "tool@acme"]);
    const [before] = at.root("user")?.plugins ?? [];
    const hooks = { SessionStart: [{ hooks: [{ type: "command", command: "true" }] }] };
    at.market({ name: "acme", plugins: { tool: { ...tool, entry: { hooks } } } });
    const run = underPolicy(at, { disableAllHooks: true });
    expect(run(["update"]).stderr).toContain("disableAllHooks");
    expect(run(["update"]).exit).toBe(3);
    expect(at.root("user")?.plugins).toEqual([before]);
    await at.accept(["update"]);
    const [after] = at.root("user")?.plugins ?? [];
    expect(after?.tree).toBe(before?.tree);
    expect(after?.provides).toMatchObject({ hook: 1 });
  });
});
