import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { homeAt } from "../../../marketplace/home.ts";
import { Store } from "../../../marketplace/store/store.ts";
import type { Digest } from "../../../schemas/lockfile.ts";
import { fileDigests } from "../../support/file-digests.ts";
import { documentHere, pluginHere } from "../../support/in-process.ts";
import { marketFiles } from "../../support/plugin-files.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

/** Ways in which one file of an installed plugin can come to be another one. */
const MUTATIONS: Readonly<Record<string, (file: string) => void>> = {
  delete: (file) => rmSync(file),
  truncate: (file) =>
    lstatSync(file).size === 0 ? appendFileSync(file, "x") : truncateSync(file, lstatSync(file).size - 1),
  "flip a byte": (file) => {
    const bytes = readFileSync(file);
    if (bytes.length === 0) return appendFileSync(file, "x");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  },
  "change who may execute it": (file) => chmodSync(file, lstatSync(file).mode ^ 0o111),
  "replace it with a link": (file) => {
    renameSync(file, `${file}.real`);
    symlinkSync(`${file}.real`, file);
  },
  "replace it with a link to the same bytes elsewhere": (file) => {
    rmSync(file);
    symlinkSync("/dev/null", file);
  },
  "add a file beside it": (file) => writeFileSync(`${file}.more`, ""),
};

/** Plugins as data, one of them with the shape of a tree with npm packages: many files, programs, links, empty files. */
const TREES: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly unlisted: boolean;
}[] = [
  {
    name: "a plugin",
    files: {
      ".claude-plugin/plugin.json": '{"name":"a"}',
      "skills/a/SKILL.md": "---\nname: a\ndescription: a\n---\nA.\n",
      "hooks/hooks.json": "{}",
      "empty.txt": "",
    },
    unlisted: false,
  },
  {
    name: "a derived tree",
    files: {
      "plugin.json": "{}",
      "node_modules/x/package.json": '{"name":"x","bin":"cli.js"}',
      "node_modules/x/cli.js": "#!/usr/bin/env node\n",
      "node_modules/@s/y/index.js": "module.exports = 1;\n",
    },
    unlisted: true,
  },
];

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) =>
    lstatSync(join(directory, path)).isFile(),
  );
}

describe("every file of every tree", () => {
  it("PS02: that is deleted, truncated, changed, made executable, replaced or joined by another is noticed", async () => {
    using place = temporaryHome();
    const store = new Store(homeAt(place.path("home")));
    let [tried, noticed] = [0, 0];
    for (const { name, files, unlisted } of TREES) {
      for (const [path, text] of Object.entries(files)) place.write(join(name, path), text);
      symlinkSync("../plugin.json", place.path(name, dirname(Object.keys(files)[1] ?? ""), "link"));
      using staging = store.stage(new AbortController().signal);
      const { digest } = staging.addTree(openDirectoryTree(place.path(name)), { unlisted });
      await staging.publish();
      for (const path of filesBelow(place.path(name))) {
        for (const [mutation, mutate] of Object.entries(MUTATIONS)) {
          const copy = copyOf(store.directory(digest), place.path("copy"));
          if (!existsSync(join(copy, path))) throw new Error(`${path} is not in the tree`);
          mutate(join(copy, path));
          tried += 1;
          if (!verifyCopy(place.path("copies"), copy, digest)) noticed += 1;
          else console.error(`not noticed: ${mutation} of ${path} in ${name}`);
        }
      }
    }
    console.log(`mutations: ${tried} tried, ${noticed} noticed`);
    expect(tried).toBe(56);
    expect(noticed).toBe(tried);
  });
});

/** A writable copy of a tree. */
function copyOf(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  copyInto(from, to);
  return to;
}

function copyInto(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyInto(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else writeFileSync(target, readFileSync(source), { mode: lstatSync(source).mode | 0o200 });
  }
}

/** Whether a tree passes for one of a digest, as a session and `verify` ask it. */
function verifyCopy(home: string, copy: string, digest: Digest): boolean {
  const other = homeAt(home);
  rmSync(other.trees, { recursive: true, force: true });
  mkdirSync(other.trees, { recursive: true });
  renameSync(copy, join(other.trees, digest));
  return new Store(other).verify(digest).ok;
}

/** The first command of a process loads everything. */
const LOADING_MS = 120_000;

/** Files of a home whose damage `verify` must notice, and what becomes of them. */
const STATE: readonly { readonly name: string; readonly damage: (home: string) => void; readonly repairs: boolean }[] =
  [
    { name: "a file of a plugin", damage: (home) => inTree(home, "SKILL.md"), repairs: true },
    { name: "a whole tree", damage: (home) => rmSync(treeOf(home), { recursive: true }), repairs: true },
    { name: "the index", damage: (home) => rmSync(join(home, "store/index")), repairs: true },
    {
      name: "a manifest in the index",
      damage: (home) => replaced(join(home, "store/index"), '"name":"one"', '"name":"two"'),
      repairs: true,
    },
    { name: "the lock", damage: (home) => replaced(join(home, "plugins.lock"), '"1.0.0"', '"1.0.1"'), repairs: false },
    // The generation before it takes its place, which the lock is newer than.
    {
      name: "the current generation",
      damage: (home) => writeFileSync(join(home, "state/generations/2.json"), "{"),
      repairs: false,
    },
    {
      name: "the link to the current generation",
      damage: (home) => rmSync(join(home, "state/current")),
      repairs: true,
    },
    { name: "a stored catalog", damage: (home) => truncateSync(catalogOf(home), 10), repairs: true },
  ];

function treeOf(home: string): string {
  const [tree = ""] = readdirSync(join(home, "store/trees"));
  return join(home, "store/trees", tree);
}

function inTree(home: string, name: string): void {
  const file = filesBelow(treeOf(home)).find((path) => path.endsWith(name)) ?? "";
  chmodSync(join(treeOf(home), file), 0o644);
  appendFileSync(join(treeOf(home), file), "x");
}

function catalogOf(home: string): string {
  const [file = ""] = readdirSync(join(home, "marketplaces/acme"));
  return join(home, "marketplaces/acme", file);
}

function replaced(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`\`${from}\` is not in ${file}`);
  writeFileSync(file, text.replace(from, to));
}

describe("plugin verify", () => {
  beforeAll(async () => {
    using place = temporaryHome();
    await pluginHere(["verify"], { home: place.path("home"), cwd: place.directory });
  }, LOADING_MS);

  it.each(STATE)("notices damage of $name", async ({ damage, repairs }) => {
    using place = temporaryHome();
    const at = { home: place.path("home"), cwd: place.directory };
    for (const [path, text] of Object.entries(
      marketFiles({ name: "acme", plugins: { one: { version: "1.0.0" }, two: { version: "1.0.0" } } }),
    ))
      place.write(`market/${path}`, text);
    await pluginHere(["marketplace", "add", place.path("market")], at);
    await pluginHere(["add", "one"], at);
    await pluginHere(["add", "two"], at);
    expect((await documentHere(["verify"], at)).exit).toBe(0);
    const whole = fileDigests(place.path("home/store/trees"));
    damage(place.path("home"));
    const document = await documentHere(["verify", "--repair", "--dry-run"], at);
    expect(document.exit).toBe(1);
    expect([...(document["findings"] as unknown[]), ...(document["state"] as unknown[])].length).toBeGreaterThan(0);
    const mended = await documentHere(["verify", "--repair"], at);
    expect({ exit: mended.exit, state: mended["state"] }).toMatchObject({ exit: repairs ? 0 : 1 });
    expect(fileDigests(place.path("home/store/trees"))).toEqual(whole);
  });
});
