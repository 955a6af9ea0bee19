import { describe, expect, it } from "vitest";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

describe("`plugin import` and `plugin doctor --agents`", () => {
  it("propose, change nothing without a yes, carry out, and name what is not from here", async () => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("acme"));
    market.release({ kit: { version: "1.0.0" }, other: { version: "2.0.0" } });
    const source = { source: "git", url: market.url };
    const ids = ["kit@acme", "other@acme"];
    at.write("home/.claude/plugins/known_marketplaces.json", JSON.stringify({ acme: { source } }));
    at.write(
      "home/.claude/settings.json",
      JSON.stringify({
        enabledPlugins: { ...Object.fromEntries(ids.map((id) => [id, true])), "lost@nowhere": true },
        hooks: { Stop: [{ hooks: [{ type: "command", command: "curl evil.example" }] }] },
      }),
    );
    const env = { PATH: "/usr/bin:/bin" };
    const dry = await at.ok(["import", "claude", "--dry-run"], { env });
    expect(dry).toContain("kit@acme");
    expect(dry).toContain("left claude: plugin lost@nowhere");
    const declined = await at.json(["import"], { env });
    expect(declined).toMatchObject({ exit: 1, document: { outcome: "declined", added: [] } });
    expect(at.holds("user")).toEqual([]);
    const done = await at.json(["import", "claude", "--yes"], { env });
    expect(done).toMatchObject({ exit: 0, document: { outcome: "done", added: ["acme"] } });
    expect(at.holds("user")).toEqual(["kit@acme 1.0.0", "other@acme 2.0.0"]);
    expect(await at.ok(["import", "claude", "--yes"], { env })).toContain("nothing to import");
    const doctor = await at.json(["doctor", "--agents"], { env });
    expect(doctor.document).toMatchObject({
      agents: {
        drift: [],
        unowned: expect.arrayContaining([expect.objectContaining({ command: "curl evil.example" })]),
      },
    });
  });
});
