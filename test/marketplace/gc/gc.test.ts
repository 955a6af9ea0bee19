import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { takeLease } from "../../../marketplace/generations/lease.ts";
import { readCurrent } from "../../../marketplace/generations/generations.ts";
import { type Home, homeAt } from "../../../marketplace/home.ts";
import { claimStore, StoreClaim, whileNobodyChanges } from "../../../marketplace/store/store-claim.ts";
import { runTree } from "../../../schemas/generation.ts";
import { StoreIndex } from "../../../schemas/store-index.ts";
import { fileDigests } from "../../support/file-digests.ts";
import { FixtureRepository } from "../../support/git-repository.ts";
import { documentHere, pluginHere } from "../../support/in-process.ts";
import { type FixtureMarket, marketFiles } from "../../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

let files: TemporaryHome;
let home: Home;

const at = (cwd = "."): { readonly home: string; readonly cwd: string } => ({
  home: home.directory,
  cwd: files.path(cwd),
});

async function ok(words: string, cwd?: string): Promise<string> {
  const { exit, text } = await pluginHere(words.split(" "), at(cwd));
  expect({ words, exit, text: exit === 0 ? "" : text }).toEqual({ words, exit: 0, text: "" });
  return text;
}

function market(fixture: FixtureMarket): string {
  for (const [path, text] of Object.entries(marketFiles(fixture))) files.write(`${fixture.name}/${path}`, text);
  return files.path(fixture.name);
}

const versions = (version: string): FixtureMarket => ({
  name: "acme",
  plugins: { one: { version, files: { "note.txt": version } }, two: { version }, three: { version } },
});

const trees = (): readonly string[] => (existsSync(home.trees) ? readdirSync(home.trees).sort() : []);
const numbers = (): readonly number[] =>
  readdirSync(home.generations)
    .flatMap((name) => /^(\d+)\.json$/u.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right);
const running = (): readonly string[] =>
  Object.values(readCurrent(home)?.roots ?? {})
    .flatMap(({ plugins }) => plugins.map(runTree))
    .sort();

// The first command of a process loads everything.
beforeAll(async () => {
  using place = temporaryHome();
  await pluginHere(["cache", "gc"], { home: place.path("home"), cwd: place.directory });
}, 120_000);
beforeEach(() => {
  files = temporaryHome();
  home = homeAt(files.path("home"));
});
afterEach(() => files[Symbol.dispose]());

