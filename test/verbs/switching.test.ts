import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import type { FixturePlugin } from "../support/plugin-files.ts";

const MCP = {
  ".mcp.json": JSON.stringify({ mcpServers: { notes: { command: "true" }, search: { command: "true" } } }),
};

async function stocked(plugins: Readonly<Record<string, FixturePlugin>>): Promise<Place> {
  const at = placeHere();
  await at.ok(["marketplace", "add", at.market({ name: "acme", plugins })]);
  return at;
}

const CHAIN = {
  app: { version: "1.0.0", dependencies: ["kit"] },
  kit: { version: "1.0.0", dependencies: ["base"] },
  base: { version: "1.0.0" },
};

async function states(at: Place): Promise<Readonly<Record<string, string>>> {
  const { document } = await at.json(["list"]);
  // The shape of `list --json`.
  const plugins = document["plugins"] as readonly { readonly id: string; readonly state: string }[];
  return Object.fromEntries(plugins.map(({ id, state }) => [id, state]));
}

describe("enable and disable", () => {
  it("take dependencies along, and refuse to break a dependant", async () => {
    using at = await stocked(CHAIN);
    await at.ok(["add", "app@acme"]);
    const before = homeDigests(at.path("home"));
    for (const [id, needing] of [
      ["kit", "`app@acme` depends on it"],
      ["base", "`kit@acme` depends on it"],
    ] as const) {
      const said = await at.fails(1, ["disable", id]);
      expect(said).toContain("E_DEPENDANT");
      expect(said).toContain(needing);
      expect(homeDigests(at.path("home"))).toEqual(before);
    }
    await at.ok(["disable", "app"]);
    expect(await states(at)).toEqual({ "app@acme": "disabled", "base@acme": "disabled", "kit@acme": "disabled" });
    // A dependency that is switched on by name is wanted for itself from now on.
    await at.ok(["enable", "kit"]);
    expect(await states(at)).toEqual({ "app@acme": "disabled", "base@acme": "on", "kit@acme": "on" });
    await at.ok(["enable", "app"]);
    await at.ok(["remove", "app"]);
    expect(await states(at)).toEqual({ "base@acme": "on", "kit@acme": "on" });
    await at.ok(["list", "--check"]);
  });

  it("switch several at once", async () => {
    using at = await stocked(CHAIN);
    await at.ok(["add", "app@acme"]);
    await at.ok(["disable", "app", "kit", "base"]);
    expect(await states(at)).toEqual({ "app@acme": "disabled", "base@acme": "disabled", "kit@acme": "disabled" });
    expect(await at.ok(["disable", "app"])).toContain("nothing to do");
    await at.ok(["enable", "app"]);
    expect(await states(at)).toEqual({ "app@acme": "on", "base@acme": "on", "kit@acme": "on" });
  });

  it("switch one component", async () => {
    using at = await stocked({ tool: { version: "1.0.0", skills: ["draw", "paint"], files: MCP } });
    await at.accept(["add", "tool@acme"]);
    const disabled = (): readonly string[] | undefined => at.root("user")?.plugins[0]?.disabledComponents;
    await at.ok(["disable", "tool@acme:mcp/notes"]);
    await at.ok(["disable", "tool:skill/paint"]);
    expect(disabled()).toEqual(["mcp/notes", "skill/paint"]);
    expect(await at.ok(["list"])).toContain("without mcp/notes, skill/paint");
    expect(readFileSync(at.path("home/plugins.json"), "utf8")).toContain('"mcp/notes"');
    await at.ok(["enable", "tool:mcp/notes"]);
    expect(disabled()).toEqual(["skill/paint"]);
    expect(await at.ok(["disable", "tool:skill/paint"])).toContain("nothing to do");
    await at.ok(["update"]);
    expect(disabled()).toEqual(["skill/paint"]);
  });

  it.each([
    ["tool:mcp/nots", "did you mean `mcp/notes`?"],
    ["tool:skill/drawn", "did you mean `skill/draw`?"],
    ["tool:skil/draw", "did you mean `skill/draw`?"],
    ["tool:hook/PreToolUse", "plugin info tool@acme"],
    ["tool:", "kind/name"],
    ["tol:skill/draw", "did you mean `tool`?"],
  ])("know no component %s", async (word, says) => {
    using at = await stocked({ tool: { version: "1.0.0", skills: ["draw", "paint"], files: MCP } });
    await at.accept(["add", "tool@acme"]);
    const before = homeDigests(at.path("home"));
    const { exit, stderr } = await at.run(["disable", word]);
    expect(stderr).toContain(says);
    expect([1, 2]).toContain(exit);
    expect(homeDigests(at.path("home"))).toEqual(before);
  });
});

describe("a plugin that starts switched off", () => {
  const OFF = { version: "1.0.0", manifest: { defaultEnabled: false } };

  it.each([
    ["by its manifest", OFF],
    ["by its entry", { version: "1.0.0", entry: { defaultEnabled: false } }],
    [
      "by its entry, whatever its manifest says",
      { version: "1.0.0", manifest: { defaultEnabled: true }, entry: { defaultEnabled: false } },
    ],
  ])("%s is installed, and the way to switch it on is named", async (_name, shy) => {
    using at = await stocked({ shy });
    expect(await at.ok(["add", "shy@acme"])).toContain("plugin enable shy@acme");
    expect(await states(at)).toEqual({ "shy@acme": "disabled" });
    await at.ok(["enable", "shy"]);
    expect(await states(at)).toEqual({ "shy@acme": "on" });
    // The person's answer stands.
    await at.ok(["add", "shy@acme"]);
    await at.ok(["update"]);
    await at.ok(["sync"]);
    expect(await states(at)).toEqual({ "shy@acme": "on" });
  });

  it("is on where something that is on needs it", async () => {
    using at = await stocked({ app: { version: "1.0.0", dependencies: ["shy"] }, shy: OFF });
    await at.ok(["add", "app@acme"]);
    expect(await states(at)).toEqual({ "app@acme": "on", "shy@acme": "on" });
    const printed = await at.ok(["add", "shy@acme"]);
    expect(printed).not.toContain("plugin enable");
    expect(await states(at)).toEqual({ "app@acme": "on", "shy@acme": "on" });
  });
});
