import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { Store } from "../../../marketplace/store/store.ts";
import type { Digest } from "../../../schemas/lockfile.ts";
import { calm, emptyManifest, Scratch, type Content } from "./scratch.ts";

const PLUGIN: Readonly<Record<string, Content>> = {
  "plugin.json": "{}",
  "bin/run": { run: "#!/bin/sh\n" },
  "skills/a/SKILL.md": "---\nname: a\n---\n",
  "skills/b": { link: "a" },
};

let scratch: Scratch;
let store: Store;

beforeEach(() => {
  scratch = new Scratch();
  store = new Store(scratch.home);
});
afterEach(() => scratch.remove());

async function install(files: Readonly<Record<string, Content>>): Promise<Digest> {
  const staging = store.stage(calm());
  try {
    const { digest } = staging.addTree(scratch.tree(files));
    await staging.publish();
    return digest;
  } finally {
    staging.dispose();
  }
}

function mode(path: string): number {
  return lstatSync(path).mode & 0o777;
}

/** Makes a published file writable, as a careless person would. */
function edit(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}

describe("a tree of the store", () => {
  it("lies under its digest, read-only, with the bits masked", async () => {
    const digest = await install(PLUGIN);
    const directory = store.directory(digest);
    expect(store.has(digest)).toBe(true);
    expect(readFileSync(join(directory, "skills/b/SKILL.md"), "utf8")).toContain("name: a");
    expect(["", "skills", "plugin.json", "bin/run"].map((path) => mode(join(directory, path)))).toEqual([
      0o555, 0o555, 0o444, 0o555,
    ]);
    expect(store.verify(digest)).toEqual({ ok: true, problems: [] });
  });

  it("has the same digest whatever the order, time and mode bits of its files", async () => {
    const first = await install({ a: "1", "b/c": "2", d: { run: "3" } });
    const root = scratch.write({ d: { run: "3" }, "b/c": "2", a: "1" });
    chmodSync(join(root, "a"), 0o600);
    chmodSync(join(root, "d"), 0o701);
    const staging = store.stage(calm());
    expect(staging.addTree(openDirectoryTree(root)).digest).toBe(first);
    staging.dispose();
  });

  it.each<[string, Record<string, Content>]>([
    ["a byte", { "plugin.json": "{ }" }],
    ["the executable bit", { "plugin.json": { run: "{}" } }],
    ["a name", { "plugin.jsom": "{}" }],
    ["a file more", { "plugin.json": "{}", x: "" }],
    ["a link for a file", { "plugin.json": "{}", x: { link: "plugin.json" } }],
  ])("has another digest when %s differs", async (_what, files) => {
    expect(await install(files)).not.toBe(await install({ "plugin.json": "{}" }));
  });

  it("is recognised when it is added again, and nothing of the copy stays", async () => {
    const digest = await install(PLUGIN);
    const staging = store.stage(calm());
    const again = staging.addTree(scratch.tree(PLUGIN));
    expect(again).toMatchObject({ digest, existed: true, directory: store.directory(digest) });
    expect(readdirSync(staging.directory)).toEqual([]);
    staging.dispose();
  });

  it("is made whole by adding it again after it was damaged", async () => {
    const digest = await install(PLUGIN);
    edit(join(store.directory(digest), "plugin.json"), "evil");
    const staging = store.stage(calm());
    expect(staging.addTree(scratch.tree(PLUGIN)).existed).toBe(false);
    await staging.publish();
    staging.dispose();
    expect(store.verify(digest).ok).toBe(true);
    expect(readdirSync(scratch.home.staging)).toEqual([]);
  });

  it("PS01: is not written through a link that took its place", async () => {
    const digest = await install(PLUGIN);
    const outside = scratch.write({ "plugin.json": "{}" });
    renameSync(store.directory(digest), join(scratch.directory, "moved"));
    symlinkSync(outside, store.directory(digest));
    expect(store.has(digest)).toBe(false);
    expect(store.verify(digest).problems[0]?.message).toContain("replaced by something else");
    await install(PLUGIN);
    expect(store.has(digest)).toBe(true);
    expect([readdirSync(outside), mode(outside)]).toEqual([["plugin.json"], 0o755]);
  });

  it("can be read as it was written without the disk, unless it is large", () => {
    const staging = store.stage(calm());
    const { content, directory } = staging.addTree(scratch.tree({ ...PLUGIN, "skills/l.md": { link: "a/SKILL.md" } }));
    const onDisk = openDirectoryTree(directory);
    for (const path of ["plugin.json", "bin/run", "skills/a/SKILL.md", "skills/l.md", "skills/b/SKILL.md"])
      expect([content?.stat(path), content?.read(path)]).toEqual([onDisk.stat(path), onDisk.read(path)]);
    for (const path of ["", "skills", "bin", "nowhere"]) expect(content?.list(path)).toEqual(onDisk.list(path));
    const big = "x".repeat(5 * 1024 * 1024);
    expect(staging.addTree(scratch.tree({ one: big, two: big })).content).toBeUndefined();
    staging.dispose();
  });

  it("is one tree when two equal plugins are added together", async () => {
    const staging = store.stage(calm());
    const [one, two] = [staging.addTree(scratch.tree(PLUGIN)), staging.addTree(scratch.tree(PLUGIN))];
    expect(two.directory).toBe(one.directory);
    await staging.publish();
    expect(readdirSync(scratch.home.trees)).toEqual([one.digest]);
    staging.dispose();
  });
});

