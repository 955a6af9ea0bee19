import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { placeHere } from "../support/machine-here.ts";

/** As a person has it: tests are otherwise told to leave agents alone. */
const ON = { env: { PLUGSMITH_AGENTS: "on" } };

const KIT = {
  version: "1.0.0",
  skills: ["greet"],
  files: { "output-styles/terse.md": "---\nname: terse\ndescription: Short\n---\n\nBe short.\n" },
};

describe("other agents", () => {
  it("are given what is installed, are told every change, and are left as they were", async () => {
    using at = placeHere();
    const market = at.market({ name: "acme", plugins: { kit: KIT, more: { version: "1.0.0" } } });
    await at.ok(["marketplace", "add", market]);
    at.write("home/.cursor/settings.json", "{}");
    const folder = at.path("home/.cursor/plugins/local");
    const added = await at.ok(["add", "kit@acme"], ON);
    expect(added).toContain("Cursor: 1 plugin (found on this machine");
    expect(added).toContain("loses kit@acme: output style terse: Cursor has no output styles");
    expect(added).toContain("Cursor holds 1 plugin from here");
    expect(readFileSync(`${folder}/kit/.cursor-plugin/plugin.json`, "utf8")).toContain('"version": "1.0.0"');
    await at.ok(["add", "more@acme"], ON);
    expect(readdirSync(folder).sort()).toEqual(["kit", "more"]);
    await at.ok(["disable", "kit"], ON);
    expect(readdirSync(folder)).toEqual(["more"]);
    await at.ok(["rollback"], ON);
    expect(readdirSync(folder).sort()).toEqual(["kit", "more"]);
    const dry = await at.ok(["sync", "--to", "none", "--dry-run"], ON);
    expect(dry).toContain("Cursor: 0 plugins (not named any more)");
    expect(dry).toContain("dry run, they were told nothing");
    expect(readdirSync(folder).sort()).toEqual(["kit", "more"]);
    const { document } = await at.json(["sync", "--to", "none"], ON);
    expect(document["agents"]).toMatchObject([{ name: "cursor", outcome: "written", plugins: 0 }]);
    expect(readdirSync(at.path("home/.cursor"))).toEqual(["settings.json"]);
    // That nothing is wanted there is remembered.
    await at.ok(["remove", "more"], ON);
    expect(existsSync(folder)).toBe(false);
  });

  it("are named before anything is changed", async () => {
    using at = placeHere();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { kit: KIT } })]);
    expect(await at.fails(1, ["add", "kit@acme", "--to", "curser"], ON)).toContain("did you mean `cursor`?");
    expect(await at.fails(1, ["add", "kit@acme", "--to", "cursor"], ON)).toContain(
      "Cursor was not found on this machine",
    );
    expect(await at.ok(["list"])).not.toContain("kit@acme");
    expect(await at.ok(["agents"])).toContain("Cursor: not found");
  });

  it("cannot hold up what is installed when they fail", async () => {
    using at = placeHere();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { kit: KIT } })]);
    at.write("home/.cursor/plugins", "a file where a folder has to be");
    const { document, exit } = await at.json(["add", "kit@acme"], ON);
    expect([exit, document["outcome"]]).toEqual([1, "done"]);
    expect(document["agents"]).toMatchObject([{ name: "cursor", outcome: "failed", error: { code: "E_IO" } }]);
    expect(await at.ok(["list"])).toContain("kit@acme");
  });
});
