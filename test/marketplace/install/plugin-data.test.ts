import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeAt } from "../../../marketplace/home.ts";
import { settleData } from "../../../marketplace/install/plugin-data.ts";
import type { Generation } from "../../../schemas/generation.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { next, plugin } from "../generations/state.ts";

const NONE = { renames: new Map<string, string>(), forgotten: [] };
const RENAMED = { ...NONE, renames: new Map([["old@m", "new@m"]]) };

/** A generation with one root that holds these plugins. */
function holding(...ids: readonly string[]): Generation {
  const plugins = ids.map((id) => plugin(id));
  return { ...next("test", ...plugins), schema: 1, number: 1, parent: 0 };
}

describe("the data of a plugin", () => {
  it("moves to the new name, or is copied while the old one is still in use", () => {
    for (const [ids, left] of [
      [["new@m"], false],
      [["new@m", "old@m"], true],
    ] as const) {
      using home = temporaryHome();
      home.write("data/old-m/deep/notes.txt", "mine");
      expect(settleData(homeAt(home.directory), RENAMED, holding(...ids))).toEqual([]);
      expect(readFileSync(home.path("data/new-m/deep/notes.txt"), "utf8")).toBe("mine");
      expect(existsSync(home.path("data/old-m"))).toBe(left);
    }
  });

  it("is left alone under a name that has some already", () => {
    using home = temporaryHome();
    home.write("data/old-m/notes.txt", "old");
    home.write("data/new-m/notes.txt", "new");
    expect(settleData(homeAt(home.directory), RENAMED, holding("new@m"))).toEqual([]);
    expect(readFileSync(home.path("data/new-m/notes.txt"), "utf8")).toBe("new");
  });

  it("is never half copied, and a failure is a remark", () => {
    using home = temporaryHome();
    home.write("data/old-m/a.txt", "mine");
    home.write("data/.copy/half.txt", "left by an interruption");
    symlinkSync(home.path("not-mounted"), home.path("data/new-m"));
    for (const ids of [["new@m"], ["new@m", "old@m"]]) {
      const remarks = settleData(homeAt(home.directory), RENAMED, holding(...ids));
      expect(remarks).toEqual([expect.stringContaining("could not be given to `new@m`")]);
      expect(readdirSync(home.path("data/old-m"))).toEqual(["a.txt"]);
    }
    rmSync(home.path("data/new-m"));
    expect(settleData(homeAt(home.directory), RENAMED, holding("new@m", "old@m"))).toEqual([]);
    expect(readdirSync(home.path("data")).toSorted()).toEqual(["new-m", "old-m"]);
    expect(readdirSync(home.path("data/new-m"))).toEqual(["a.txt"]);
  });

  it("is deleted with the last root that holds the plugin", () => {
    using home = temporaryHome();
    home.write("data/old-m/notes.txt", "mine");
    const gone = { ...NONE, forgotten: ["old@m"] };
    settleData(homeAt(home.directory), gone, holding("old@m"));
    expect(existsSync(home.path("data/old-m"))).toBe(true);
    settleData(homeAt(home.directory), gone, holding());
    expect(readdirSync(home.path("data"))).toEqual([]);
  });
});
