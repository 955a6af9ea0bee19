import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fileDigests, homeDigests } from "../support/file-digests.ts";
import { hookFiles, type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { type TaggedMarket, taggedMarket } from "../support/tagged-market.ts";

interface Shelf {
  readonly at: Place;
  readonly market: TaggedMarket;
}

/** A home and a project with something to change in every way. */
async function shelf(): Promise<Shelf> {
  const at = placeHere();
  const market = taggedMarket("acme", at.path("acme.git"));
  const release = (version: string): void => {
    market.release({
      app: { version, dependencies: ["kit"] },
      kit: { version },
      hooked: { version, files: hookFiles() },
    });
  };
  release("1.0.0");
  mkdirSync(at.path("project/.git"), { recursive: true });
  at.market({ name: "folder", plugins: { loose: { version: "1.0.0" } } });
  await at.ok(["marketplace", "add", market.url]);
  await at.ok(["add", "app@acme"]);
  await at.ok(["add", "kit@acme", "--scope", "project"], { cwd: "project" });
  release("1.1.0");
  await at.ok(["disable", "app"]);
  return { at, market };
}

const CHANGES: readonly (readonly string[])[] = [
  ["add", "kit@acme@1.1.0"],
  ["add", "hooked@acme"],
  ["add", "../folder/plugins/loose"],
  ["add", "kit@acme", "--scope", "local"],
  ["remove", "app"],
  ["enable", "app"],
  ["disable", "kit", "--scope", "project"],
  ["update"],
  ["update", "app"],
  ["sync"],
  ["sync", "--scope", "project"],
  ["rollback"],
  ["rollback", "--to", "1"],
  ["marketplace", "add", "../folder"],
  ["marketplace", "remove", "acme", "--keep-plugins"],
];

describe("--dry-run", () => {
  it("of every verb that changes something changes nothing but download caches", async () => {
    const { at } = await shelf();
    using _ = at;
    const registry = () => fileDigests(at.path("home/marketplaces"), (path) => path === "registry.json");
    const before = [homeDigests(at.path("home")), fileDigests(at.path("project"))];
    const markets = registry();
    for (const words of CHANGES) {
      const { exit, stdout } = await at.run([...words, "--dry-run"], { cwd: "project" });
      expect({ words, exit, said: /dry run|would|nothing to do/u.test(stdout) }).toEqual({
        words,
        exit: 0,
        said: true,
      });
      expect({ words, state: [homeDigests(at.path("home")), fileDigests(at.path("project"))] }).toEqual({
        words,
        state: before,
      });
    }
    expect(Object.keys(registry())).toEqual(Object.keys(markets));
  });

  it("shows a teammate the locked set without adding the marketplace", async () => {
    const { at } = await shelf();
    using _ = at;
    const ben = { home: "ben", cwd: "project" };
    expect(await at.ok(["sync", "--trust-workspace", "--dry-run"], ben)).toContain("kit@acme");
    writeFileSync(at.path("project/plugins.lock"), "");
    expect(await at.ok(["sync", "--trust-workspace", "--dry-run"], ben)).toContain("kit@acme");
    expect(await at.ok(["marketplace", "list"], ben)).toContain("no marketplace was added");
  });

  it("followed by the same without it does what was shown", async () => {
    const { at } = await shelf();
    using _ = at;
    for (const words of [["enable", "app"], ["update"], ["remove", "app"], ["rollback"]]) {
      const plan = async (more: readonly string[]): Promise<unknown> => {
        const { document } = await at.json([...words, ...more], { cwd: "project" });
        // The shape of `plan` in every change.
        return (document["plan"] as Readonly<Record<string, unknown>>)["steps"];
      };
      expect(await plan(["--dry-run"])).toEqual(await plan([]));
    }
  });
});

describe("--json", () => {
  it("is one document for every verb, whatever it does", async () => {
    const { at } = await shelf();
    using _ = at;
    const project = { cwd: "project" };
    for (const words of [
      ...CHANGES.map((words) => [...words, "--dry-run"]),
      ...CHANGES,
      ["enable", "kit", "--scope", "project"],
      ["list"],
      ["list", "--check"],
      ["info", "kit"],
      ["info", "app@acme"],
      ["outdated"],
      ["why", "kit"],
      ["generations"],
      ["verify"],
      ["search", "kit"],
      ["validate", "../folder/plugins/loose"],
      ["marketplace", "list"],
      ["marketplace", "update"],
      ["marketplace", "validate", "../folder"],
      ["completion", "bash"],
      ["nonsense"],
      ["add"],
      ["add", "gone@acme"],
      ["add", "gone@nowhere"],
      ["remove", "gone"],
      ["rollback", "--to", "77"],
    ]) {
      const { exit, document, stderr } = await at.json(words, project);
      expect({ words, ok: document["ok"], stderr }).toEqual({ words, ok: exit === 0, stderr: "" });
      if (exit !== 0) expect(document["error"]).toMatchObject({ code: expect.stringMatching(/^E_/u) });
    }
  });
});
