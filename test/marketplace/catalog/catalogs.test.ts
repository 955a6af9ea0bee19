import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isCodedError } from "../../../schemas/errors.ts";
import { catalogText, MarketBench, pluginFiles } from "../sources/market-bench.ts";

const CATALOG = ".claude-plugin/marketplace.json";

let bench: MarketBench;
beforeEach(async () => {
  bench = await MarketBench.start();
});
afterEach(async () => {
  await bench.stop();
});

async function failureOf(
  run: () => Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly hint?: string | undefined }> {
  try {
    await run();
  } catch (error) {
    if (isCodedError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** A local marketplace directory. */
function localMarket(name: string, text: string, directories: readonly string[] = []): string {
  const root = join(bench.directory, name);
  mkdirSync(join(root, ".claude-plugin"), { recursive: true });
  writeFileSync(join(root, CATALOG), text);
  for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
  return root;
}

describe("adding a marketplace", () => {
  it("keeps a validated snapshot that the next process reads without network", async () => {
    const [head] = bench
      .repository("market")
      .commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a" }) } }]);
    const added = await bench.open().catalogs.add(bench.source("market"));
    expect(added).toMatchObject({
      already: false,
      market: { name: "m", revision: head },
      snapshot: { root: { kind: "git", commit: head, path: "" }, diagnostics: [] },
    });
    bench.server.reset();
    const later = bench.open();
    expect(later.catalogs.list().map((market) => market.name)).toEqual(["m"]);
    expect(await later.catalogs.get("m")).toEqual(added.snapshot);
    expect(bench.server.requests).toHaveLength(0);
  });

  it("says that it is there already, whatever the spelling of its source", async () => {
    bench.repository("market.git").commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    const { catalogs } = bench.open();
    await catalogs.add(bench.source("market.git"));
    bench.server.reset();
    expect(await catalogs.add({ kind: "git", url: `HTTP://127.0.0.1:${bench.server.port}/market.git/` })).toMatchObject(
      { already: true },
    );
    expect(bench.server.requests).toHaveLength(0);
  });

  it("changes nothing in a dry run", async () => {
    const root = localMarket("market", catalogText("m", {}));
    const { catalogs } = bench.open();
    expect(await catalogs.add({ kind: "directory", path: root }, { dryRun: true })).toMatchObject({
      market: { name: "m" },
    });
    expect(catalogs.has("m")).toBe(false);
    expect(bench.open().catalogs.list()).toEqual([]);
  });

  it("accepts a path of a marketplace.json, a branch and a directory of a repository", async () => {
    const root = localMarket("market", catalogText("filed", { a: "./a" }), ["a"]);
    bench
      .repository("many")
      .commit([
        { files: { [`deep/${CATALOG}`]: catalogText("deep", { a: "./a" }), "deep/a/x": "" } },
        { files: { [CATALOG]: catalogText("branched", {}) }, branch: "next" },
      ]);
    const { catalogs } = bench.open();
    expect(await catalogs.add({ kind: "file", path: join(root, CATALOG) })).toMatchObject({
      market: { name: "filed" },
      snapshot: { diagnostics: [] },
    });
    expect(await catalogs.add(bench.source("many", "next"))).toMatchObject({ market: { name: "branched" } });
    const deep = await catalogs.add({ kind: "git", url: bench.server.url("many"), path: "deep" });
    expect(deep).toMatchObject({ market: { name: "deep" }, snapshot: { root: { path: "deep" }, diagnostics: [] } });
  });

  it("finds the repository behind a web address that serves no catalog", async () => {
    bench.repository("market").commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    const { catalogs } = bench.open();
    const added = await catalogs.add({ kind: "url", url: bench.server.url("market") });
    expect(added.market.source).toEqual(bench.source("market"));
    expect(await failureOf(() => catalogs.add({ kind: "url", url: bench.server.url("nothing") }))).toMatchObject({
      code: "E_NETWORK",
      message: expect.stringContaining("404"),
      hint: expect.stringContaining("git finds no repository there either"),
    });
  });

  it("asks policy before it connects", async () => {
    bench.repository("market").commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    const rule = { key: "blockedMarketplaces", file: "/etc/plugsmith/policy.json", line: 3 };
    const { catalogs } = bench.open({ decide: () => ({ allowed: false, rule, reason: "it is blocked" }) });
    expect(await failureOf(() => catalogs.add(bench.source("market")))).toMatchObject({
      code: "E_SOURCE_BLOCKED",
      where: "/etc/plugsmith/policy.json:3",
    });
    expect(bench.server.requests).toHaveLength(0);
  });

  it.each([
    { name: "the same name", second: "acme", code: "E_MARKETPLACE_EXISTS" },
    { name: "a name that differs by case and separators", second: "ACME_", code: "E_MARKETPLACE_EXISTS" },
    { name: "a name that looks alike", second: "acrne", code: "E_CONFUSABLE" },
    { name: "a pseudo-name", second: "builtin", code: "E_NAME" },
  ])("refuses $name from another source", async ({ second, code }) => {
    const { catalogs } = bench.open();
    await catalogs.add({ kind: "directory", path: localMarket("one", catalogText("acme", {})) });
    const other = localMarket("two", catalogText(second, {}));
    expect((await failureOf(() => catalogs.add({ kind: "directory", path: other }))).code).toBe(code);
    expect(catalogs.list().map((market) => market.name)).toEqual(["acme"]);
  });

  it("takes a look-alike name on purpose, with a warning", async () => {
    const { catalogs } = bench.open();
    await catalogs.add({ kind: "directory", path: localMarket("one", catalogText("acme", {})) });
    const added = await catalogs.add(
      { kind: "directory", path: localMarket("two", catalogText("acrne", {})) },
      { allowConfusable: true },
    );
    expect(added.snapshot.diagnostics).toMatchObject([{ code: "E_CONFUSABLE", severity: "warning" }]);
  });

  it("MK03: names every bad entry and keeps the others", async () => {
    const root = localMarket(
      "market",
      JSON.stringify({
        name: "m",
        owner: { name: "x" },
        plugins: [
          { name: "good", source: "./good" },
          { name: "gone", source: "./gone" },
          { name: "out", source: "../out" },
          { name: "link", source: "./link" },
          { name: "bad name", source: "./good" },
          { name: "twice", source: "./good" },
          { name: "twice", source: "./other" },
        ],
      }),
      ["good", "other"],
    );
    symlinkSync("/tmp", join(root, "link"));
    const { snapshot } = await bench.open().catalogs.add({ kind: "directory", path: root });
    expect(snapshot.catalog.entries.map((entry) => entry.name)).toContain("good");
    const dropped = snapshot.diagnostics
      .filter((found) => found.dropped === "plugin")
      .map((found) => [found.code, /`(gone|out|link|twice|bad name)`/u.exec(found.message)?.[1]]);
    expect(dropped.toSorted()).toEqual([
      ["E_AMBIGUOUS", "twice"],
      ["E_ENTRY", "gone"],
      ["E_NAME", "bad name"],
      ["E_PATH_ESCAPE", "link"],
      ["E_PATH_ESCAPE", "out"],
    ]);
  });

  it("MK03: names bad directories of a git marketplace without fetching them", async () => {
    bench.repository("market").commit([
      {
        files: {
          [CATALOG]: catalogText("m", { good: "./good", gone: "./gone", out: "./out", inside: "./inside" }),
          "good/x": "",
          out: { link: "../../etc" },
          inside: { link: "good" },
        },
      },
    ]);
    const { snapshot } = await bench.open().catalogs.add(bench.source("market"));
    expect(snapshot.diagnostics.map((found) => [found.code, found.message.split("`")[1]])).toEqual([
      ["E_ENTRY", "gone"],
      ["E_PATH_ESCAPE", "out"],
    ]);
  });

  it("refuses a directory that everybody may write", async () => {
    const root = localMarket("market", catalogText("m", {}));
    chmodSync(root, 0o777);
    expect((await failureOf(() => bench.open().catalogs.add({ kind: "directory", path: root }))).code).toBe(
      "E_SOURCE_BLOCKED",
    );
  });

  it("says what is missing where there is no marketplace", async () => {
    bench.repository("plugin").commit([{ files: pluginFiles("", { name: "p" }) }]);
    const { catalogs } = bench.open();
    expect((await failureOf(() => catalogs.add(bench.source("plugin")))).code).toBe("E_CATALOG");
    expect(await failureOf(() => catalogs.add(bench.source("nothing")))).toMatchObject({
      code: "E_GIT",
      hint: expect.stringContaining("spelling"),
    });
    expect(await failureOf(() => catalogs.add(bench.source("plugin", "nope")))).toMatchObject({
      code: "E_GIT",
      hint: expect.stringContaining("branch"),
    });
    expect((await failureOf(() => catalogs.add({ kind: "directory", path: "/absent/marketplace" }))).code).toBe(
      "E_NOT_FOUND",
    );
  });
});

describe("refreshing a marketplace", () => {
  it("reports what changed and keeps the snapshot of the revision before", async () => {
    const repository = bench.repository("market");
    const [first] = repository.commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    await bench.open().catalogs.add(bench.source("market"));
    expect(await bench.open().catalogs.update("m")).toEqual([{ name: "m", outcome: "unchanged", revision: first }]);
    const [second] = repository.commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), "a/x": "" } }]);
    const { catalogs } = bench.open();
    expect(await catalogs.update()).toMatchObject([{ outcome: "updated", from: first, to: second }]);
    expect((await catalogs.get("m")).catalog.entries).toHaveLength(1);
    expect(readdirSync(join(bench.directory, "home/marketplaces/m")).toSorted()).toEqual(
      [`${first}.json`, `${second}.json`].toSorted(),
    );
  });

  it.each([
    { name: "a catalog that is not JSON", text: "{", code: "E_JSON" },
    { name: "a catalog that renamed itself (MK04)", text: catalogText("other", {}), code: "E_MARKETPLACE_RENAMED" },
  ])("keeps the last good copy when it meets $name", async ({ text, code }) => {
    const repository = bench.repository("market");
    repository.commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), "a/x": "" } }]);
    await bench.open().catalogs.add(bench.source("market"));
    repository.commit([{ files: { [CATALOG]: text } }]);
    const { catalogs } = bench.open();
    expect(await catalogs.update("m")).toMatchObject([{ outcome: "failed", error: { code } }]);
    const snapshot = await bench.open().catalogs.get("m");
    expect(snapshot.catalog.entries).toHaveLength(1);
    expect(snapshot.market.refreshError).toBeDefined();
  });

  it("keeps the last good copy when an installed plugin would become ambiguous", async () => {
    const root = localMarket("market", catalogText("m", { a: "./a" }), ["a", "b"]);
    await bench.open().catalogs.add({ kind: "directory", path: root });
    const twice = { name: "m", owner: { name: "x" }, plugins: ["./a", "./b"].map((source) => ({ name: "a", source })) };
    writeFileSync(join(root, CATALOG), JSON.stringify(twice));
    const { catalogs } = bench.open({ isInstalled: (name, market) => `${name}@${market}` === "a@m" });
    expect(await catalogs.update("m")).toMatchObject([{ outcome: "failed", error: { code: "E_AMBIGUOUS" } }]);
    expect((await catalogs.get("m")).catalog.entries).toHaveLength(1);
  });

  it("refuses an older commit unless it is asked for", async () => {
    const repository = bench.repository("market");
    const [old, young] = repository.commit([
      { files: { [CATALOG]: catalogText("m", {}) } },
      { files: { [CATALOG]: catalogText("m", { a: "./a" }), "a/x": "" } },
    ]);
    await bench.open().catalogs.add(bench.source("market"));
    repository.git(["update-ref", "refs/heads/main", old ?? ""]);
    expect(await bench.open().catalogs.update("m")).toMatchObject([
      { outcome: "failed", error: { code: "E_MARKETPLACE_ROLLBACK" }, revision: young },
    ]);
    expect(await bench.open().catalogs.update("m", { allowRollback: true })).toMatchObject([
      { outcome: "updated", from: young, to: old },
    ]);
  });

  it("accepts a newer commit whose clock was behind", async () => {
    const repository = bench.repository("market");
    repository.commit([{ files: { [CATALOG]: catalogText("m", {}) }, time: 1_700_009_000 }]);
    await bench.open().catalogs.add(bench.source("market"));
    repository.commit([{ files: { "a/x": "" }, time: 1_700_000_000 }]);
    expect(await bench.open().catalogs.update("m")).toMatchObject([{ outcome: "updated" }]);
  });

  it("reads a local catalog again when it changed and keeps the good copy when it broke", async () => {
    const root = localMarket("market", catalogText("m", {}), ["a"]);
    await bench.open().catalogs.add({ kind: "directory", path: root });
    writeFileSync(join(root, CATALOG), catalogText("m", { a: "./a" }));
    expect((await bench.open().catalogs.get("m")).catalog.entries).toHaveLength(1);
    await bench.open().catalogs.update("m");
    writeFileSync(join(root, CATALOG), "{ broken");
    const broken = await bench.open().catalogs.get("m");
    expect(broken.catalog.entries).toHaveLength(1);
    expect(broken.market.refreshError).toContain("JSON");
  });

  it("keeps working from disk when the server is gone, and says so", async () => {
    bench.repository("market").commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    await bench.open().catalogs.add(bench.source("market"));
    await bench.server.stop();
    const now = (): Date => new Date("2026-08-02T00:00:00Z");
    expect((await bench.open({ now }).catalogs.refreshForAdd("m")).note).toContain("could not be refreshed");
    expect(await bench.open({ now, offline: true }).catalogs.refreshForAdd("m")).toEqual({});
  });

  it("forgets a marketplace that is removed, and suggests a near name", async () => {
    const { catalogs } = bench.open();
    await catalogs.add({ kind: "directory", path: localMarket("market", catalogText("market", {})) });
    expect(await failureOf(() => catalogs.get("markt"))).toMatchObject({
      code: "E_MARKETPLACE_UNKNOWN",
      hint: "did you mean `market`?",
    });
    await catalogs.remove("market");
    expect(bench.open().catalogs.has("market")).toBe(false);
  });

  it("keeps what another process brought meanwhile", async () => {
    const repository = bench.repository("market");
    const commit = (text: string): string => repository.commit([{ files: { [CATALOG]: text } }])[0] ?? "";
    commit(catalogText("m", {}));
    await bench.open().catalogs.add(bench.source("market"));
    const late = bench.open();
    late.catalogs.list();
    const newest = [catalogText("m", { a: "./a" }), catalogText("m", { b: "./b" }), catalogText("m", { c: "./c" })];
    let revision = "";
    for (const text of newest) {
      revision = commit(text);
      await bench.open().catalogs.update("m");
    }
    // This process has read the registry before all that, and the server is gone now.
    await bench.server.stop();
    expect(await late.catalogs.update("m")).toMatchObject([{ outcome: "failed" }]);
    const snapshot = await bench.open().catalogs.get("m");
    expect(snapshot.market).toMatchObject({ revision });
    expect(snapshot.catalog.entries.map(({ name }) => name)).toEqual(["c"]);
  });
});

