import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, AuditRecord } from "plugsmith/plugin-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catalogText, MarketBench } from "../sources/market-bench.ts";

const CATALOG = ".claude-plugin/marketplace.json";

let bench: MarketBench;
let records: AuditRecord[];
const audit: Audit = { append: (record) => void records.push(record), heads: () => [] };
beforeEach(async () => {
  bench = await MarketBench.start();
  records = [];
});
afterEach(async () => {
  await bench.stop();
});

describe("the audit log is told", () => {
  it("of a marketplace that comes, changes and goes, with its revisions, and of nothing that stays as it is", async () => {
    const repository = bench.repository("market");
    const [first] = repository.commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    const { catalogs } = bench.open({ audit });
    const { market } = await catalogs.add(bench.source("market"));
    await catalogs.add(bench.source("market"));
    await catalogs.update();
    const [second] = repository.commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), "a/x": "" } }]);
    await catalogs.update("m");
    await catalogs.remove("m");
    const common = { subject: market.identity, outcome: "done" };
    expect(records).toEqual([
      { ...common, action: "marketplace add", detail: { name: "m", to: first } },
      { ...common, action: "marketplace update", detail: { name: "m", from: first, to: second } },
      { ...common, action: "marketplace remove", detail: { name: "m", from: second } },
    ]);
  });

  it("of a refresh that an installation brought", async () => {
    const repository = bench.repository("market");
    repository.commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    const { catalogs } = bench.open({ audit });
    await catalogs.add(bench.source("market"));
    repository.commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), "a/x": "" } }]);
    await catalogs.refreshForAdd("m", { always: true });
    expect(records.map(({ action }) => action)).toEqual(["marketplace add", "marketplace update"]);
  });

  it("of nothing that a dry run would do", async () => {
    bench.repository("market").commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    await bench.open({ audit }).catalogs.add(bench.source("market"), { dryRun: true });
    expect(records).toEqual([]);
  });

  it("of what policy refuses to add and to refresh", async () => {
    bench.repository("market").commit([{ files: { [CATALOG]: catalogText("m", {}) } }]);
    const { market } = await bench.open().catalogs.add(bench.source("market"));
    const rule = { key: "blockedMarketplaces", file: "/etc/plugsmith/policy.json", line: 3 };
    const { catalogs } = bench.open({ audit, decide: () => ({ allowed: false, rule, reason: "it is blocked" }) });
    await expect(catalogs.add(bench.source("other"))).rejects.toMatchObject({ code: "E_SOURCE_BLOCKED" });
    expect(await catalogs.update("m")).toMatchObject([{ outcome: "failed", error: { code: "E_SOURCE_BLOCKED" } }]);
    const detail = { reason: "it is blocked", rule: rule.key };
    expect(records).toEqual([
      { action: "marketplace add", subject: expect.stringMatching(/\/other$/u), outcome: "denied", detail },
      { action: "marketplace refresh", subject: market.identity, outcome: "denied", detail: { ...detail, name: "m" } },
    ]);
  });

  it("before a change, and again when it came to nothing", async () => {
    const root = join(bench.directory, "local");
    mkdirSync(join(root, ".claude-plugin"), { recursive: true });
    writeFileSync(join(root, CATALOG), catalogText("m", {}));
    const { catalogs } = bench.open({
      audit: {
        ...audit,
        append(record) {
          records.push(record);
          // A directory where the registry belongs cannot be replaced by it.
          mkdirSync(join(bench.directory, "home", "marketplaces", "registry.json", "x"), { recursive: true });
        },
      },
    });
    await expect(catalogs.add({ kind: "directory", path: root })).rejects.toMatchObject({ code: "E_IO" });
    expect(records.map(({ outcome }) => outcome)).toEqual(["done", "failed"]);
  });
});
