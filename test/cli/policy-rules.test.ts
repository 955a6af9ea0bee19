import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHost } from "../../cli/session/open-host.ts";
import { documentHere, managedFilesOf, pluginHere } from "../support/in-process.ts";
import { marketFiles } from "../support/plugin-files.ts";
import { registryServer } from "../support/registry-server.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

const server = (command: string, ...args: readonly string[]): string =>
  JSON.stringify({ mcpServers: { docs: { command, args } } });

/** Plugins of the marketplace `house`, each of which one kind of rule is about. */
const PLUGINS = {
  plain: { version: "1.0.0" },
  other: { version: "2.0.0" },
  served: { version: "1.0.0", files: { ".mcp.json": server("true") } },
  launched: { version: "1.0.0", files: { ".mcp.json": server("npx", "-y", "./folder") } },
  coded: {
    version: "1.0.0",
    manifest: { plugsmith: { entry: "./index.js" } },
    files: { "index.js": "export default {};\n" },
  },
};

let home: TemporaryHome;
/** Digest of the tree of each, as the lock has it. */
let trees: Readonly<Record<string, string>>;

const at = (policy?: object | readonly object[], folder = "home") => ({
  home: home.path(folder),
  cwd: home.path("project"),
  policy,
});

beforeAll(async () => {
  home = temporaryHome();
  home.write("project/readme.txt", "");
  for (const [path, text] of Object.entries(marketFiles({ name: "house", plugins: PLUGINS })))
    home.write(`house/${path}`, text);
  await pluginHere(["marketplace", "add", home.path("house")], at());
  const names = Object.keys(PLUGINS).map((name) => `${name}@house`);
  const { plan } = await documentHere(["add", ...names, "--dry-run"], at());
  trees = Object.fromEntries(
    (plan as { steps: { id: string; tree: string }[] }).steps.map(({ id, tree }) => [id.split("@")[0], tree]),
  );
});

afterAll(() => {
  home[Symbol.dispose]();
});

