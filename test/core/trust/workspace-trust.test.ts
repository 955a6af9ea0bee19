import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openWorkspaceTrust, type WorkspaceTrust } from "../../../core/trust/workspace-trust.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const at = "2026-03-01T12:00:00.000Z";
const open = (file: string): WorkspaceTrust => openWorkspaceTrust(file, () => new Date(at));

describe("the record of trusted workspaces", () => {
  it("knows nothing and writes nothing before the first trust", () => {
    using home = temporaryHome();
    const trust = open(home.path("state/trust.json"));
    expect([trust.isTrusted("/a"), trust.list(), trust.revoke("/a"), trust.diagnostics()]).toEqual([
      false,
      [],
      false,
      [],
    ]);
    expect(readdirSync(home.directory)).toEqual([]);
  });

  it("holds exactly the paths that were named, until they are taken back", () => {
    using home = temporaryHome();
    const file = home.path("state/trust.json");
    expect([open(file).trust("/b"), open(file).trust("/a"), open(file).trust("/a")]).toEqual([true, true, false]);
    const trust = open(file);
    expect(["/a", "/a/c", "/", "/A", "/a/", "__proto__", "constructor"].map((path) => trust.isTrusted(path))).toEqual([
      true,
      ...Array.from({ length: 6 }, () => false),
    ]);
    expect(trust.list()).toEqual([
      { path: "/a", at },
      { path: "/b", at },
    ]);
    expect([open(file).revoke("/a"), trust.isTrusted("/a"), trust.isTrusted("/b")]).toEqual([true, false, true]);
  });

  it("is private to its user and leaves no temporary file", () => {
    using home = temporaryHome();
    open(home.path("state/trust.json")).trust("/a");
    expect(statSync(home.path("state/trust.json")).mode & 0o777).toBe(0o600);
    expect(readdirSync(home.path("state"))).toEqual(["trust.json"]);
  });

  const damaged: Readonly<Record<string, string>> = {
    "an empty file": "",
    "a cut file": '{"schema": 1, "trusted": {"/a": {"at": "20',
    "another shape": "[]",
    "no schema version": '{"trusted": {"/a": {"at": ""}}}',
    "an unknown older schema": '{"schema": 0, "trusted": {"/a": {"at": ""}}}',
    "an entry of the wrong type": '{"schema": 1, "trusted": {"/a": true}}',
    "a list": '{"schema": 1, "trusted": ["/a"]}',
  };
  for (const [name, text] of Object.entries(damaged)) {
    it(`takes ${name} for no trust, says so and keeps it aside`, () => {
      using home = temporaryHome();
      const file = home.write("trust.json", text);
      const trust = open(file);
      expect([trust.isTrusted("/a"), trust.diagnostics()]).toMatchObject([false, [{ code: "E_STATE_CORRUPT", file }]]);
      expect(trust.trust("/b")).toBe(true);
      expect(readFileSync(home.path("trust.json.damaged"), "utf8")).toBe(text);
      expect(open(file).list()).toEqual([{ path: "/b", at }]);
    });
  }

  it("never overwrites what a newer Plugsmith wrote", () => {
    using home = temporaryHome();
    const file = home.path("trust.json");
    writeFileSync(file, '{"schema": 2, "everything": true}');
    const trust = open(file);
    for (const act of [
      () => trust.isTrusted("/a"),
      () => trust.trust("/a"),
      () => trust.revoke("/a"),
      () => trust.list(),
    ]) {
      expect(act).toThrow(expect.objectContaining({ code: "E_SCHEMA_NEWER" }));
    }
    expect(readFileSync(file, "utf8")).toContain("everything");
  });
});