describe("verify", () => {
  it("names what was changed, added, removed and made executable", async () => {
    const digest = await install({ a: "1", b: "2", c: "3" });
    const directory = store.directory(digest);
    chmodSync(directory, 0o755);
    edit(join(directory, "a"), "x");
    rmSync(join(directory, "b"));
    chmodSync(join(directory, "c"), 0o755);
    writeFileSync(join(directory, "d"), "");
    const { ok, problems } = store.verify(digest);
    expect(ok).toBe(false);
    expect(problems.map(({ code, file, message }) => [code, file, message.replace(/`[^`]*`/, "")])).toEqual([
      ["E_INTEGRITY", "a", " was changed after the plugin was installed"],
      ["E_INTEGRITY", "b", " is missing from the installed plugin"],
      ["E_INTEGRITY", "c", " was changed after the plugin was installed"],
      ["E_INTEGRITY", "d", " was added to the plugin after it was installed"],
    ]);
  });

  it("notices damage without the list of files", async () => {
    const digest = await install(PLUGIN);
    rmSync(scratch.home.index);
    const without = new Store(scratch.home);
    expect(without.members(digest)).toBeUndefined();
    expect(without.verify(digest).ok).toBe(true);
    edit(join(store.directory(digest), "plugin.json"), "x");
    expect(without.verify(digest).problems[0]?.message).toContain("does not have the content it is named for");
  });

  it("notices a short or missing file from the sizes alone", async () => {
    const digest = await install(PLUGIN);
    const skill = join(store.directory(digest), "skills/a/SKILL.md");
    chmodSync(skill, 0o644);
    truncateSync(skill, 3);
    expect(store.verify(digest, "sizes").problems).toMatchObject([{ file: "skills/a/SKILL.md" }]);
  });

  it("says that a tree is missing", () => {
    const digest: Digest = `sha256-${"0".repeat(64)}`;
    expect([store.has(digest), store.verify(digest).ok]).toEqual([false, false]);
  });

  it("refuses a digest that would leave the store", () => {
    expect(() => store.directory("sha256-../../etc" as Digest)).toThrow(
      expect.objectContaining({ code: "E_STATE_CORRUPT" }),
    );
  });
});

describe("a manifest of the store", () => {
  it("reads back equal and has a digest that ignores the order of keys", async () => {
    const manifest = { ...emptyManifest("fmt"), settings: { b: { z: 1, a: [2, 1] }, a: null } };
    const reversed = {
      ...Object.fromEntries(Object.entries(manifest).toReversed()),
      settings: { a: null, b: { a: [2, 1], z: 1 } },
    };
    const staging = store.stage(calm());
    const digest = staging.addManifest(manifest);
    expect(staging.addManifest(reversed as typeof manifest)).toBe(digest);
    await staging.publish();
    staging.dispose();
    expect(store.readManifest(digest)).toEqual(manifest);
    expect(store.findManifest(digest)).toEqual(manifest);
  });

  it("is refused when a byte of it changed or it is gone", async () => {
    const staging = store.stage(calm());
    const digest = staging.addManifest(emptyManifest("fmt"));
    await staging.publish();
    staging.dispose();
    const { index } = scratch.home;
    edit(index, readFileSync(index, "utf8").replace("fmt", "fmr"));
    const changed = new Store(scratch.home);
    expect(changed.findManifest(digest)).toBe("damaged");
    expect(() => changed.readManifest(digest)).toThrow(expect.objectContaining({ code: "E_STATE_CORRUPT" }));
    rmSync(index);
    const gone = new Store(scratch.home);
    expect(() => gone.readManifest(digest)).toThrow(expect.objectContaining({ code: "E_STATE_CORRUPT" }));
  });
});

describe("the index of the store", () => {
  const record = async (name: string): Promise<Digest> => {
    const staging = new Store(scratch.home).stage(calm());
    const digest = staging.addManifest(emptyManifest(name));
    await staging.publish();
    staging.dispose();
    return digest;
  };

  it("takes a record that was damaged again, and one that it has already not again", async () => {
    const digest = await record("fmt");
    const { size } = lstatSync(scratch.home.index);
    await record("fmt");
    expect(lstatSync(scratch.home.index).size).toBe(size);
    edit(scratch.home.index, readFileSync(scratch.home.index, "utf8").replace("fmt", "fmr"));
    expect(new Store(scratch.home).findManifest(digest)).toBe("damaged");
    await record("fmt");
    expect(new Store(scratch.home).readManifest(digest).name).toBe("fmt");
  });

  it("loses only the record that a crash tore", async () => {
    const [one, two] = [await record("one"), await record("two")];
    const text = readFileSync(scratch.home.index, "utf8");
    for (const length of [0, 1, 40, text.length - 1]) {
      writeFileSync(scratch.home.index, text.slice(0, length));
      const [first, second] = [one, two].map((digest) => new Store(scratch.home).findManifest(digest));
      expect([first === undefined, second]).toEqual([length <= 40, undefined]);
      await record("three");
      expect(new Store(scratch.home).readManifest(await record("two")).name).toBe("two");
      expect(new Store(scratch.home).readManifest(await record("three")).name).toBe("three");
    }
  });

  it("shows to a store what that store has published itself", async () => {
    expect(store.findManifest(await record("one"))).toBeDefined();
    const staging = store.stage(calm());
    const digest = staging.addManifest(emptyManifest("two"));
    expect(store.findManifest(digest)).toBeUndefined();
    await staging.publish();
    staging.dispose();
    expect(store.readManifest(digest).name).toBe("two");
  });
});

describe("staging", () => {
  it("is private, on the store's volume, and gone once disposed", () => {
    const staging = store.stage(calm());
    staging.addTree(scratch.tree(PLUGIN));
    expect(mode(staging.directory)).toBe(0o700);
    expect(lstatSync(staging.directory).dev).toBe(lstatSync(scratch.home.trees).dev);
    staging.dispose();
    staging.dispose();
    expect(existsSync(staging.directory)).toBe(false);
    expect(readdirSync(scratch.home.trees)).toEqual([]);
  });

  it("publishes nothing more when it is asked twice", async () => {
    const staging = store.stage(calm());
    const { digest } = staging.addTree(scratch.tree(PLUGIN));
    await staging.publish();
    await staging.publish();
    expect(store.verify(digest).ok).toBe(true);
    staging.dispose();
  });

  it("takes large trees that do not fit into its memory", async () => {
    const big = "x".repeat(3 * 1024 * 1024);
    const digest = await install({ "d/one": big, "d/two": big, "d/three": big, "e/four": big });
    expect(store.verify(digest).ok).toBe(true);
    const staging = store.stage(calm());
    const again = staging.addTree(scratch.tree({ "d/one": big, "d/two": big, "d/three": big, "e/four": big }));
    expect(again.existed).toBe(true);
    expect(readdirSync(staging.directory)).toEqual([]);
    staging.dispose();
  });

  it("stops at an aborted signal", () => {
    const controller = new AbortController();
    const staging = store.stage(controller.signal);
    controller.abort();
    expect(() => staging.addTree(scratch.tree(PLUGIN))).toThrow(expect.objectContaining({ name: "AbortError" }));
    staging.dispose();
  });
});