describe("a stored catalog", () => {
  const LOSSES: readonly { readonly name: string; readonly inflict: (file: string) => void }[] = [
    { name: "lost", inflict: (file) => rmSync(file) },
    { name: "damaged", inflict: (file) => writeFileSync(file, "{") },
  ];

  const snapshotFile = (): string => {
    const directory = join(bench.directory, "home/marketplaces/m");
    return join(directory, readdirSync(directory).find((name) => !name.includes("findings")) ?? "");
  };

  it.each(LOSSES)("that is $name is downloaded again by a refresh", async ({ inflict }) => {
    bench
      .repository("market")
      .commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a" }) } }]);
    const { snapshot } = await bench.open().catalogs.add(bench.source("market"));
    inflict(snapshotFile());
    expect(await failureOf(() => bench.open().catalogs.get("m"))).toMatchObject({ code: "E_STATE_CORRUPT" });
    expect(await bench.open().catalogs.update("m")).toMatchObject([{ outcome: "unchanged" }]);
    expect((await bench.open().catalogs.get("m")).catalog).toEqual(snapshot.catalog);
    inflict(snapshotFile());
    expect(await bench.open().catalogs.refreshForAdd("m")).toEqual({});
    expect((await bench.open().catalogs.get("m")).catalog).toEqual(snapshot.catalog);
  });

  it.each(LOSSES)("that is $name is no matter while the marketplace is a directory", async ({ inflict }) => {
    const root = localMarket("market", catalogText("m", { a: "./a" }), ["a"]);
    const { snapshot } = await bench.open().catalogs.add({ kind: "directory", path: root });
    inflict(snapshotFile());
    expect((await bench.open().catalogs.get("m")).catalog).toEqual(snapshot.catalog);
    await bench.open().catalogs.refreshForAdd("m");
    writeFileSync(join(root, CATALOG), "{");
    expect((await bench.open().catalogs.get("m")).catalog).toEqual(snapshot.catalog);
  });
});

