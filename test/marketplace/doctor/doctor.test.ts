import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { removeTree } from "../../../marketplace/store/disk-tree.ts";
import { documentHere, pluginHere } from "../../support/in-process.ts";
import { marketFiles } from "../../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

interface Case {
  readonly name: string;
  readonly damage: (home: string, place: string) => void;
  /** The check that finds it. */
  readonly finds: string;
  /** How it is mended: by `--fix --yes`, or only by a person, who does this. */
  readonly mends: "fix" | ((home: string, place: string) => void);
}

/** The first command of a process loads everything. */
const LOADING_MS = 120_000;

const only = (directory: string): string => join(directory, readdirSync(directory)[0] ?? "");
const write = (file: string, text: string): void => {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
};
const skill = (home: string): string => join(only(join(home, "store/trees")), "skills/one/SKILL.md");

const CASES: readonly Case[] = [
  {
    name: "an interrupted change",
    damage: (home) => write(join(home, "state/journal"), JSON.stringify({ schema: 1, generation: 9, files: [] })),
    finds: "journal",
    mends: "fix",
  },
  {
    name: "a download that a killed process left",
    damage: (home) => write(join(home, "store/staging/999999999.1.0.0-abcdef/tree-1/x"), "x"),
    finds: "leftovers",
    mends: "fix",
  },
  {
    name: "the mark of a killed process",
    damage: (home) => write(join(home, "leases/999999999.1.0.0-1-abcd"), ""),
    finds: "leftovers",
    mends: "fix",
  },
  {
    name: "a changed file of a plugin",
    damage: (home) => {
      chmodSync(skill(home), 0o644);
      appendFileSync(skill(home), "x");
    },
    finds: "trees",
    mends: "fix",
  },
  {
    name: "a missing tree",
    damage: (home) => rmSync(only(join(home, "store/trees")), { recursive: true }),
    finds: "trees",
    mends: "fix",
  },
  {
    name: "a damaged tree that nothing runs",
    damage: (home) => write(join(home, "store/trees", `sha256-${"a".repeat(64)}`, "x"), "x"),
    finds: "trees",
    mends: "fix",
  },
  { name: "a lost index", damage: (home) => rmSync(join(home, "store/index")), finds: "index", mends: "fix" },
  {
    name: "a lost link to the current generation",
    damage: (home) => rmSync(join(home, "state/current")),
    finds: "current",
    mends: "fix",
  },
  {
    name: "a link to a generation that is gone",
    damage: (home) => rmSync(join(home, "state/generations/3.json")),
    finds: "current",
    mends: "fix",
  },
  {
    name: "a file in place of the link",
    damage: (home) => {
      rmSync(join(home, "state/current"));
      writeFileSync(join(home, "state/current"), "3");
    },
    finds: "current",
    mends: "fix",
  },
  {
    name: "an unreadable generation",
    damage: (home) => write(join(home, "state/generations/3.json"), "{"),
    finds: "generations",
    mends: "fix",
  },
  {
    name: "an unreadable older generation",
    damage: (home) => write(join(home, "state/generations/1.json"), "{"),
    finds: "generations",
    mends: "fix",
  },
  {
    name: "a generation of a newer Plugsmith",
    damage: (home) => {
      renameSync(join(home, "state/generations/1.json"), join(home, "kept"));
      write(join(home, "state/generations/1.json"), '{"schema":9}');
    },
    finds: "generations",
    mends: (home) => renameSync(join(home, "kept"), join(home, "state/generations/1.json")),
  },
  {
    name: "a damaged lock",
    damage: (home) => truncateSync(join(home, "plugins.lock"), 40),
    finds: "roots",
    mends: "fix",
  },
  {
    name: "an intent that the lock does not answer",
    damage: (home) => {
      const file = join(home, "plugins.json");
      writeFileSync(file, readFileSync(file, "utf8").replace('"plugins": {', '"plugins": { "two@acme": "*",'));
    },
    finds: "roots",
    mends: "fix",
  },
  {
    name: "an unreadable intent",
    damage: (home) => {
      renameSync(join(home, "plugins.json"), join(home, "kept"));
      write(join(home, "plugins.json"), '{\n  "schema": 1,\n  oops\n}');
    },
    finds: "roots",
    mends: (home) => renameSync(join(home, "kept"), join(home, "plugins.json")),
  },
  {
    name: "a project that is gone",
    damage: (_, place) => rmSync(join(place, "project"), { recursive: true }),
    finds: "roots",
    mends: "fix",
  },
  {
    name: "a damaged record of marketplaces",
    damage: (home) => write(join(home, "marketplaces/registry.json"), "{"),
    finds: "catalogs",
    mends: "fix",
  },
  {
    name: "a damaged catalog",
    damage: (home) => truncateSync(only(join(home, "marketplaces/acme")), 9),
    finds: "catalogs",
    mends: "fix",
  },
  {
    name: "a marketplace whose folder is gone",
    damage: (_, place) => renameSync(join(place, "market"), join(place, "moved")),
    finds: "catalogs",
    mends: (_, place) => renameSync(join(place, "moved"), join(place, "market")),
  },
  {
    name: "a home that others can write",
    damage: (home) => chmodSync(home, 0o777),
    finds: "permissions",
    mends: "fix",
  },
  {
    name: "other agents' settings that others can read",
    damage: (home) => {
      write(join(home, "state/agents.json"), '{"schema":1,"roots":{}}\n');
      chmodSync(join(home, "state/agents.json"), 0o644);
    },
    finds: "permissions",
    mends: "fix",
  },
  {
    name: "a file in the store that is not ours",
    damage: (home) => write(join(home, "store/trees/notes.txt"), "mine"),
    finds: "foreign files",
    mends: (home) => rmSync(join(home, "store/trees/notes.txt")),
  },
  {
    name: "settings that are no JSON",
    damage: (home) => write(join(home, "settings.json"), "{ a }"),
    finds: "settings",
    mends: (home) => rmSync(join(home, "settings.json")),
  },
  {
    name: "a damaged record of consent",
    damage: (home) => write(join(home, "state/consent.json"), "{"),
    finds: "state files",
    mends: "fix",
  },
  {
    name: "a damaged record of trust",
    damage: (home) => write(join(home, "state/trust.json"), "[]"),
    finds: "state files",
    mends: "fix",
  },
  {
    name: "a consent record of a newer Plugsmith",
    damage: (home) => write(join(home, "state/consent.json"), '{"schema":9,"accepted":{}}'),
    finds: "state files",
    mends: (home) => rmSync(join(home, "state/consent.json")),
  },
  {
    name: "a clock that was turned back",
    damage: (home) => {
      const file = join(home, "state/generations/3.json");
      renameSync(file, join(home, "kept"));
      writeFileSync(file, readFileSync(join(home, "kept"), "utf8").replace(/"createdAt":"\d+/u, '"createdAt":"2099'));
    },
    finds: "clock",
    mends: (home) => renameSync(join(home, "kept"), join(home, "state/generations/3.json")),
  },
  {
    name: "two programs of our name",
    damage: (_, place) => {
      for (const folder of ["a", "b"]) write(join(place, "..", folder, "plugin"), folder);
    },
    finds: "programs",
    mends: (_, place) => rmSync(join(place, "../b/plugin")),
  },
];

/** A home and a project with plugins, made once; every test starts from a copy in the same place. */
let place: TemporaryHome;
const at = () => ({
  home: place.path("box/home"),
  cwd: place.path("box"),
  // Beside the folder where it runs: what lies on the search path inside of an untrusted one is not looked at.
  env: { PATH: `${place.path("a")}:${place.path("b")}:${process.env["PATH"] ?? ""}` },
});

beforeAll(async () => {
  place = temporaryHome();
  const plugins = { one: { version: "1.0.0" }, two: { version: "1.0.0" } };
  for (const [path, text] of Object.entries(marketFiles({ name: "acme", plugins })))
    place.write(`box/market/${path}`, text);
  mkdirSync(place.path("box/project"));
  for (const [words, cwd] of [
    [`marketplace add ${place.path("box/market")}`, "box"],
    ["add one", "box"],
    ["add one --scope project", "box/project"],
    ["disable one --scope user", "box"],
  ] as const)
    expect(await pluginHere(words.split(" "), { ...at(), cwd: place.path(cwd) })).toMatchObject({ exit: 0 });
  copy("box", "kept");
}, LOADING_MS);
beforeEach(() => copy("kept", "box"));
afterAll(() => {
  removeTree(place.directory);
});

function copy(from: string, to: string): void {
  removeTree(place.path(to));
  expect(spawnSync("cp", ["-a", place.path(from), place.path(to)]).status).toBe(0);
}

describe("plugin doctor", () => {
  it.each(CASES)("finds $name, mends it or leaves it to a person, and is content then", async (one) => {
    const [home, directory] = [place.path("box/home"), place.path("box")];
    one.damage(home, directory);
    const found = await documentHere(["doctor"], at());
    expect({ exit: found.exit, checks: wrongChecks(found) }).toEqual({
      exit: 1,
      checks: expect.arrayContaining([one.finds]),
    });
    const mended = await documentHere(["doctor", "--fix", "--yes"], at());
    if (one.mends === "fix") {
      expect(mended["failed"]).toEqual([]);
      expect(mended["mended"]).not.toEqual([]);
    } else {
      expect(wrongChecks(mended)).toContain(one.finds);
      one.mends(home, directory);
    }
    const again = await documentHere(["doctor"], at());
    expect({ exit: again.exit, checks: wrongChecks(again) }).toEqual({ exit: 0, checks: [] });
  });

  it("of a home that does not exist finds nothing and makes nothing", async () => {
    const { exit } = await documentHere(["doctor"], { ...at(), home: place.path("none") });
    expect({ exit, made: existsSync(place.path("none/store")) }).toEqual({ exit: 0, made: false });
  });
});

function wrongChecks(document: Readonly<Record<string, unknown>>): readonly string[] {
  const findings = document["findings"] as readonly { readonly check: string; readonly severity: string }[];
  return [...new Set(findings.filter(({ severity }) => severity !== "info").map(({ check }) => check))];
}
