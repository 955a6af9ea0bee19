import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const PROJECT = ["--scope", "project"];
const LOCAL = ["--scope", "local"];

function project(): Place {
  const at = placeHere();
  mkdirSync(at.path("project/.git"), { recursive: true });
  return at;
}

describe("a project with a private pick", () => {
  it("can be updated while it holds a plugin that was added by path", async () => {
    using at = project();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({ tool: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    at.write("project/mine/skills/one/SKILL.md", "---\nname: one\ndescription: One.\n---\n\nOne.\n");
    const here = { cwd: "project" };
    await at.ok(["add", "./mine", ...PROJECT], here);
    await at.ok(["add", "tool@acme", ...LOCAL], here);
    expect(await at.ok(["update", ...PROJECT], here)).toContain("nothing to do");
  });

  it("is updated within the ranges of the project, whatever the pick would allow", async () => {
    using at = project();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({ base: { version: "1.0.0" }, tool: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    const here = { cwd: "project" };
    await at.ok(["add", "base@acme@^1.0.0", ...PROJECT], here);
    await at.ok(["add", "tool@acme", ...LOCAL], here);
    market.release({ base: { version: "1.1.0" } });
    market.release({ base: { version: "2.0.0" } });
    await at.ok(["marketplace", "update"]);
    await at.ok(["update", ...PROJECT], here);
    expect(at.holds("project")).toEqual(["base@acme 1.1.0", "tool@acme 1.0.0"]);
  });
});
