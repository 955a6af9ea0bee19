import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Audit, AuditRecord } from "../../../plugin-api/index.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import type { MarketplaceSource } from "../../../schemas/source-spec.ts";
import type { FixtureCommit, FixtureRepository } from "../../support/git-repository.ts";
import { catalogText, entryOf, MarketBench, pluginFiles } from "./market-bench.ts";

const CATALOG = ".claude-plugin/marketplace.json";

let bench: MarketBench;
let records: AuditRecord[];
beforeEach(async () => {
  bench = await MarketBench.start();
  records = [];
});
afterEach(async () => {
  await bench.stop();
});

const audit: Audit = { append: (record) => void records.push(record), heads: () => [] };
const open = (options: Parameters<MarketBench["open"]>[0] = {}) => bench.open({ audit, ...options });
const accepting = { ask: () => Promise.resolve({ accepted: true } as const) };
const sourceOf = (repository: FixtureRepository, ref?: string): MarketplaceSource => ({
  kind: "git",
  url: `file://${repository.directory}`,
  ...(ref !== undefined && { ref }),
});
const update = async (options?: Parameters<typeof open>[0]) => {
  const [result] = await open(options).catalogs.update("m");
  return result?.outcome === "failed" ? result.error.code : result?.outcome;
};
const said = (): readonly string[] =>
  records.filter(({ action }) => action.startsWith("source")).map(({ action, outcome }) => `${action}: ${outcome}`);

/** A state of the marketplace `m`, told from others by its plugin. */
const state = (plugin: string): FixtureCommit => ({
  files: { [CATALOG]: catalogText("m", { [plugin]: "./plugin" }), ...pluginFiles("plugin", { name: plugin }) },
});

/** What stands at the address after somebody deleted the repository and made one of that name. */
function createdAnew(name: string, commits: readonly FixtureCommit[]): FixtureRepository {
  rmSync(join(bench.directory, "served", name), { recursive: true, force: true });
  const repository = bench.repository(name);
  repository.commit(commits.map((commit, index) => ({ ...commit, time: 1_800_000_000 + index })));
  return repository;
}

async function codeOf(run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}

describe("a marketplace whose repository was created anew", () => {
  let repository: FixtureRepository;
  beforeEach(async () => {
    repository = bench.repository("market");
    repository.commit([state("a")]);
    await open().catalogs.add(sourceOf(repository));
    repository = createdAnew("market", [state("evil")]);
  });

  it("is held: its catalog stays, and nothing of the new one is found, also not offline", async () => {
    let asked = 0;
    const ask = () => Promise.resolve({ accepted: false, hint: "" } as const).finally(() => (asked += 1));
    const once = open({ ask }).catalogs;
    for (const _ of [1, 2]) expect(await once.update()).toMatchObject([{ error: { code: "E_SOURCE_REPLACED" } }]);
    expect(asked).toBe(1);
    const { catalogs, sources } = open({ offline: true, git: { offline: true } });
    const snapshot = await catalogs.get("m");
    expect(snapshot.catalog.entries.map(({ name }) => name)).toEqual(["a"]);
    expect(snapshot.market.refreshError).toContain("another repository than before answers");
    expect(await sources.offers(snapshot, entryOf(snapshot, "a"))).toHaveLength(1);
    const refs = readdirSync(join(bench.directory, "home/cache/git"), { recursive: true, encoding: "utf8" });
    expect(refs.filter((path) => /^\w+\/(?:refs\/(?:plugsmith\/heads|tags)\/|packed-refs)/u.test(path))).toEqual([]);
    expect(said()).toEqual(["source replaced: denied"]);
  });

  it("is held when it is removed and added again, when the cache is gone, and when the memory is damaged", async () => {
    await open().catalogs.remove("m");
    expect(await codeOf(() => open().catalogs.add(sourceOf(repository)))).toBe("E_SOURCE_REPLACED");
    rmSync(join(bench.directory, "home/cache"), { recursive: true });
    expect(await codeOf(() => open().catalogs.add(sourceOf(repository, "main")))).toBe("E_SOURCE_REPLACED");
    const directory = join(bench.directory, "home/state/sources");
    for (const name of readdirSync(directory)) writeFileSync(join(directory, name), "");
    expect(await codeOf(() => open().catalogs.add(sourceOf(repository)))).toBe("E_STATE_CORRUPT");
    expect(open().catalogs.list()).toEqual([]);
  });

  it("is used from then on when a person accepts it", async () => {
    const dry = { ...accepting, keeps: false };
    expect([await update(dry), await update(accepting), await update()]).toEqual(["updated", "unchanged", "unchanged"]);
    expect(said()).toEqual(["source replaced: allowed", "source replaced: allowed"]);
    repository.commit([state("more")]);
    expect(await update()).toBe("updated");
  });

  it("is what it was when its owner brings the old one back", async () => {
    const [old = ""] = createdAnew("other", []).commit([state("a"), state("b")]);
    expect(await update()).toBe("E_SOURCE_REPLACED");
    rmSync(repository.directory, { recursive: true });
    const back = bench.repository("market");
    back.git(["fetch", "--quiet", join(bench.directory, "served/other"), "main:main"]);
    expect(old).not.toBe("");
    expect(await update()).toBe("updated");
  });
});