describe("a marketplace.json at a web address", () => {
  let server: Server;
  let answer: RequestListener;
  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server that listens has an address object.
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/market.json`;

  it("is downloaded once and not again while its tag holds", async () => {
    const statuses: number[] = [];
    answer = (request, response) => {
      const status = request.headers["if-none-match"] === '"one"' ? 304 : 200;
      statuses.push(status);
      response
        .writeHead(status, { etag: '"one"' })
        .end(status === 200 ? catalogText("m", { a: "./a", g: { source: "github", repo: "o/r" } }) : undefined);
    };
    const added = await bench.open().catalogs.add({ kind: "url", url: address() });
    expect(added.snapshot.diagnostics).toMatchObject([{ code: "E_ENTRY", message: expect.stringContaining("`a`") }]);
    expect(await bench.open().catalogs.update("m")).toMatchObject([{ outcome: "unchanged" }]);
    expect(statuses).toEqual([200, 304]);
    rmSync(join(bench.directory, "home/marketplaces/m"), { recursive: true });
    expect(await bench.open().catalogs.update("m")).toMatchObject([{ outcome: "unchanged" }]);
    expect(statuses).toEqual([200, 304, 200]);
    expect((await bench.open().catalogs.get("m")).catalog.entries).toHaveLength(2);
  });

  it.each([
    ["https://feeds.example/market.json", "a rule says no"],
    ["https://fcbank.example/market.json", "a rule says no"],
    ["https://[fd00::1]/market.json", "a redirect must stay"],
    ["https://[fe80::1]/market.json", "a redirect must stay"],
  ])("that leads to %s is judged by that address", async (location, says) => {
    answer = (_request, response) => response.writeHead(302, { location }).end();
    const { catalogs } = bench.open({
      decide: (subject) =>
        subject.kind === "marketplace" && subject.identity === location
          ? { allowed: false, rule: { file: "managed.json", key: "blockedMarketplaces" }, reason: "a rule says no" }
          : { allowed: true },
    });
    const { code, message, hint } = await failureOf(() => catalogs.add({ kind: "url", url: address() }));
    expect(code).toBe("E_SOURCE_BLOCKED");
    expect(`${message} ${hint}`).toContain(says);
  });

  it.each([
    { name: "a web page", reply: (): [number, object, string] => [200, {}, "<html>"], code: "E_JSON" },
    { name: "a refusal", reply: (): [number, object, string] => [403, {}, ""], code: "E_AUTH" },
    { name: "an error", reply: (): [number, object, string] => [500, {}, ""], code: "E_NETWORK" },
    {
      name: "a redirect to another host",
      reply: (): [number, object, string] => [302, { location: "http://evil.example/" }, ""],
      code: "E_SOURCE_BLOCKED",
    },
    {
      name: "a redirect to a link-local address",
      reply: (): [number, object, string] => [302, { location: "https://169.254.169.254/x" }, ""],
      code: "E_SOURCE_BLOCKED",
    },
    {
      name: "a redirect without end",
      reply: (): [number, object, string] => [302, { location: "/again" }, ""],
      code: "E_NETWORK",
    },
    {
      name: "more than five megabytes",
      reply: (): [number, object, string] => [200, {}, " ".repeat(6_000_000)],
      code: "E_LIMIT_SIZE",
    },
  ])("is refused when the answer is $name", async ({ reply, code }) => {
    answer = (_request, response) => {
      const [status, headers, body] = reply();
      response.writeHead(status, { ...headers }).end(body);
    };
    expect((await failureOf(() => bench.open().catalogs.add({ kind: "url", url: address() }))).code).toBe(code);
  });
});
