import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";

const ANN = { home: "ann", cwd: "project" };
const BEN = { home: "ben", cwd: "clone" };

type Plugin = { dependencies: Record<string, string> };
type Lock = { marketplaces: Record<string, unknown>; plugins: Record<string, Plugin> };

/** A clone of a project with `app@one`, which needs `kit@one`, and with `sly@two`; its lock and intent are edited. */
async function edited(
  edit: (lock: Lock, intent: { plugins: Record<string, unknown> }) => void,
  allowed: readonly string[] = [],
): Promise<Place> {
  const at = placeHere();
  const catalog = { allowCrossMarketplaceDependenciesOn: allowed };
  const plugins = {
    app: { version: "1.0.0", dependencies: ["kit@one", { name: "kit", version: "^1.0.0" }] },
    kit: { version: "1.0.0" },
  };
  at.market({ name: "one", catalog, plugins: { ...plugins, far: { version: "1.0.0", dependencies: ["sly@two"] } } });
  at.market({ name: "two", plugins: { sly: { version: "1.0.0" } } });
  for (const name of ["project", "clone"]) mkdirSync(at.path(name, ".git"), { recursive: true });
  for (const home of ["ann", "ben"])
    for (const market of ["one", "two"]) await at.ok(["marketplace", "add", at.path(market)], { home });
  await at.ok(["add", "sly@two", "app@one", "far@one", "--scope", "project"], ANN);
  cpSync(at.path("project"), at.path("clone"), { recursive: true });
  // Both were written by the command under test.
  const lock = JSON.parse(readFileSync(at.path("clone/plugins.lock"), "utf8")) as Lock;
  const intent = JSON.parse(readFileSync(at.path("clone/plugins.json"), "utf8")) as {
    plugins: Record<string, unknown>;
  };
  edit(lock, intent);
  writeFileSync(at.path("clone/plugins.lock"), JSON.stringify(lock));
  writeFileSync(at.path("clone/plugins.json"), JSON.stringify(intent));
  return at;
}

describe("the dependencies of a lock", () => {
  it.each([
    [
      "one is left out",
      (app: Plugin, lock: Lock) => (delete app.dependencies["kit@one"], delete lock.plugins["kit@one"]),
    ],
    ["one is added", (app: Plugin) => (app.dependencies["sly@two"] = "*")],
    ["a range is another", (app: Plugin) => (app.dependencies["kit@one"] = "*")],
  ])("are refused by `--frozen` and solved anew by `sync` when %s", async (_what, change) => {
    using at = await edited((lock) => {
      const app = lock.plugins["app@one"];
      if (app !== undefined) change(app, lock);
    });
    const said = await at.fails(1, ["sync", "--trust-workspace", "--frozen"], BEN);
    expect(said).toContain("E_STATE_CORRUPT");
    expect(said).toContain("app@one");
    expect(at.generation("ben")).toBeUndefined();
    expect(await at.ok(["sync", "--trust-workspace"], BEN)).toContain("misstates");
    const read = (name: string): string => readFileSync(at.path(name, "plugins.lock"), "utf8");
    expect(read("clone")).toBe(read("project"));
    expect(await at.ok(["sync", "--trust-workspace", "--frozen"], BEN)).toContain("nothing to do");
  });

  it("may not leave their marketplace unless it lists the other", async () => {
    const unasked = (_: Lock, intent: { plugins: Record<string, unknown> }): void =>
      void delete intent.plugins["sly@two"];
    using refused = await edited(unasked);
    for (const words of [
      ["sync", "--trust-workspace", "--frozen"],
      ["sync", "--trust-workspace"],
    ])
      expect(await refused.fails(4, words, BEN)).toContain("allowCrossMarketplaceDependenciesOn");
    using listed = await edited(unasked, ["two"]);
    await listed.ok(["sync", "--trust-workspace", "--frozen"], BEN);
    // Where the catalog is not here, nobody can say.
    await refused.ok(["sync", "--trust-workspace", "--frozen"], { ...BEN, home: "carl" });
  });
});