describe("a rule refuses before anything is written", () => {
  it.each<[name: string, policy: object, said: RegExp]>([
    ["plain", { plugins: { "*": "blocked" } }, /blocks every plugin that no other rule/],
    ["plain", { plugins: { "plain@house": { version: "^2" } } }, /admits `\^2` only, and this is 1\.0\.0/],
    ["plain", { plugins: { "plain@house": { digest: `sha256-${"0".repeat(64)}` } } }, /pins other files of it/],
    ["plain", { requirePin: true }, /a source that pins its content, and a directory does not/],
    ["plain", { allowedPluginSources: [{ source: "github", repo: "acme/*" }] }, /source of the plugin's files/],
    [
      "served",
      { capabilityCeilings: { mcp: ["plain@house"] } },
      /only plugins of this list may bring `mcp` \(`docs`\)/,
    ],
    ["coded", { capabilityCeilings: { entry: [] } }, /bring `entry`/],
    ["launched", { requireLockedLaunchers: true }, /every start may run other code \(MCP server `docs`/],
  ])("%s under %j", async (name, policy, said) => {
    const { exit, text } = await pluginHere(["add", `${name}@house`], at(policy));
    expect(text).toMatch(said);
    expect(text).toContain("/managed.json");
    expect(exit).toBe(3);
  });
});

it("a plan tells a name that could be taken for a required plugin or a built-in one", async () => {
  const plugins = { plains: {}, "file-tool": {} };
  for (const [path, text] of Object.entries(marketFiles({ name: "near", plugins }))) home.write(`near/${path}`, text);
  const policy = { plugins: { "plain@house": "required" } };
  await pluginHere(["marketplace", "add", home.path("near")], at(policy, "near-home"));
  const { plan } = await documentHere(["add", "plains@near", "file-tool@near", "--dry-run"], at(policy, "near-home"));
  expect((plan as { notes: readonly string[] }).notes).toEqual(
    expect.arrayContaining([
      "`plains@near` could be taken for `plain@house`, which your administrator requires: check that you mean it",
      "`file-tool@near` could be taken for `file-tools@builtin`, which is part of Plugsmith: check that you mean it",
    ]),
  );
});

it("what rules admit is installed, and hidden is what they do not", async () => {
  const policy = {
    hideDisallowed: true,
    requirePin: true,
    capabilityCeilings: { mcp: [] },
    plugins: { "*": "blocked", "plain@house": { digest: trees["plain"] } },
  };
  const search = async (rules: object) => {
    const { plugins } = await documentHere(["search"], at(rules));
    return (plugins as { id: string }[]).map(({ id }) => id);
  };
  expect(await search(policy)).toEqual(["plain@house"]);
  expect(await search({ ...policy, hideDisallowed: false })).toHaveLength(5);
  expect(await pluginHere(["add", "plain@house"], at(policy))).toMatchObject({ exit: 0 });
  expect(await pluginHere(["remove", "plain"], at(policy))).toMatchObject({ exit: 0 });
});

it("NP08: a release is younger than others may be where a rule says why, and the plan says so", async () => {
  await using registry = await registryServer();
  registry.publish({ name: "tool", version: "1.0.0" }, {}, { published: new Date().toISOString() });
  home.write("young/.npmrc", `registry=${registry.url}\n`);
  const entry = { name: "tool", source: { source: "npm", package: "tool" } };
  const catalog = { name: "npm-house", owner: { name: "Fixture" }, plugins: [entry] };
  home.write("npm-house/.claude-plugin/marketplace.json", JSON.stringify(catalog));
  await pluginHere(["marketplace", "add", home.path("npm-house")], at(undefined, "young"));
  const add = (rules: object) =>
    pluginHere(["add", "tool@npm-house", "--dry-run"], at({ minimumReleaseAge: "3d", ...rules }, "young"));
  expect(await add({})).toMatchObject({ exit: 3, text: expect.stringContaining("may be used from") });
  const plugins = { "tool@npm-house": { minimumReleaseAge: 0, reason: "closes CVE-2026-0001" } };
  const said = "policy asks `tool@npm-house` for an age of 0 minutes only: closes CVE-2026-0001";
  expect(await add({ plugins })).toMatchObject({ exit: 0, text: expect.stringContaining(said) });
});

describe("what policy requires", () => {
  const known = () => ({ house: { source: { source: "directory", path: home.path("house") } } });
  const requires = (rule: object | string, name = "plain") => ({
    extraKnownMarketplaces: known(),
    plugins: { [`${name}@house`]: rule },
  });
  const installed = async (folder: string) => {
    const { plugins } = await documentHere(["list"], at(undefined, folder));
    return (plugins as { id: string; enabled: boolean }[]).map(({ id, enabled }) => `${id} ${String(enabled)}`);
  };

  it("comes with `plugin sync`, with its marketplace, and nobody removes, disables or replaces it", async () => {
    const here = at(requires("required"), "fresh");
    expect((await pluginHere(["sync", "--dry-run"], here)).text).toContain("would install `plain@house`");
    expect(await installed("fresh")).toEqual([]);
    const { exit, text } = await pluginHere(["sync"], here);
    expect([exit, text]).toEqual([0, expect.stringContaining("installed `plain@house`, which policy requires")]);
    expect(await installed("fresh")).toEqual(["plain@house true"]);
    expect((await pluginHere(["sync"], here)).text).toContain("nothing to do");
    for (const words of [
      ["remove", "plain"],
      ["disable", "plain"],
    ]) {
      const refused = await pluginHere(words, here);
      expect(refused).toMatchObject({
        exit: 3,
        text: expect.stringMatching(/this rule requires it[^]*plugins\.plain@house/),
      });
    }
    // Whoever edits files gets it back.
    writeFileSync(home.path("fresh/plugins.json"), '{ "schema": 1, "plugins": {} }\n');
    expect(await pluginHere(["sync"], here)).toMatchObject({ exit: 0 });
    expect(await installed("fresh")).toEqual(["plain@house true"]);
  });

  it("waits for a yes where its rule does not stand for one, and not where it does", async () => {
    const asked = await pluginHere(["sync"], at(requires("required", "served"), "asked"));
    expect(asked).toMatchObject({ exit: 3, text: expect.stringContaining("--accept sha256-") });
    const closure = /digest (sha256-[0-9a-f]{64})/.exec(asked.text)?.[1];
    for (const [folder, rule] of [
      ["pinned", { rule: "required", digest: trees["served"] }],
      ["accepted", { rule: "required", accept: closure }],
    ] as const) {
      expect(await pluginHere(["sync"], at(requires(rule, "served"), folder))).toMatchObject({ exit: 0 });
      expect(await installed(folder)).toEqual(["served@house true"]);
    }
    const record = readFileSync(home.path("pinned/state/consent.json"), "utf8");
    expect(record).toContain("served@house");
    // A launcher runs code that is not among the pinned files.
    const launched = requires({ rule: "required", digest: trees["launched"] }, "launched");
    expect(await pluginHere(["sync"], at(launched, "launched"))).toMatchObject({ exit: 3 });
  });

  it("is told and keeps nothing else away where it cannot be had", async () => {
    const policy = {
      extraKnownMarketplaces: known(),
      plugins: { "gone@house": "required", "plain@house": "required", "x@nowhere": "required" },
    };
    const { exit, text } = await pluginHere(["sync"], at(policy, "partly"));
    expect(exit).toBe(1);
    for (const id of ["gone@house", "x@nowhere"])
      expect(text).toContain(`policy requires \`${id}\`, which is not installed`);
    expect(await installed("partly")).toEqual(["plain@house true"]);
    const frozen = await pluginHere(
      ["sync", "--frozen", "--scope", "user"],
      at(requires("required", "other"), "partly"),
    );
    expect(frozen).toMatchObject({ exit: 1, text: expect.stringContaining("which `--frozen` does not install") });
  });

  it("moves with its rule", async () => {
    const here = (version: string) => at(requires({ rule: "required", version }, "other"), "moving");
    expect(await pluginHere(["sync"], here("^2"))).toMatchObject({ exit: 0 });
    home.write("house/plugins/other/.claude-plugin/plugin.json", JSON.stringify({ name: "other", version: "3.1.0" }));
    expect(await pluginHere(["sync"], here("^3"))).toMatchObject({ exit: 0 });
    expect(readFileSync(home.path("moving/plugins.lock"), "utf8")).toContain('"3.1.0"');
  });
});

describe("a session", () => {
  const request = (policy: () => object, folder: string) => ({
    directory: home.path("project"),
    pluginDirectories: [] as readonly string[],
    settings: [],
    trustWorkspace: true,
    environment: { PLUGSMITH_HOME: home.path(folder), HOME: home.path(folder), PATH: process.env["PATH"] },
    managedFiles: () => managedFilesOf(policy()),
    bringsRequired: true,
  });

  it("PB28: takes out at once what newer rules refuse, says why, and gives it back when they go", async () => {
    const where = at(undefined, "session");
    await pluginHere(["marketplace", "add", home.path("house")], where);
    const words = ["add", ...["plain", "served", "launched", "coded"].map((name) => `${name}@house`)];
    const asked = await pluginHere(words, where);
    const closure = /--accept (sha256-[0-9a-f]{64})/.exec(asked.text)?.[1] ?? "";
    expect(await pluginHere([...words, "--accept", closure], where)).toMatchObject({ exit: 0 });
    let policy: object = {};
    const opened = await openHost(request(() => policy, "session"));
    const held = (): Readonly<Record<string, string>> =>
      Object.fromEntries(
        opened.host
          .tree()
          .plugins.flatMap(({ id, state }) =>
            id.endsWith("@house") && state.kind === "held" ? [[id.split("@")[0], state.message]] : [],
          ),
      );
    try {
      expect(held()).toEqual({});
      policy = {
        capabilityCeilings: { mcp: ["launched@house"], entry: [] },
        requireLockedLaunchers: true,
        plugins: { "plain@house": { version: "^2" } },
      };
      expect(await opened.enforce()).toBe(true);
      expect(held()).toEqual({
        plain: expect.stringMatching(
          /admits `\^2` only, and this is 1\.0\.0 \(`plugins\.plain@house` in \/managed\.json\)/,
        ),
        served: expect.stringContaining("only plugins of this list may bring `mcp`"),
        coded: expect.stringContaining("only plugins of this list may bring `entry`"),
        launched: expect.stringContaining("every start may run other code"),
      });
      policy = {};
      await opened.enforce();
      await opened.reload();
      expect(held()).toEqual({});
      policy = { requirePin: true };
      await opened.enforce();
      expect(Object.keys(held())).toEqual(["coded", "launched", "plain", "served"]);
    } finally {
      await opened.close();
    }
    const check = await pluginHere(["list", "--check"], at({ requireLockedLaunchers: true }, "session"));
    expect(check).toMatchObject({
      exit: 1,
      text: expect.stringMatching(/launched@house[^]*every start may run other code/),
    });
  });

  it("installs what policy requires before it starts, and starts without what it cannot have", async () => {
    const rules = {
      extraKnownMarketplaces: { house: { source: { source: "directory", path: home.path("house") } } },
      plugins: { "plain@house": "required", "served@house": "required", "gone@house": "required" },
    };
    rmSync(home.path("first"), { recursive: true, force: true });
    const opened = await openHost(request(() => rules, "first"));
    try {
      const ids = opened.host.tree().plugins.map(({ id }) => id);
      expect(ids.filter((id) => id.endsWith("@house"))).toEqual(["plain@house"]);
      expect(opened.diagnostics.filter(({ message }) => message.includes("polic"))).toMatchObject([
        { severity: "warning", message: expect.stringContaining("`gone@house`, which is not installed") },
        { code: "I_REQUIRED", message: "installed `plain@house`, which policy requires", file: "/managed.json" },
        {
          code: "E_TRUST",
          message: expect.stringContaining("somebody has to say yes"),
          hint: expect.stringContaining("`plugin sync`"),
        },
      ]);
    } finally {
      await opened.close();
    }
  });
});
