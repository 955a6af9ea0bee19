import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commandDigest } from "../../marketplace/install/command-step.ts";
import { homeDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere, underPolicyHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

describe("enabledPlugins of the managed settings", () => {
  it("keeps a forced plugin on, whoever wants it off", async () => {
    using at = placeHere();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { must: { version: "1.0.0" }, free: {} } })]);
    await at.ok(["add", "must@acme", "free@acme"]);
    const run = underPolicyHere(at, { enabledPlugins: { "must@acme": true } });
    for (const verb of ["disable", "remove"]) {
      const refused = await run([verb, "must"]);
      expect(refused.exit).toBe(3);
      expect(refused.stderr).toContain("managed.json");
      expect(refused.stderr).toContain("hint:");
    }
    expect(at.root("user")?.plugins.every(({ enabled }) => enabled)).toBe(true);
    expect((await run(["disable", "free"])).exit).toBe(0);
    // What was off before the rule came is on again with the next change.
    await at.ok(["disable", "must"]);
    expect((await run(["sync"])).exit).toBe(0);
    expect(at.root("user")?.plugins.find(({ id }) => id === "must@acme")?.enabled).toBe(true);
  });

  it("lets a blocked plugin neither in nor on, not even as a dependency, and tells why one was withdrawn (MK15)", async () => {
    using at = placeHere();
    const plugins = { app: { version: "1.0.0", dependencies: ["bad"] }, bad: { version: "1.0.0" } };
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins })]);
    const run = underPolicyHere(at, { enabledPlugins: { "bad@acme": false } });
    for (const id of ["bad@acme", "app@acme"]) {
      const refused = await run(["add", id]);
      expect({ id, exit: refused.exit }).toEqual({ id, exit: 3 });
      expect(refused.stderr).toContain("bad@acme");
      expect(at.generation()).toBeUndefined();
    }
    await at.ok(["add", "app@acme"]);
    await at.ok(["disable", "app"]);
    expect((await run(["enable", "app"])).exit).toBe(3);
    expect((await run(["enable", "bad"])).exit).toBe(3);
    // MK15: withdrawn with a reason.
    const withdrawn = await underPolicyHere(at, { yankedPlugins: { "bad@acme": "it steals" } })(["enable", "bad"]);
    expect(withdrawn.exit).toBe(3);
    expect(withdrawn.stderr).toContain("it was withdrawn: it steals");
    expect((await run(["remove", "app"])).exit).toBe(0);
    expect(at.holds("user")).toEqual([]);
  });

  it("does not stop a rollback to what it allows, and stops one to what it does not", async () => {
    using at = placeHere();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { bad: {}, good: {}, other: {} } })]);
    await at.ok(["add", "good@acme"]);
    await at.ok(["add", "bad@acme"]);
    await at.ok(["remove", "bad"]);
    await at.ok(["add", "other@acme"]);
    const run = underPolicyHere(at, { enabledPlugins: { "bad@acme": false } });
    expect((await run(["rollback", "--to", "2"])).exit).toBe(3);
    expect((await run(["rollback", "--to", "1"])).exit).toBe(0);
    expect(at.holds("user")).toEqual(["good@acme unknown"]);
  });

  it("is not emptied component by component, here or in a private file", async () => {
    using at = placeHere();
    const files = { "commands/go.md": "Go.\n" };
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { must: { version: "1.0.0", files } } })]);
    mkdirSync(at.path("project/.git"), { recursive: true });
    await at.ok(["add", "must@acme", "--scope", "project"], { cwd: "project" });
    await at.ok(["disable", "must:command/go"], { cwd: "project" });
    const run = underPolicyHere(at, { enabledPlugins: { "must@acme": true } });
    const refused = await run(["disable", "must:skill/must"], { cwd: "project" });
    expect(refused.exit).toBe(3);
    expect(refused.stderr).toContain("managed.json");
    const off = () => at.root("project")?.plugins.map(({ disabledComponents }) => disabledComponents);
    expect(off()).toEqual([["command/go"]]);
    expect((await run(["sync"], { cwd: "project" })).exit).toBe(0);
    expect(off()).toEqual([[]]);
    await at.ok(["remove", "must"], { cwd: "project" });
    await at.ok(["add", "must@acme", "--scope", "local"], { cwd: "project" });
    for (const words of [
      ["disable", "must:skill/must"],
      ["disable", "must"],
    ])
      expect({ words, exit: (await run(words, { cwd: "project" })).exit }).toEqual({ words, exit: 3 });
  });
});

