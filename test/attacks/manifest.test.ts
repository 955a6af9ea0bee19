import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { pluginOptions } from "../../core/settings/plugin-options.ts";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import { homeAt } from "../../marketplace/home.ts";
import type { LayeredValue } from "../../plugin-api/index.ts";
import { documentHere, pluginHere, type InProcessResult } from "../support/in-process.ts";
import { hookFiles } from "../support/machine.ts";
import { type FixturePlugin, marketFiles } from "../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";
import { markdown, readOf } from "../schemas/formats/plugin-fixture.ts";
import { canary } from "../support/canary.ts";

/** A machine with the marketplace `acme`. */
interface Machine extends TemporaryHome {
  publish(plugins: Readonly<Record<string, FixturePlugin>>): void;
  run(...words: readonly string[]): Promise<InProcessResult>;
  /** `id version` of what the user has. */
  holds(): readonly string[];
}

async function machine(plugins: Readonly<Record<string, FixturePlugin>>): Promise<Machine> {
  const files = temporaryHome();
  const at = { home: files.path("home"), cwd: files.directory };
  const publish: Machine["publish"] = (all) => {
    for (const [path, text] of Object.entries(marketFiles({ name: "acme", plugins: all })))
      files.write(`acme/${path}`, text);
  };
  publish(plugins);
  await pluginHere(["marketplace", "add", files.path("acme")], at);
  return {
    ...files,
    publish,
    run: (...words) => pluginHere(words, at),
    holds: () =>
      (readCurrent(homeAt(at.home))?.roots["user"]?.plugins ?? []).map(({ id, version }) => `${id} ${version}`),
  };
}

/** The first command of a process loads everything. */
const LOADING_MS = 120_000;
beforeAll(async () => {
  using files = temporaryHome();
  await documentHere(["list"], { home: files.path("home"), cwd: files.directory });
}, LOADING_MS);

it.each(["../x", "/etc/passwd", "~/x", "$HOME/x", "file:///x"])(
  "MF01: a plugin with the path `%s` is refused whole by the strict reading",
  (path) => {
    const files = { "agents/kept.md": markdown("kept"), "skills/s/SKILL.md": markdown("s") };
    expect(readOf({ name: "p", skills: "./skills" }, files, { strict: true }).manifest).toBeDefined();
    const reading = readOf({ name: "p", skills: path }, files, { strict: true });
    expect(reading.manifest).toBeUndefined();
    expect(reading.diagnostics.map(({ code }) => code)).toContain("E_PATH_ESCAPE");
  },
);

it("MF03: a version is never used raw as a path", async () => {
  const versions = ["1.0", "v1.0.0", "1.0.0-01", "9".repeat(5_000), "\u0661.\u0660.\u0660", "../../../../up", "a/b"];
  const names = versions.map((_, at) => `p${String(at)}`);
  using at = await machine(Object.fromEntries(versions.map((version, index) => [`p${String(index)}`, { version }])));
  const before = readdirSync(at.directory);
  expect((await at.run("add", ...names.map((name) => `${name}@acme`))).exit).toBe(0);
  const [normal, prefixed, ...others] = at.holds().map((line) => line.split(" ")[1]);
  expect([normal, prefixed]).toEqual(["1.0.0", "1.0.0"]);
  for (const version of others) expect(version).toMatch(/^(?:unknown|[0-9a-f]{12})$/u);
  expect(readdirSync(at.directory)).toEqual(before);
  for (const name of names) {
    const [folder = "", ...more] = readdirSync(at.path("home/cache/plugins/acme", name));
    expect({ folder, more }).toEqual({ folder: expect.stringMatching(/^[0-9a-z.+-]{1,64}$/u) as unknown, more: [] });
  }
});

it("MF05: a manifest with another name than its entry has one identity and one directory, those of the entry", async () => {
  using at = await machine({ listed: { version: "1.0.0", manifest: { name: "inner" } } });
  expect((await at.run("add", "listed@acme")).exit).toBe(0);
  expect(at.holds()).toEqual(["listed@acme 1.0.0"]);
  expect(readdirSync(at.path("home/cache/plugins/acme"))).toEqual(["listed"]);
  expect((await at.run("add", "inner@acme")).exit).not.toBe(0);
  expect(at.holds()).toEqual(["listed@acme 1.0.0"]);
});

it.each<LayeredValue["layer"]>(["project", "local"])(
  "MF08: the %s settings set no option that is secret, and that is said without the value",
  (layer) => {
    const option = {
      type: "string",
      title: "T",
      description: "d",
      required: false,
      sensitive: true,
      multiple: false,
    } as const;
    const layers = (value: unknown): readonly LayeredValue[] => [
      { layer, file: `/${layer}.json`, value: { "fmt@acme": { options: value } } },
    ];
    const read = (value: unknown) => pluginOptions("fmt@acme", { token: option }, { layers: () => layers(value) });
    const { value, diagnostics } = read({ token: canary() });
    expect(value).toEqual({});
    expect(diagnostics).toMatchObject([{ code: "W_SETTING", severity: "warning", file: `/${layer}.json` }]);
    expect(JSON.stringify(diagnostics)).not.toContain(canary());
    expect(read({}).diagnostics).toEqual([]);
  },
);

describe("an update that adds", () => {
  const code = { "kit.js": "export default { activate() {} };\n" };
  const entry = (capabilities: object) => ({ plugsmith: { entry: "./kit.js", capabilities } });
  const server = JSON.stringify({ mcpServers: { s: { command: "true" } } });
  it.each<[string, FixturePlugin, FixturePlugin]>([
    ["a hook", {}, { files: hookFiles() }],
    ["an MCP server", {}, { files: { ".mcp.json": server } }],
    ["a capability", { files: code, manifest: entry({}) }, { files: code, manifest: entry({ net: true }) }],
  ])("MF10: %s waits for consent, and the old version goes on", async (_what, first, then) => {
    using at = await machine({ kit: { version: "1.0.0", ...first } });
    const added = await at.run("add", "kit@acme");
    const accept = /--accept (sha256-[0-9a-f]{64})/u;
    if (added.exit === 3) await at.run("add", "kit@acme", "--accept", accept.exec(added.text)?.[1] ?? "");
    expect(at.holds()).toEqual(["kit@acme 1.0.0"]);
    at.publish({ kit: { version: "1.1.0", ...first } });
    expect((await at.run("update", "kit")).exit).toBe(Object.keys(first).length === 0 ? 0 : 3);
    at.publish({ kit: { version: "2.0.0", ...then } });
    const before = at.holds();
    const refused = await at.run("update", "kit", "--yes");
    expect(refused.exit).toBe(3);
    expect(refused.text).toContain("E_TRUST");
    expect(at.holds()).toEqual(before);
    expect((await at.run("update", "kit", "--accept", accept.exec(refused.text)?.[1] ?? "")).exit).toBe(0);
    expect(at.holds()).toEqual(["kit@acme 2.0.0"]);
  });
});
