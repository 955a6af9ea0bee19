import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { type Place, place } from "../support/machine.ts";

/** Why managed files cannot be tested here; where `CI` is `true` and we are root, the tests run and fail instead. */
function skipsMounts(): boolean {
  const isRoot = process.getuid?.() === 0;
  const works = isRoot && spawnSync("unshare", ["--mount", "true"]).status === 0;
  if (!works) console.log("managed policy: not tested here, because mount namespaces need root and `unshare`");
  return !works && !(isRoot && process.env["CI"] === "true");
}

interface Run {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `plugin` under a managed settings file that is mounted over /etc. */
function underPolicy(at: Place, policy: unknown): (words: readonly string[]) => Run {
  chmodSync(at.directory, 0o755);
  mkdirSync(at.path("etc/plugsmith"), { recursive: true });
  chmodSync(at.write("etc/plugsmith/managed.json", JSON.stringify(policy, undefined, 2)), 0o644);
  const home = at.path("home");
  const script = 'mount --make-rprivate / && mount --bind "$0" /etc && exec "$@"';
  const program = [process.execPath, join(inject("bundle"), "plugin.js")];
  return (words) => {
    const done = spawnSync("unshare", ["--mount", "sh", "-c", script, at.path("etc"), ...program, ...words], {
      cwd: at.directory,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: home, PLUGSMITH_HOME: home },
    });
    return { exit: done.status, stdout: done.stdout, stderr: done.stderr };
  };
}

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
});