describe("an allow list", () => {
  it("PB13, PB14, PB15, PB17: admits nothing else by a dependency, by settings, by another home, or because it was there before", async () => {
    using at = placeHere();
    const catalog = { allowCrossMarketplaceDependenciesOn: ["other"] };
    const app = { version: "1.0.0", dependencies: ["kit@other"] };
    const acme = at.market({ name: "acme", plugins: { app, alone: { version: "1.0.0" } }, catalog });
    const other = at.market({ name: "other", plugins: { kit: { version: "1.0.0" } } });
    for (const home of ["home", "old"]) {
      for (const market of [acme, other]) await at.ok(["marketplace", "add", market], { home });
    }
    await at.ok(["add", "kit@other"], { home: "old" });
    mkdirSync(at.path("old/data/kit@other"), { recursive: true });
    const run = underPolicyHere(at, { strictKnownMarketplaces: [{ source: "directory", path: acme }] });

    const untouched = homeDigests(at.path("home"));
    const dependency = await run(["add", "app@acme"]);
    expect(dependency.exit).toBe(3);
    for (const part of ["kit@other", "app@acme", "managed.json"]) expect(dependency.stderr).toContain(part);
    expect(homeDigests(at.path("home"))).toEqual(untouched);

    const loosened = JSON.stringify({
      strictKnownMarketplaces: [{ source: "directory", path: other }],
      allowedMarketplaces: [{ source: "directory", path: other }],
      extraKnownMarketplaces: { acme: { source: { source: "directory", path: other } } },
    });
    for (const file of ["home/settings.json", "work/.plugsmith/settings.json", "work/.claude/settings.json"])
      at.write(file, loosened);
    await at.ok(["trust"], { cwd: "work" });
    const direct = await run(["add", "kit@other"], { cwd: "work" });
    expect([direct.exit, direct.stderr.includes("/managed.json")]).toEqual([3, true]);
    const elsewhere = await run(["marketplace", "add", other], { cwd: "work", home: "fresh" });
    expect([elsewhere.exit, elsewhere.stderr.includes("/managed.json")]).toEqual([3, true]);
    expect((await run(["add", "alone@acme"], { cwd: "work" })).exit).toBe(0);

    at.write("other/kit/README.md", "changed");
    const before = at.root("user", "old");
    expect((await run(["update", "kit"], { home: "old" })).exit).toBe(3);
    const check = await run(["list", "--check"], { home: "old" });
    expect([check.exit, (check.stdout + check.stderr).includes("managed.json")]).toEqual([1, true]);
    expect([at.root("user", "old"), existsSync(at.path("old/data/kit@other"))]).toEqual([before, true]);
  });
});