describe("a marketplace whose owner", () => {
  it("adds more commits than one look fetches is the one that it was", async () => {
    const repository = bench.repository("market");
    repository.commit([state("a")]);
    await open().catalogs.add(sourceOf(repository));
    for (const round of [1, 2]) {
      repository.commit(Array.from({ length: 101 }, (_, index) => ({ files: { "log.txt": `${round} ${index}` } })));
      expect(await update()).toBe("updated");
    }
    expect(said()).toEqual([]);
  });

  it.each([
    { name: "and the server has the old commits", lost: false },
    { name: "and the server has lost the commit that was used", lost: true },
  ])("rewrites its history from a commit on, $name, is the one that it was, and it is recorded", async ({ lost }) => {
    const repository = bench.repository("market");
    const [root = ""] = repository.commit([state("a"), state("b")]);
    await open().catalogs.add(sourceOf(repository));
    repository.git(["update-ref", "refs/heads/main", root]);
    repository.commit([state("c"), state("d")]);
    if (lost) repository.git(["-c", "gc.reflogExpire=now", "gc", "--quiet", "--prune=now"]);
    expect(await update()).toBe("updated");
    expect(said()).toEqual(["source rewritten: allowed"]);
  });

  it("pushes another root over it is held, though the server still has the old commits", async () => {
    const repository = bench.repository("market");
    repository.commit([state("a")]);
    await open().catalogs.add(sourceOf(repository));
    repository.commit([{ ...state("b"), orphan: true }]);
    expect(await update()).toBe("E_SOURCE_REPLACED");
  });

  it("has a branch with a root of its own may be added by it too", async () => {
    const repository = bench.repository("market");
    repository.commit([state("a"), { ...state("a"), branch: "pages", orphan: true }]);
    await open().catalogs.add(sourceOf(repository));
    await open().catalogs.remove("m");
    await open().catalogs.add(sourceOf(repository, "pages"));
    for (const _ of [1, 2]) expect(await update()).toBe("unchanged");
  });
});

describe("the repository of a plugin", () => {
  it("that was created anew is held, also where only its releases are asked for", async () => {
    const repository = bench.repository("plugin");
    const release = (version: string): FixtureCommit => ({
      files: pluginFiles("", { name: "a", version }),
      tags: [`a--v${version}`],
    });
    const [, pin = ""] = repository.commit([release("1.0.0"), release("1.1.0")]);
    const url = `file://${repository.directory}`;
    const market = join(bench.directory, "folder");
    mkdirSync(join(market, ".claude-plugin"), { recursive: true });
    const list = (extra: object): void =>
      writeFileSync(join(market, CATALOG), catalogText("m", { a: { source: "url", url, ...extra } }));
    list({});
    const offers = async (): Promise<readonly string[]> => {
      const { catalogs, sources } = open();
      const snapshot = await catalogs.get("m");
      return (await sources.offers(snapshot, entryOf(snapshot, "a"))).map(({ version }) => version);
    };
    await open().catalogs.add({ kind: "directory", path: market });
    expect(await offers()).toEqual(["1.1.0", "1.0.0"]);
    createdAnew("plugin", [release("0.9.0"), release("1.2.0")]);
    expect(await codeOf(offers)).toBe("E_SOURCE_REPLACED");
    list({ sha: pin });
    expect(await codeOf(offers)).toBe("E_SOURCE_REPLACED");
  });
});
