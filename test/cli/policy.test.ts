import { existsSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { documentHere, pluginHere } from "../support/in-process.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

const POLICY = {
  strictKnownMarketplaces: [{ source: "github", repo: "acme/plugins" }],
  blockedMarketplaces: [{ source: "hostPattern", hostPattern: "evil.example" }],
  enabledPlugins: { "must@acme": true, "never@acme": false },
  disableSideloadFlags: true,
  minimumReleaseAge: "3d",
  capabilityCeilings: { mcp: ["must@acme"], entry: [] },
  blockedPluginSources: [{ source: "npm", package: "@evil/*" }],
  plugins: {
    "*@evil": "blocked",
    "tool@acme": { version: "^1", minimumReleaseAge: "1d", reason: "ours" },
    "guard@acme": { rule: "required", digest: `sha256-${"0".repeat(64)}` },
  },
  extraKnownMarketplaces: { acme: { source: { source: "github", repo: "acme/plugins" } } },
};

/** Cases that hold for the policy above, as an administrator writes them. */
const CASES = [
  { marketplace: "acme/plugins", expect: "allowed" },
  { marketplace: { source: "git", url: "https://evil.example/x.git" }, expect: "denied", rule: "blockedMarketplaces" },
  { marketplace: "./market", action: "refresh", expect: "denied", rule: "strictKnownMarketplaces" },
  { plugin: "never@acme", marketplace: "acme/plugins", expect: "denied", rule: "enabledPlugins" },
  { plugin: "must@acme", action: "disable", expect: "denied" },
  {
    plugin: "x@acme",
    marketplace: "acme/plugins",
    source: { source: "npm", package: "x" },
    expect: "denied",
    rule: "strictKnownMarketplaces",
  },
  { hook: "x@acme", expect: "allowed" },
  { plugin: "tool@acme", marketplace: "acme/plugins", version: "2.0.0", expect: "denied", rule: "plugins" },
  { plugin: "guard@acme", marketplace: "acme/plugins", digest: `sha256-${"1".repeat(64)}`, expect: "denied" },
  { plugin: "guard@acme", action: "disable", expect: "denied", rule: "plugins.guard@acme" },
  { plugin: "x@acme", capability: "mcp", expect: "denied", rule: "capabilityCeilings" },
  { plugin: "x@evil", expect: "denied", rule: "plugins.*@evil" },
  { flag: "plugin-dir", expect: "denied", rule: "disableSideloadFlags" },
];

const run = (files: TemporaryHome, ...words: readonly string[]) =>
  pluginHere(["policy", ...words], { home: files.path("home"), cwd: files.directory });

/** A place with the policy, expectations and a marketplace's folder. */
function administrator(cases: readonly unknown[] = CASES): TemporaryHome {
  const files = temporaryHome();
  files.write("managed.json", JSON.stringify(POLICY, null, 1));
  files.write("cases.json", `{ "cases": [\n${cases.map((one) => JSON.stringify(one)).join(",\n")}\n] }\n`);
  files.write("market/.claude-plugin/marketplace.json", "{}");
  return files;
}

describe("plugin policy", () => {
  it("test holds a policy against expectations", async () => {
    using files = administrator();
    expect(await run(files, "test", "cases.json", "--policy", "managed.json")).toMatchObject({
      exit: 0,
      text: expect.stringContaining("13 of 13 expectations hold") as string,
    });
  });

  it("test says which expectation does not hold, by which rule and where it is written", async () => {
    using files = administrator([
      { marketplace: "acme/plugins", expect: "denied" },
      { name: "ours", marketplace: "other/plugins", expect: "allowed" },
      { plugin: "never@acme", expect: "denied", rule: "strictKnownMarketplaces" },
    ]);
    const { exit, text } = await run(files, "test", "cases.json", "--policy", "managed.json");
    expect(exit).toBe(1);
    expect(text).toContain("not ok add github.com/acme/plugins: it is allowed (line 2)");
    expect(text).toContain("not ok ours: it is denied by `strictKnownMarketplaces`");
    expect(text).toContain("not ok install never@acme: it is denied by `enabledPlugins.never@acme`");
  });

  it.each([
    [{ expect: "allowed" }, "belongs to a case with one of"],
    [{ marketplace: "acme/plugins" }, "`cases.0.expect` must be text"],
    [{ marketplace: "acme/plugins", expect: "yes" }, "must be `allowed` or `denied`"],
    [{ marketplace: "acme/plugins", expect: "allowed", action: "install" }, "must be one of `add`, `refresh`"],
    [{ plugin: "x", expect: "allowed" }, "must be `name@marketplace`"],
    [{ plugin: "x@y", flag: "z", expect: "allowed" }, "belongs to a case with one of"],
    [{ plugin: "x@y", source: "./here", expect: "allowed" }, "must be one of git, npm, archive, directory and command"],
    [{ plugin: "x@y", capability: "hooks", expect: "allowed" }, "must be one of `hook`, `mcp`"],
    [{ marketplace: "::", expect: "allowed" }, "`cases.0.marketplace`"],
    [{ marketplace: "acme/plugins", expect: "allowed", rul: "x" }, "`cases.0.rul` means nothing here"],
  ])("test refuses a case that says nothing clear: %j", async (one, said) => {
    using files = administrator([one]);
    const { exit, text } = await run(files, "test", "cases.json");
    expect(exit).toBe(1);
    expect(text).toContain(said);
    expect(text).toMatch(/cases\.json:2:\d+/u);
  });

  it("explain names the rule for a plugin, a marketplace and a flag", async () => {
    using files = administrator();
    const about = ["tool@acme@1.0.0", "must@acme", "never@acme", "https://evil.example/x.git", "--", "--plugin-dir"];
    const { exit, text } = await run(files, "explain", "--policy", "managed.json", ...about);
    expect(exit).toBe(0);
    for (const line of [
      "tool@acme\n  allowed, version ^1, releases from 1 day on: ours (plugins.tool@acme at ",
      "  install, enable, disable, load: allowed",
      "mcp of tool@acme\n  install, load: denied, only plugins of this list may bring `mcp`",
      "must@acme\n  releases of registries from 3 days on (minimumReleaseAge at ",
      "  install, enable, load: allowed, and it stays on\n  disable: denied",
      "  install, enable, load: denied, this rule blocks the plugin",
      "evil.example/x\n  add, refresh: denied, this rule blocks the marketplace's source",
      "--plugin-dir\n  use: denied",
    ])
      expect(text).toContain(line);
    expect(text).toContain(`blockedMarketplaces.0 at ${files.path("managed.json")}:9`);
    const at = { home: files.path("home"), cwd: files.directory };
    const { rules } = await documentHere(["policy", "explain", "tool@acme", "--policy", "managed.json"], at);
    expect(rules).toMatchObject([
      { about: "tool@acme", says: "allowed, version ^1, releases from 1 day on: ours", key: "plugins.tool@acme" },
      { about: "tool@acme", says: "releases of registries from 1 day on", key: "plugins.tool@acme" },
    ]);
  });

  it("show lists what counts, and fails for what is not valid", async () => {
    using files = administrator();
    expect(await run(files, "show")).toMatchObject({ exit: 0 });
    const { exit, text } = await run(files, "show", "--policy", "managed.json");
    expect(exit).toBe(0);
    for (const said of [
      "strictKnownMarketplaces  1 rule",
      "must@acme stays on",
      "never@acme is blocked",
      "*@evil blocked",
      "tool@acme allowed, version ^1",
      "guard@acme required, files sha256-0",
      "mcp: must@acme",
      "entry: no plugin",
    ])
      expect(text).toContain(said);
    files.write(
      "more.json",
      JSON.stringify({
        yankedPlugins: { "bad@acme": "it steals" },
        secrets: { backend: "command", allowedBackends: ["keychain", "command"] },
      }),
    );
    const { text: more } = await run(files, "show", "--policy", "more.json");
    expect(more).toMatch(/yankedPlugins\s+bad@acme was withdrawn: it steals/u);
    expect(more).toMatch(/secrets\.allowedBackends\s+keychain or command\s+line 1/u);
    expect(more).toMatch(/secrets\.backend\s+command for everybody/u);
    const about = await run(files, "explain", "--policy", "more.json", "bad@acme");
    expect(about.text).toMatch(/ {2}its secrets: keychain or command \(secrets\.allowedBackends at .*more\.json:1/u);
    files.write(
      "broken.json",
      JSON.stringify({ strictKnownMarketplaces: "acme", minimumReleaseAge: "soon", capabilityCeilings: { mpc: [] } }),
    );
    const broken = await run(files, "show", "--policy", "managed.json", "--policy", "broken.json");
    expect(broken.exit).toBe(1);
    expect(broken.text).toContain("minimumReleaseAge        closed");
    expect(broken.text).toMatch(/capabilityCeilings +closed/u);
    expect(broken.text).toContain("E_POLICY_INVALID");
  });

  it("compile prints an agent's file, or writes it for everybody to read, and lists what it does not say", async () => {
    using files = administrator();
    const printed = await run(files, "compile", "--for", "claude", "--policy", "managed.json");
    expect(printed).toMatchObject({ exit: 0, text: expect.stringContaining('"disableSideloadFlags": true') as string });
    expect(printed.text).toContain("weaker: Claude Code asks the lists for marketplaces");
    expect(printed.text).toMatch(/pluginSources at .*managed\.json:2\n\s+hint: /u);
    const out = ["--policy", "managed.json", "--out", "new/requirements.toml"];
    const dry = await run(files, "compile", "--for", "codex", ...out, "--dry-run");
    expect([dry.exit, existsSync(files.path("new"))]).toEqual([0, false]);
    const written = await run(files, "compile", "--for", "codex", ...out);
    expect(written).toMatchObject({ exit: 0, text: expect.stringContaining("/etc/codex/requirements.toml") as string });
    expect(statSync(files.path("new/requirements.toml")).mode & 0o777).toBe(0o644);
    expect(readFileSync(files.path("new/requirements.toml"), "utf8")).toContain("restrict_to_allowed_sources = true");
    files.write("small.json", JSON.stringify({ enabledPlugins: { "never@acme": false } }));
    const at = { home: files.path("home"), cwd: files.directory };
    const words = ["policy", "compile", "--policy", "small.json", "--strict", "--out", "small"];
    const refused = await documentHere([...words, "--for", "codex"], at);
    expect(refused).toMatchObject({ exit: 1, written: false, losses: [{ effect: "weaker", line: 1 }] });
    expect(await documentHere([...words, "--for", "claude"], at)).toMatchObject({ exit: 0, written: true, losses: [] });
  });

  it.each([
    [["--for", "codex"], 1, "there is no managed policy of Plugsmith on this machine"],
    [["--policy", "managed.json"], 2, "`--for` is missing"],
    [["--for", "cursor", "--policy", "managed.json"], 2, "claude"],
    [["--for", "codex", "--policy", "absent.json"], 1, "absent.json"],
    [["--for", "codex", "--policy", "broken.json"], 3, "broken.json:1:"],
    [["--for", "codex", "--policy", "managed.json", "--out", "managed.json/x"], 1, "managed.json/x"],
  ])("compile %j says what is wrong", async (words, exit, said) => {
    using files = administrator();
    files.write("broken.json", JSON.stringify({ strictKnownMarketplaces: "acme" }));
    const refused = await run(files, "compile", ...words);
    expect(refused.exit).toBe(exit);
    expect(refused.text).toContain(said);
    expect(refused.text).toContain("hint:");
  });
});
