import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { plugin } from "../support/command.ts";
import { FixtureRepository } from "../support/git-repository.ts";
import { type FixtureMarket, marketFiles } from "../support/plugin-files.ts";
import { temporaryHome } from "../support/temporary-home.ts";

/** One situation in which the leading client reports success and then does not load (issue: exit codes tell the truth). */
interface Situation {
  readonly name: string;
  readonly markets: readonly FixtureMarket[];
  /** Markets by index that are added before. Default: all. */
  readonly added?: readonly number[];
  readonly before?: readonly string[];
  readonly add: string;
  readonly exit: number;
  /** Each must occur in what the person reads. */
  readonly says: readonly string[];
}

const SITUATIONS: readonly Situation[] = [
  {
    name: "a range that no release satisfies",
    markets: [
      {
        name: "acme",
        plugins: { a: { version: "1.0.0", dependencies: [{ name: "b", version: "^2.0.0" }] }, b: { version: "1.4.0" } },
      },
    ],
    add: "a@acme",
    exit: 4,
    says: ["b@acme", "^2.0.0", "hint:"],
  },
  {
    name: "a missing dependency",
    markets: [{ name: "acme", plugins: { a: { version: "1.0.0", dependencies: ["gone"] } } }],
    add: "a@acme",
    exit: 4,
    says: ["gone", "hint:"],
  },
  {
    name: "an invalid range",
    markets: [
      {
        name: "acme",
        plugins: {
          a: { version: "1.0.0", dependencies: [{ name: "b", version: "not a range" }] },
          b: { version: "1.0.0" },
        },
      },
    ],
    add: "a@acme",
    exit: 1,
    says: ["not a range", "hint:"],
  },
  {
    name: "a dependency in a marketplace that was not added",
    markets: [
      {
        name: "acme",
        plugins: { a: { version: "1.0.0", dependencies: ["b@other"] } },
        catalog: { allowCrossMarketplaceDependenciesOn: ["other"] },
      },
    ],
    add: "a@acme",
    exit: 4,
    says: ["other", "marketplace add"],
  },
  {
    name: "a dependency in a marketplace that the root marketplace does not list",
    markets: [
      { name: "acme", plugins: { a: { version: "1.0.0", dependencies: ["b@other"] } } },
      { name: "other", plugins: { b: { version: "1.0.0" } } },
    ],
    add: "a@acme",
    exit: 4,
    says: ["allowCrossMarketplaceDependenciesOn", "plugin add b@other"],
  },
  {
    name: "a transitive conflict with what is installed",
    markets: [
      {
        name: "acme",
        plugins: {
          a: { version: "1.0.0", dependencies: [{ name: "c", version: "^1.0.0" }] },
          b: { version: "1.0.0", dependencies: [{ name: "d", version: "*" }] },
          d: { version: "1.0.0", dependencies: [{ name: "c", version: "^2.0.0" }] },
          c: { version: "1.2.0" },
        },
      },
    ],
    before: ["a@acme"],
    add: "b@acme",
    exit: 4,
    says: ["c@acme", "^2.0.0"],
  },
  {
    name: "a manifest of the wrong type",
    markets: [{ name: "acme", plugins: { a: { manifest: { version: 7 } } } }],
    add: "a@acme",
    exit: 1,
    says: ["version", "plugin.json"],
  },
];

describe("plugin add tells the truth about", () => {
  it.each(SITUATIONS)("$name", async (situation) => {
    using place = temporaryHome();
    const home = place.path("home");
    const run = (words: readonly string[]) => plugin(words, { home, cwd: place.directory });
    for (const [index, market] of situation.markets.entries()) {
      for (const [path, text] of Object.entries(marketFiles(market))) place.write(join(market.name, path), text);
      if (situation.added?.includes(index) ?? true)
        expect((await run(["marketplace", "add", `./${market.name}`])).exit).toBe(0);
    }
    for (const id of situation.before ?? []) expect(await run(["add", id, "--yes"])).toMatchObject({ exit: 0 });
    const before = stateOf(home);
    const result = await run(["add", situation.add, "--yes"]);
    const read = result.stdout + result.stderr;
    for (const words of situation.says) expect(read).toContain(words);
    expect(result.exit).toBe(situation.exit);
    expect(stateOf(home)).toEqual(before);
  });

  it("a folder marketplace whose tags say one version while its working tree is another", async () => {
    using place = temporaryHome();
    const home = place.path("home");
    const directory = place.path("acme");
    const repository = new FixtureRepository(directory, { bare: false });
    const release = (version: string, folder: string): Record<string, string> => ({
      ...marketFiles({
        name: "acme",
        plugins: { tool: { version, folder, skills: [`tool-${version.replaceAll(".", "-")}`] } },
      }),
    });
    repository.commit([
      { files: release("1.0.0", "plugins/tool"), tags: ["tool--v1.0.0"] },
      { files: release("1.1.0", "plugins/tool"), tags: ["tool--v1.1.0"] },
    ]);
    repository.checkOut();
    for (const [path, text] of Object.entries(release("2.0.0", "moved/tool"))) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const run = (words: readonly string[]) => plugin(words, { home, cwd: place.directory });
    expect(await run(["marketplace", "add", "./acme"])).toMatchObject({ exit: 0 });
    expect(await run(["add", "tool@acme@^1.0", "--yes"])).toMatchObject({ exit: 0 });
    const lock = readFileSync(join(home, "plugins.lock"), "utf8");
    expect(lock).toContain('"version": "1.1.0"');
    expect(lock).toContain(repository.git(["rev-parse", "tool--v1.1.0"]).trim());
    expect(existsSync(join(home, "cache/plugins/acme/tool/1.1.0/skills/tool-1-1-0/SKILL.md"))).toBe(true);
    repository.git(["tag", "-f", "tool--v1.1.0", "tool--v1.0.0"]);
    expect(await run(["sync", "--frozen"])).toMatchObject({ exit: 0 });
    expect(readFileSync(join(home, "plugins.lock"), "utf8")).toBe(lock);
  });
});

/** What must not change when a verb refuses: intent, lock, generations, store; path → digest. */
function stateOf(home: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const part of ["plugins.json", "plugins.lock", "state", "store", "data"]) {
    const top = join(home, part);
    if (!existsSync(top)) continue;
    const names = part.includes(".") ? [""] : readdirSync(top, { recursive: true, encoding: "utf8" });
    for (const name of names) {
      const path = join(top, name);
      if (!name.includes("mutex") && lstatSync(path).isFile()) {
        found[join(part, name)] = createHash("sha256").update(readFileSync(path)).digest("hex");
      }
    }
  }
  return found;
}