describe("sourceRewrites of the managed settings", () => {
  const policy = (at: Place) => ({
    strictKnownMarketplaces: [{ source: "git", url: "https://code.example/acme.git" }],
    sourceRewrites: [{ from: "https://code.example/", to: `file://${at.path("mirror")}/` }],
  });

  it("bring the bytes of a mirror under the original's name, also for a lock from elsewhere", async () => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("mirror/acme.git"));
    market.release({ tool: { version: "1.0.0" } });
    at.write("project/.git/HEAD", "");
    const run = underPolicyHere(at, policy(at));
    expect((await run(["marketplace", "add", `file://${at.path("mirror/acme.git")}`])).exit).toBe(3);
    expect(await run(["marketplace", "add", "https://code.example/acme.git"])).toMatchObject({ exit: 0 });
    const added = await run(["add", "tool@acme", "--scope", "project"], { cwd: "project" });
    expect(added).toMatchObject({ exit: 0 });
    expect(added.stdout).toContain(`was fetched from \`file://${at.path("mirror")}/\``);
    const lock = readFileSync(at.path("project/plugins.lock"), "utf8");
    expect(lock).toContain("https://code.example/acme.git");
    expect(lock).not.toContain("mirror");
    expect(await run(["sync", "--trust-workspace", "--frozen"], { cwd: "project", home: "other" })).toMatchObject({
      exit: 0,
    });
  });

  it("cannot put other bytes under a commit, nor be told by a project", async () => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("mirror/acme.git"));
    market.release({ tool: { version: "1.0.0" } });
    at.write("project/.git/HEAD", "");
    const run = underPolicyHere(at, policy(at));
    await run(["marketplace", "add", "https://code.example/acme.git"]);
    expect(await run(["add", "tool@acme", "--scope", "project"], { cwd: "project" })).toMatchObject({ exit: 0 });
    rmSync(at.path("mirror"), { recursive: true });
    taggedMarket("acme", at.path("mirror/acme.git")).release({ tool: { version: "1.0.0", skills: ["evil"] } });
    const refused = await run(["sync", "--trust-workspace", "--frozen"], { cwd: "project", home: "other" });
    expect(refused.exit).not.toBe(0);
    expect(refused.stderr).toContain("is not in");
    at.write("project/.plugsmith/settings.json", JSON.stringify(policy(at)));
    at.write("home/settings.json", JSON.stringify(policy(at)));
    const alone = await underPolicyHere(at, {})(["marketplace", "add", "https://code.example/other.git"], {
      cwd: "project",
    });
    expect(alone.exit).not.toBe(0);
    expect(alone.stderr).toContain("code.example");
    expect(alone.stderr).not.toContain("mirror");
  });
});

describe("extraKnownMarketplaces", () => {
  const entry = (name: string) => ({
    name,
    source: { source: "git-subdir", url: "https://code.example/acme.git", path: `plugins/${name}` },
  });
  const house = (...names: readonly string[]) => ({ source: "settings", name: "house", plugins: names.map(entry) });

  it("of an administrator or a person are added when something is wanted from them, also as a catalog of their own", async () => {
    using at = placeHere();
    taggedMarket("acme", at.path("mirror/acme.git")).release({
      tool: { version: "1.0.0" },
      more: { version: "2.0.0" },
    });
    const base = { sourceRewrites: [{ from: "https://code.example/", to: `file://${at.path("mirror")}/` }] };
    const offers = { acme: { source: { source: "git", url: "https://code.example/acme.git" } } };
    at.write("home/.claude/settings.json", JSON.stringify({ extraKnownMarketplaces: offers }));
    const withHouse = (...names: readonly string[]) =>
      underPolicyHere(at, { ...base, extraKnownMarketplaces: { house: { source: house(...names) } } });
    const first = await withHouse("tool")(["add", "tool@house"]);
    expect(first).toMatchObject({ exit: 0 });
    expect(first.stdout).toContain("added the marketplace `house` (settings:house), which `/managed.json`");
    expect((await withHouse("tool")(["add", "more@house"])).stderr).toContain("`house` offers no plugin called `more`");
    // The catalog of the policy is another one now.
    expect(await withHouse("tool", "more")(["add", "more@house"])).toMatchObject({ exit: 0, stderr: "" });
    expect(at.holds("user")).toEqual(["more@house 2.0.0", "tool@house 1.0.0"]);
    expect(await withHouse()(["add", "more@acme"])).toMatchObject({ exit: 0 });
    expect(at.holds("user")).toContain("more@acme 2.0.0");
  });

  it("are added only where the lists admit exactly them, and never from a project that nobody trusts", async () => {
    using at = placeHere();
    taggedMarket("acme", at.path("mirror/acme.git")).release({
      tool: { version: "1.0.0" },
      more: { version: "2.0.0" },
    });
    at.write("home/settings.json", JSON.stringify({ extraKnownMarketplaces: { house: { source: house("tool") } } }));
    const sourceRewrites = [{ from: "https://code.example/", to: `file://${at.path("mirror")}/` }];
    const trustCatalog = { sourceRewrites, pluginSources: "trustCatalog" };
    for (const [policy, exit] of [
      [{ strictKnownMarketplaces: [house("tool", "more")] }, 3],
      [{ blockedMarketplaces: [{ source: "settings", name: "house" }] }, 3],
      [{ strictKnownMarketplaces: [house("tool")] }, 0],
    ] as const)
      expect(await underPolicyHere(at, { ...trustCatalog, ...policy })(["add", "tool@house"])).toMatchObject({ exit });
    at.write("project/.git/HEAD", "");
    const theirs = { extraKnownMarketplaces: { theirs: { source: { ...house("tool"), name: "theirs" } } } };
    at.write("project/.claude/settings.json", JSON.stringify(theirs));
    const run = underPolicyHere(at, { sourceRewrites });
    const words = ["add", "tool@theirs", "--scope", "project"];
    expect((await run(words, { cwd: "project" })).stderr).toContain("no marketplace is called `theirs`");
    expect(await run(["trust"], { cwd: "project" })).toMatchObject({ exit: 0 });
    expect(await run(words, { cwd: "project" })).toMatchObject({ exit: 0 });
  });
});

