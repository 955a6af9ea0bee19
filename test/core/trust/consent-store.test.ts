import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openConsentStore, type ConsentStore } from "../../../core/trust/consent-store.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const now = (): Date => new Date("2026-03-01T12:00:00Z");
const one = { id: "fmt@acme", version: "1.0.0", closure: "sha256-one" };
const two = {
  id: "fmt@acme",
  version: "2.0.0",
  closure: "sha256-two",
  tree: "sha256-tree",
  manifest: "sha256-manifest",
};
const other = { id: "lint@acme", version: "1.0.0", closure: "sha256-one" };

function open(file: string): ConsentStore {
  return openConsentStore(file, now);
}

describe("the consent store", () => {
  it("knows nothing and writes nothing before the first consent", () => {
    using home = temporaryHome();
    const store = open(home.path("state/consent.json"));
    expect([store.has(one.id, one.closure), store.last(one.id), store.diagnostics()]).toEqual([false, undefined, []]);
    store.record([]);
    expect(readdirSync(home.directory)).toEqual([]);
  });

  it("remembers every accepted closure of a plugin, and which one was the last", () => {
    using home = temporaryHome();
    const file = home.path("state/consent.json");
    open(file).record([one]);
    open(file).record([two, other]);
    const store = open(file);
    expect([store.has(one.id, one.closure), store.has(two.id, two.closure)]).toEqual([true, true]);
    expect(store.last(one.id)).toMatchObject({ closure: two.closure, tree: two.tree, manifest: two.manifest });
    store.record([one]);
    expect([store.last(one.id)?.closure, open(file).last(one.id)?.closure]).toEqual([one.closure, one.closure]);
  });

  it("binds a closure to the plugin that it was accepted for", () => {
    using home = temporaryHome();
    const store = open(home.path("consent.json"));
    store.record([two]);
    expect([
      store.has("lint@acme", two.closure),
      store.has("__proto__", two.closure),
      store.last("constructor"),
    ]).toEqual([false, false, undefined]);
  });

  it("keeps what another process recorded after this one had read", () => {
    using home = temporaryHome();
    const file = home.path("consent.json");
    const early = open(file);
    expect(early.has(one.id, one.closure)).toBe(false);
    open(file).record([other]);
    early.record([one]);
    const store = open(file);
    expect([store.has(one.id, one.closure), store.has(other.id, other.closure)]).toEqual([true, true]);
  });

  it("is private to its user and leaves no temporary file", () => {
    using home = temporaryHome();
    const file = home.path("state/consent.json");
    open(file).record([one]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(home.path("state"))).toEqual(["consent.json"]);
  });

  const damaged: Readonly<Record<string, string>> = {
    "an empty file": "",
    "a cut file": '{"schema": 1, "accepted": {"fmt@ac',
    zeros: "\0".repeat(64),
    "another shape": "[]",
    "no schema version": '{"accepted": {}}',
    "an unknown older schema": '{"schema": 0, "accepted": {}}',
    "a digest of the wrong type": '{"schema": 1, "accepted": {"fmt@acme": [{"closure": 1, "version": "1", "at": ""}]}}',
    "a list that is none": '{"schema": 1, "accepted": {"fmt@acme": {"closure": "sha256-one"}}}',
  };
  for (const [name, text] of Object.entries(damaged)) {
    it(`takes ${name} for no consent, says so and keeps it aside`, () => {
      using home = temporaryHome();
      const file = home.write("consent.json", text);
      const store = open(file);
      expect(store.has(one.id, "sha256-one")).toBe(false);
      expect(store.diagnostics()).toMatchObject([{ code: "E_STATE_CORRUPT", severity: "warning", file }]);
      expect(readFileSync(file, "utf8")).toBe(text);
      store.record([one]);
      expect(readFileSync(`${file}.damaged`, "utf8")).toBe(text);
      writeFileSync(file, text);
      open(file).record([two]);
      expect(readdirSync(home.directory).toSorted()).toEqual([
        "consent.json",
        "consent.json.damaged",
        "consent.json.damaged-2",
      ]);
      expect([open(file).has(one.id, one.closure), open(file).has(two.id, two.closure)]).toEqual([false, true]);
    });
  }

  it("refuses a file of a newer Plugsmith and never overwrites it", () => {
    using home = temporaryHome();
    const text = '{"schema": 2, "accepted": {}, "more": true}';
    const file = home.write("consent.json", text);
    expect(() => open(file).has(one.id, one.closure)).toThrow(expect.objectContaining({ code: "E_SCHEMA_NEWER" }));
    expect(() => open(file).record([one])).toThrow(expect.objectContaining({ code: "E_SCHEMA_NEWER" }));
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
