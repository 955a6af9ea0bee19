import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { hookFiles, type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/** A home with a git marketplace of `tool` (which executes something), `kit` and `other`. */
async function stocked(): Promise<Place> {
  const at = placeHere();
  const market = taggedMarket("acme", at.path("acme.git"));
  for (const version of ["1.0.0", "2.0.0"]) {
    market.release({
      tool: { version, dependencies: [{ name: "kit", version: `^${version}` }], files: hookFiles(version[0]) },
      kit: { version },
      other: { version },
    });
  }
  await at.ok(["marketplace", "add", market.url]);
  return at;
}

const FILES = ["plugins.json", "plugins.lock"];

/** Texts and closure of the user's root. */
function image(at: Place): unknown {
  return { texts: FILES.map((file) => readFileSync(at.path("home", file), "utf8")), plugins: at.root("user")?.plugins };
}

describe("rollback", () => {
  it("goes one change back, again and again, and --to anywhere", async () => {
    using at = await stocked();
    const images: unknown[] = [];
    for (const words of [
      ["add", "other@acme@1.0.0"],
      ["add", "tool@acme@^1.0.0"],
      ["update", "other"],
      ["add", "tool@acme@^2.0.0"],
      ["disable", "tool"],
      ["remove", "tool"],
    ]) {
      await at.accept(words);
      images.push(image(at));
    }
    // `update other` had nothing to do, so that there are five generations.
    const states = images.filter((one, index) => JSON.stringify(one) !== JSON.stringify(images[index - 1]));
    expect(states).toHaveLength(5);
    for (const back of [3, 2, 1, 0]) {
      expect(await at.ok(["rollback"])).toContain(`rollback to ${back + 1}`);
      expect(image(at)).toEqual(states[back]);
      await at.ok(["list", "--check"]);
      await at.ok(["verify"]);
    }
    await at.ok(["rollback"]);
    expect(at.holds("user")).toEqual([]);
    const said = await at.fails(1, ["rollback"]);
    expect(said).toContain("nothing to roll back");
    await at.ok(["rollback", "--to", "5"]);
    expect(image(at)).toEqual(states[4]);
    await at.ok(["rollback", "--to", "2"]);
    expect(image(at)).toEqual(states[1]);
    expect(await at.ok(["rollback", "--to", "2"])).toContain("nothing to do");
    expect(await at.ok(["sync", "--frozen"])).toContain("nothing to do");
  });

  it.each([
    ["99", 1, "there is no generation 99"],
    ["0", 2, "not the number of a generation"],
    ["-1", 2, "not the number of a generation"],
    ["soon", 2, "not the number of a generation"],
  ])("--to %s is refused and changes nothing", async (to, exit, says) => {
    using at = await stocked();
    await at.ok(["add", "other@acme"]);
    const before = homeDigests(at.path("home"));
    expect(await at.fails(exit, ["rollback", `--to=${to}`])).toContain(says);
    expect(homeDigests(at.path("home"))).toEqual(before);
  });

  it("restores the texts byte for byte, comments and unknown keys included", async () => {
    using at = await stocked();
    await at.ok(["add", "other@acme"]);
    const file = at.path("home/plugins.json");
    const text = `// for everybody\r\n${readFileSync(file, "utf8").replace('"schema"', '"$note": {"a": [1,  2]}, /* ! */ "schema"')}`;
    writeFileSync(file, text);
    await at.ok(["add", "kit@acme"]);
    expect(readFileSync(file, "utf8")).toContain('"$note": {"a": [1,  2]}, /* ! */');
    await at.ok(["remove", "other"]);
    await at.ok(["rollback"]);
    await at.ok(["rollback"]);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("says what it takes back of an edit that was never synced", async () => {
    using at = await stocked();
    await at.ok(["add", "other@acme"]);
    await at.ok(["add", "kit@acme"]);
    const file = at.path("home/plugins.json");
    writeFileSync(file, `// mine\n${readFileSync(file, "utf8")}`);
    const printed = await at.ok(["rollback"]);
    expect(printed).toContain("plugins.json");
    expect(printed).toContain("rollback --to");
  });

  it("remembers consent and leaves other roots alone", async () => {
    using at = await stocked();
    mkdirSync(at.path("project/.git"), { recursive: true });
    await at.accept(["add", "tool@acme@1.0.0"]);
    await at.ok(["add", "other@acme", "--scope", "project"], { cwd: "project" });
    await at.accept(["add", "tool@acme@2.0.0"]);
    await at.ok(["add", "kit@acme", "--scope", "project"], { cwd: "project" });
    const project = at.root("project");
    const lock = readFileSync(at.path("project/plugins.lock"), "utf8");
    await at.ok(["rollback"]);
    expect(at.holds("user")).toEqual(["kit@acme 1.0.0", "tool@acme 1.0.0"]);
    await at.ok(["rollback"]);
    expect(at.holds("user")).toEqual([]);
    expect(at.root("project")).toEqual(project);
    expect(readFileSync(at.path("project/plugins.lock"), "utf8")).toBe(lock);
    const user = at.root("user");
    await at.ok(["rollback", "--scope", "project"], { cwd: "project" });
    expect(at.holds("project")).toEqual(["other@acme 2.0.0"]);
    expect(at.root("user")).toEqual(user);
  });

  it("brings back private picks, too", async () => {
    using at = await stocked();
    mkdirSync(at.path("project/.git"), { recursive: true });
    const here = { cwd: "project" };
    await at.ok(["add", "other@acme", "--scope", "project"], here);
    await at.ok(["add", "kit@acme@1.0.0", "--scope", "local"], here);
    const before = [at.root("project"), readFileSync(at.path("project/.plugsmith/local.json"), "utf8")];
    await at.ok(["remove", "kit", "--scope", "local"], here);
    expect(at.holds("project")).toEqual(["other@acme 2.0.0"]);
    await at.ok(["rollback", "--scope", "local"], here);
    expect([at.root("project"), readFileSync(at.path("project/.plugsmith/local.json"), "utf8")]).toEqual(before);
  });
});