describe("switches of the managed settings", () => {
  it("refuse pages that change something", async () => {
    using at = placeHere();
    const run = await underPolicyHere(at, { disableUi: true })(["ui", "--no-open"]);
    expect({ exit: run.exit, stdout: run.stdout }).toEqual({ exit: 3, stdout: "" });
    expect(run.stderr).toContain("disableUi");
  });

  it("refuse a plugin whose manifest leads out of it, which is otherwise only cut (MF01)", async () => {
    using at = placeHere();
    const plugins = { out: { manifest: { commands: "../x" } } };
    const run = underPolicyHere(at, { refuseEscapingLinks: true });
    expect((await run(["marketplace", "add", at.market({ name: "acme", plugins })])).exit).toBe(0);
    const refused = await run(["add", "out@acme"]);
    expect(refused.exit).toBe(3);
    expect(refused.stderr).toMatch(/`out@acme`.*command path `..\/x` holds `..`\) \(E_SOURCE_BLOCKED\)/u);
    expect(refused.stderr).toContain("refuseEscapingLinks");
    expect(at.generation()).toBeUndefined();
    await at.ok(["add", "out@acme"]);
    expect(at.holds("user")).toEqual(["out@acme unknown"]);
  });

  it("are asked about what a changed entry of the catalog adds, although no file of the plugin changed (MK07)", async () => {
    using at = placeHere();
    const tool = { version: "1.0.0" };
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool } })]);
    await at.ok(["add", "tool@acme"]);
    const [before] = at.root("user")?.plugins ?? [];
    const hooks = { SessionStart: [{ hooks: [{ type: "command", command: "true" }] }] };
    at.market({ name: "acme", plugins: { tool: { ...tool, entry: { hooks } } } });
    const run = underPolicyHere(at, { disableAllHooks: true });
    expect((await run(["update"])).stderr).toContain("disableAllHooks");
    expect((await run(["update"])).exit).toBe(3);
    expect(at.root("user")?.plugins).toEqual([before]);
    await at.accept(["update"]);
    const [after] = at.root("user")?.plugins ?? [];
    expect(after?.tree).toBe(before?.tree);
    expect(after?.provides).toMatchObject({ hook: 1 });
  });
});

it("a command brings no plugin where hooks are the managed ones only, unless that is said", async () => {
  using at = placeHere();
  at.write("tool/skills/say/SKILL.md", "---\nname: say\ndescription: Says.\n---\n");
  const command = `echo run >> ${at.path("runs")}; echo ${at.path("tool")}`;
  const plugins = { tool: { entry: { source: { source: "command", command } } } };
  await at.ok(["marketplace", "add", at.market({ name: "acme", plugins })]);
  const add = ["add", "tool@acme", "--accept", commandDigest(command)];
  const refused = await underPolicyHere(at, { allowManagedHooksOnly: true })(add);
  expect([refused.exit, refused.stderr.includes("this switch refuses sources that run a command")]).toEqual([3, true]);
  expect(existsSync(at.path("runs"))).toBe(false);
  const run = underPolicyHere(at, { allowManagedHooksOnly: true, disableCommandPluginSources: false });
  expect(await run(add)).toMatchObject({ exit: 0 });
});
