import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPlugsmith } from "../../cli/sdk.ts";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import { homeAt } from "../../marketplace/home.ts";
import { catalogText, pluginFiles } from "../marketplace/sources/market-bench.ts";
import { documentHere, pluginHere, type InProcessResult } from "../support/in-process.ts";
import { hookFiles } from "../support/machine.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

const CATALOG = ".claude-plugin/marketplace.json";

/** The first command of a process loads everything. */
const LOADING_MS = 120_000;
beforeAll(async () => {
  using files = temporaryHome();
  await documentHere(["list"], { home: files.path("home"), cwd: files.directory });
}, LOADING_MS);

let bench: TemporaryHome;
beforeEach(() => {
  bench = temporaryHome();
});
afterEach(() => bench[Symbol.dispose]());

const at = () => ({ home: join(bench.directory, "home"), cwd: bench.directory });
const run = (...words: readonly string[]): Promise<InProcessResult> => pluginHere(words, at());
const holds = (): readonly string[] =>
  (readCurrent(homeAt(at().home))?.roots["user"]?.plugins ?? []).map(({ id, version }) => `${id} ${version}`);

/** Writes a folder and returns its path. */
function folder(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(bench.directory, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

it("MK03: an entry whose relative source goes through a link out of the marketplace is refused, the others are not", async () => {
  folder("outside", pluginFiles("stolen", { name: "stolen" }));
  const market = folder("market", {
    [CATALOG]: catalogText("acme", { stolen: "./out/stolen", inner: "./in/kept", kept: "./real/kept" }),
    ...pluginFiles("real/kept", { name: "kept" }),
  });
  symlinkSync(join(bench.directory, "outside"), join(market, "out"));
  symlinkSync("real", join(market, "in"));
  const added = await run("marketplace", "add", market);
  expect(added.text).toContain("E_PATH_ESCAPE");
  expect(added.text).toContain("stolen");
  expect((await run("add", "stolen@acme")).exit).not.toBe(0);
  expect(holds()).toEqual([]);
  expect((await run("add", "kept@acme", "inner@acme")).exit).toBe(0);
  expect(holds()).toEqual(["inner@acme unknown", "kept@acme unknown"]);
});

describe("texts of a hostile author", () => {
  const hidden =
    "nice\u001B[2J\u001B]8;;https://evil.example\u0007click\u001B]8;;\u0007\u202Etxt\u200B\u{E0041}\u{E0042}";
  const INVISIBLE =
    /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E\u2066-\u2069]|[\u{E0000}-\u{E007F}]/u;
  const script = "javascript:alert(1)";
  const author = { name: hidden, url: script };
  const catalog = {
    name: "acme",
    owner: { name: hidden, email: hidden },
    description: hidden,
    plugins: [{ name: "app", source: "./app", description: hidden, author, homepage: script, category: hidden }],
  };
  const files = (command: string) => ({
    [CATALOG]: JSON.stringify(catalog),
    "app/.claude-plugin/plugin.json": JSON.stringify({ name: "app", description: hidden, author, homepage: script }),
    "app/skills/s/SKILL.md": `---\nname: s\ndescription: ${JSON.stringify(hidden)}\n---\nplain\nsecret\u{E0041}\u{E0042}words\n`,
    ...Object.fromEntries(Object.entries(hookFiles()).map(([path, text]) => [`app/${path}`, text])),
    "app/.mcp.json": JSON.stringify({ mcpServers: { s: { command } } }),
  });

  it("MK16, FM08: reach no output as they are, and are told and visible before consent", async () => {
    await run("marketplace", "add", folder("market", files("run\u{E0041}\u202Ethis")));
    const refused = await run("add", "app@acme");
    expect(refused.exit).toBe(3);
    expect(refused.text).toContain("W_SCAN_HIDDEN");
    expect(refused.text).not.toContain("W_HIDDEN_TEXT");
    expect(refused.text).toContain("run\\u{e0041}\\u{202e}this");
    const outputs = [
      refused.text,
      ...(await Promise.all(
        [
          ["search"],
          ["search", "--json"],
          ["info", "app@acme"],
          ["info", "app@acme", "--json"],
          ["marketplace", "list"],
        ].map(async (words) => (await run(...words)).text),
      )),
    ];
    for (const text of outputs) {
      expect(text).toMatch(/acme/u);
      expect(text).not.toMatch(INVISIBLE);
      expect(text).not.toContain("javascript:");
    }
  });
});

it("RS08: marketplaces whose plugins need each other are each refreshed once by one update", async () => {
  const publish = (version: string): void => {
    for (const [name, other, plugin, needs] of [
      ["one", "two", "a", "b"],
      ["two", "one", "b", "a"],
    ] as const) {
      const catalog = JSON.parse(catalogText(name, { [plugin]: `./${plugin}` })) as object;
      folder(name, {
        [CATALOG]: JSON.stringify({ ...catalog, version, allowCrossMarketplaceDependenciesOn: [other] }),
        ...pluginFiles(plugin, { name: plugin, version, dependencies: [`${needs}@${other}`] }),
      });
    }
  };
  const read: string[] = [];
  const onProgress = (message = ""): void => void (message.startsWith("reading ") && read.push(message));
  const plugsmith = await openPlugsmith({ home: at().home, environment: { PATH: process.env["PATH"] }, onProgress });
  try {
    publish("1.0.0");
    for (const name of ["one", "two"]) await plugsmith.addMarketplace(join(bench.directory, name));
    const requests = [{ kind: "named", name: "a", market: "one" }] as const;
    await plugsmith.change({ scope: "user" }, { verb: "add", requests });
    expect(holds()).toEqual(["a@one 1.0.0", "b@two 1.0.0"]);
    publish("1.1.0");
    read.length = 0;
    await plugsmith.change({ scope: "user" }, { verb: "update", ids: [] });
    expect(holds()).toEqual(["a@one 1.1.0", "b@two 1.1.0"]);
    expect(read.map((message) => message.split("/").at(-1)).toSorted()).toEqual(["one", "two"]);
  } finally {
    await plugsmith.close();
  }
});
