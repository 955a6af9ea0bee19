import { spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gitEnvironment } from "../../marketplace/sources/git-environment.ts";
import type { OpenedOffer } from "../../marketplace/sources/offer.ts";
import { catalogText, entryOf, MarketBench, pluginFiles, textsOf } from "../marketplace/sources/market-bench.ts";
import type { FixtureFile } from "../support/git-repository.ts";
import { canary } from "../support/canary.ts";

const CATALOG = ".claude-plugin/marketplace.json";

let bench: MarketBench;
beforeEach(async () => {
  bench = await MarketBench.start();
});
afterEach(async () => {
  await bench.stop();
});

const pwned = (): string => join(bench.directory, "pwned");

/** Serves a marketplace whose plugin `a` has these files too. */
function serve(files: Readonly<Record<string, FixtureFile>> = {}) {
  const repository = bench.repository("market");
  const plugin = pluginFiles("a", { name: "a", version: "1.0.0" });
  repository.commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), ...plugin, ...files } }]);
  return repository;
}

async function openPlugin(source = bench.source("market")): Promise<OpenedOffer> {
  const { catalogs, sources } = bench.open();
  const { snapshot } = await catalogs.add(source);
  const entry = entryOf(snapshot, "a");
  const [offer] = await sources.offers(snapshot, entry);
  const [opened] = await sources.open([{ snapshot, entry, offer: offer! }]);
  return opened!;
}

/** Every file of the home. */
function filesOfHome(): readonly string[] {
  return readdirSync(join(bench.directory, "home"), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

it("GT05: submodules are never fetched, whatever `.gitmodules` looks like", async () => {
  const modules = (path: string, name = "x"): string =>
    `[submodule "${name}"]\n\tpath = ${path}\n\turl = ${bench.server.url("module")}\n`;
  const variants: Readonly<Record<string, Readonly<Record<string, FixtureFile>>>> = {
    ordinary: { ".gitmodules": modules("x") },
    carriage: { ".gitmodules": modules('"x\r"') },
    climbing: { ".gitmodules": modules("x", "../../x") },
    linked: { ".gitmodules": { link: "m" }, m: modules("x") },
  };
  const [module = ""] = bench.repository("module").commit([{ files: { "secret.md": "canary" } }]);
  const files = Object.entries(variants).flatMap(([name, own]) => [
    ...Object.entries(pluginFiles(name, { name, version: "1.0.0" })),
    ...Object.entries(own).map(([path, file]) => [`${name}/${path}`, file] as const),
    [`${name}/x`, { submodule: module }] as const,
  ]);
  const sources = Object.fromEntries(Object.keys(variants).map((name) => [name, `./${name}`]));
  bench
    .repository("market")
    .commit([{ files: { [CATALOG]: catalogText("m", sources), ...Object.fromEntries(files) } }]);
  const opened = bench.open();
  const { snapshot } = await opened.catalogs.add(bench.source("market"));
  for (const name of Object.keys(variants)) {
    const entry = entryOf(snapshot, name);
    const [offer] = await opened.sources.offers(snapshot, entry);
    const [plugin] = await opened.sources.open([{ snapshot, entry, offer: offer! }]);
    expect([name, plugin?.diagnostics.map(({ code }) => code)]).toEqual([name, ["W_SUBMODULE"]]);
    const texts = textsOf(plugin!.tree);
    expect(Object.keys(texts)).toContain("skills/note/SKILL.md");
    expect(Object.values(texts).join()).not.toContain("canary");
  }
  expect(bench.server.requests.length).toBeGreaterThan(0);
  expect(bench.server.requests.filter(({ path }) => path.includes("module"))).toEqual([]);
});

describe("GT07: from within a hostile repository", () => {
  const before = process.cwd();
  afterEach(() => process.chdir(before));

  it("nothing of its configuration runs", async () => {
    serve();
    const hostile = join(bench.directory, "hostile");
    mkdirSync(hostile);
    const git = (...words: readonly string[]) => spawnSync("git", words, { cwd: hostile, encoding: "utf8" });
    git("init", "-q");
    git("config", "core.fsmonitor", `touch ${pwned()}; false`);
    git("config", "core.pager", `touch ${pwned()}`);
    process.chdir(hostile);
    expect(Object.keys(textsOf((await openPlugin()).tree))).toContain("skills/note/SKILL.md");
    expect(existsSync(pwned())).toBe(false);
    // The trap works: git itself steps into it.
    git("status");
    expect(existsSync(pwned())).toBe(true);
  });
});

it("GT09: what is pinned is what is opened after the server moved branch and tag", async () => {
  const repository = serve();
  const { catalogs, sources } = bench.open();
  const { snapshot } = await catalogs.add(bench.source("market"));
  const [offer] = await sources.offers(snapshot, entryOf(snapshot, "a"));
  repository.commit([
    { files: pluginFiles("a", { name: "a", version: "6.6.6" }), tags: ["a--v1.0.0", "a--v6.6.6"], orphan: true },
  ]);
  const pinned = offer!.source;
  const opened = await bench.open({ home: "other" }).sources.openLocked(pinned, "a@m");
  expect(textsOf(opened)[".claude-plugin/plugin.json"]).toContain("1.0.0");
});

it("GT14: git enters no bare repository by itself, GT18: and asks nobody", () => {
  const asking = { PATH: "/usr/bin:/bin", GIT_ASKPASS: "/bin/ask", SSH_ASKPASS: "/bin/ask", GIT_TERMINAL_PROMPT: "1" };
  const environment = gitEnvironment(asking, [], []);
  const key = Object.keys(environment).find((name) => environment[name] === "safe.bareRepository") ?? "";
  expect(environment[key.replace("KEY", "VALUE")]).toBe("explicit");
  expect(environment).toMatchObject({ GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "" });
  expect(environment).not.toHaveProperty("SSH_ASKPASS");
});

it("GT20: links among the objects of a repository on this machine bring in nothing from outside", async () => {
  const repository = serve();
  const secret = join(bench.directory, "secret");
  writeFileSync(secret, canary("of the person"));
  mkdirSync(join(repository.directory, "objects/aa"), { recursive: true });
  symlinkSync(secret, join(repository.directory, "objects/aa", "a".repeat(38)));
  symlinkSync(secret, join(repository.directory, "objects/canary"));
  linkSync(secret, join(repository.directory, "objects/aa", "b".repeat(38)));
  const { tree } = await openPlugin({ kind: "git", url: `file://${repository.directory}` });
  expect(tree.stat("skills/note/SKILL.md")).toBeDefined();
  const files = filesOfHome();
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const { nlink } = lstatSync(file);
    expect([file, lstatSync(file).isSymbolicLink(), nlink]).toEqual([file, false, 1]);
    expect(readFileSync(file, "latin1")).not.toContain(canary("of the person"));
  }
});