describe("plugin cache gc", () => {
  it("of a home that does not exist removes and makes nothing", async () => {
    expect(await ok("cache gc")).toBe("nothing to remove, 0 generations stay");
    expect(existsSync(home.trees)).toBe(false);
  });

  it("keeps the newest generations with everything that they need, and removes the rest", async () => {
    await ok(`marketplace add ${market(versions("1.0.0"))}`);
    await ok("add one");
    await ok("add two");
    const [first] = running();
    market(versions("1.1.0"));
    await ok("update one");
    await ok("remove two");
    expect(trees()).toHaveLength(3);
    expect(await ok("cache gc")).toBe("nothing to remove, 4 generations stay");

    const foreseen = await documentHere(["cache", "gc", "--keep", "1", "--dry-run"], at());
    expect(trees()).toHaveLength(3);
    const done = await documentHere(["cache", "gc", "--keep", "1"], at());
    expect({ ...done, outcome: "dry-run" }).toEqual(foreseen);
    expect(trees()).toEqual(running());
    expect(trees()).not.toContain(first);
    expect(numbers()).toEqual([4]);
    const records = [...new StoreIndex(readFileSync(home.index)).records()];
    expect(records.map(({ kind }) => kind).sort()).toEqual(["inspection", "manifest", "members"]);
    expect(readdirSync(home.staging)).toEqual([]);
    await ok("list --check");
    await ok("verify");
    expect(await ok("cache gc --keep 1")).toBe("nothing to remove, 1 generation stays");
  });

  it("leaves nothing of plugins that were removed but the last generation and what people said", async () => {
    await ok(`marketplace add ${market(versions("1.0.0"))}`);
    const before = fileDigests(home.directory);
    await ok("add one");
    await ok("add two three");
    await ok("remove one two three");
    await ok("cache gc --keep 1");
    const after = fileDigests(home.directory);
    const left = Object.keys(after).filter((path) => after[path] !== before[path]);
    expect(left.filter((path) => !path.startsWith("audit/")).sort()).toEqual([
      "state/current",
      "state/generations/3.json",
      "state/generations/3.texts.json",
      "state/lock-stamps.json",
      "store/index",
    ]);
    expect(readFileSync(home.index, "utf8")).toBe("");
  });

  it("finds a project as it was before, after all that was added to it was removed again", async () => {
    mkdirSync(files.path("bare"));
    files.write("own/plugins.json", '{\n  // ours\n  "schema": 1,\n  "plugins": {}\n}\n');
    await ok(`marketplace add ${market(versions("1.0.0"))}`);
    for (const project of ["bare", "own"]) {
      const before = fileDigests(files.path(project));
      await ok("add one --scope project", project);
      await ok("add two --scope local", project);
      expect(fileDigests(files.path(project))).not.toEqual(before);
      await ok("remove two --scope local", project);
      await ok("remove one --scope project", project);
      expect(fileDigests(files.path(project))).toEqual(before);
      expect(readdirSync(files.path(project))).toEqual(project === "bare" ? [] : ["plugins.json"]);
    }
    await ok("rollback --scope project", "bare");
    expect(readdirSync(files.path("bare"))).toEqual(["plugins.json", "plugins.lock"]);
  });

  it("says of a generation that is gone that nothing can return to it", async () => {
    await ok(`marketplace add ${market(versions("1.0.0"))}`);
    await ok("add one");
    await ok("add two");
    await ok("add three");
    await ok("cache gc --keep 1");
    for (const words of [["rollback"], ["rollback", "--to", "1"]]) {
      const { exit, text } = await pluginHere(words, at());
      expect(exit).toBe(1);
      expect(text).toMatch(/generation \d is no longer kept/u);
      expect(text).toContain("plugin cache gc --keep N");
    }
    expect(await ok("generations")).toContain("older ones were removed by `plugin cache gc`");
  });

  it("HK08: keeps what a running session holds, and lets a rollback fetch what it does not", async () => {
    await ok(`marketplace add ${market(versions("1.0.0"))}`);
    await ok("add one");
    const held = running();
    await ok("remove one");
    await ok("add two");
    {
      using _ = takeLease(home, 1);
      await ok("cache gc --keep 1");
      expect(numbers()).toEqual([1, 3]);
      expect(trees()).toEqual([...held, ...running()].sort());
    }
    rmSync(home.trees, { recursive: true });
    await ok("rollback --to 1");
    expect(trees()).toEqual(held);
    await ok("verify");
  });

  it("leaves a root alone whose last change no generation tells any more", async () => {
    mkdirSync(files.path("project"));
    files.write("project/plugins.json", '{\n  // ours\n  "schema": 1\n}\n');
    await ok(`marketplace add ${market(versions("1.0.0"))}`);
    await ok("add one --scope project", "project");
    await ok("add two");
    await ok("add three");
    const before = fileDigests(files.path("project"));
    await ok("cache gc --keep 2");
    await ok("rollback --scope project --to 2", "project");
    expect(fileDigests(files.path("project"))).toEqual(before);
    expect(running()).toHaveLength(3);
  });

  it("removes downloads, catalogs and links that nothing needs, and nothing else", async () => {
    const repository = new FixtureRepository(files.path("git/acme"), { bare: false });
    for (const [path, text] of Object.entries(marketFiles(versions("1.0.0")))) files.write(`git/acme/${path}`, text);
    repository.git(["add", "."]);
    repository.git(["commit", "--quiet", "--message", "start"]);
    await ok(`marketplace add file://${repository.directory}`);
    await ok("add one");
    files.write("home/marketplaces/acme/old.json", "{}");
    files.write("home/marketplaces/gone/old.json", "{}");
    files.write("home/cache/git/0123456789abcdef0123456789abcdef/HEAD", "ref: x");
    files.write("home/cache/npm/index-v5/x", "x");
    files.write(`home/cache/compile/v1.2.3-x64-abc-0/x`, "x");
    files.write("home/cache/plugins/acme/ghost/README", "a person's own");
    files.write("home/leases/999999999.1.0.0-1-abcd", "");
    files.write("home/store/staging/999999999.1.0.0-abcdef/tree-1/file", "x");
    const document = await documentHere(["cache", "gc"], at());
    const removed = document["removed"] as readonly { readonly kind: string; readonly path: string }[];
    expect(removed.map(({ kind, path }) => `${kind} ${path.slice(home.directory.length + 1)}`)).toEqual([
      "staging store/staging/999999999.1.0.0-abcdef",
      "lease leases/999999999.1.0.0-1-abcd",
      "catalog marketplaces/acme/old.json",
      "catalog marketplaces/gone",
      "repository cache/git/0123456789abcdef0123456789abcdef",
      "packages cache/npm",
      "compiled cache/compile/v1.2.3-x64-abc-0",
    ]);
    for (const { path } of removed) expect(existsSync(path)).toBe(false);
    expect(readFileSync(files.path("home/cache/plugins/acme/ghost/README"), "utf8")).toBe("a person's own");
    await ok("update --offline");
    await ok("verify");
  });

  it("removes nothing while it cannot be known what is needed", async () => {
    await ok(`marketplace add ${market(versions("1.0.0"))}`);
    await ok("add one");
    await ok("add two");
    const file = files.path("home/state/generations/2.json");
    const text = readFileSync(file, "utf8");
    for (const [damage, code] of [
      ["{", "E_STATE_CORRUPT"],
      [text.replace('"schema":1', '"schema":9'), "E_SCHEMA_NEWER"],
    ] as const) {
      writeFileSync(file, damage);
      const before = fileDigests(home.store);
      const { exit, text: said } = await pluginHere(["cache", "gc", "--keep", "1"], at());
      expect({ exit, said }).toEqual({ exit: 1, said: expect.stringContaining(code) });
      expect(fileDigests(home.store)).toEqual(before);
    }
  });

  it.each(["0", "-1", "many"])("refuses `--keep=%s`", async (keep) => {
    const { exit, text } = await pluginHere(["cache", "gc", `--keep=${keep}`], at());
    expect({ exit, text }).toEqual({ exit: 2, text: expect.stringContaining("the current generation always stays") });
  });
});

describe("changes and collections", () => {
  const calm = { signal: new AbortController().signal };

  it("wait for each other: a tree that is fetched and not committed yet stays", async () => {
    const order: string[] = [];
    const change = await claimStore(home, calm);
    const collection = whileNobodyChanges(home, { ...calm, onWait: () => order.push("collection waits") }, async () => {
      order.push("collection works");
    });
    const second = claimStore(home, { ...calm, onWait: () => order.push("change waits") }).then((claim) => {
      order.push("second change works");
      claim[Symbol.dispose]();
    });
    change[Symbol.dispose]();
    await Promise.all([collection, second]);
    expect(order).toEqual(["collection waits", "change waits", "collection works", "second change works"]);
    expect(readdirSync(home.leases)).toEqual([]);
  });

  it("can be interrupted while they wait", async () => {
    using _ = new StoreClaim(home, "change");
    const controller = new AbortController();
    const waiting = whileNobodyChanges(
      home,
      { signal: controller.signal, onWait: () => controller.abort() },
      async () => undefined,
    );
    await expect(waiting).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  });
});
