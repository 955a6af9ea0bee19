import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive, ownMark, splitMark } from "../../../marketplace/store/process-mark.ts";
import { Store } from "../../../marketplace/store/store.ts";
import { calm, emptyManifest, Scratch } from "./scratch.ts";

const CHILD = join(import.meta.dirname, "publish-child.ts");

let scratch: Scratch;
let store: Store;

beforeEach(() => {
  scratch = new Scratch();
  store = new Store(scratch.home);
});
afterEach(() => scratch.remove());

function start(what: string, ...sources: readonly string[]): ChildProcess {
  const argv = ["--conditions=source", CHILD, scratch.home.directory, what, ...sources];
  return spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

describe("the mark of a process", () => {
  it("says that this process lives, and that one with its number but another start does not", () => {
    const [pid, start, ...rest] = ownMark().split(".");
    expect(isAlive(ownMark())).toBe(true);
    if (start !== "0") expect(isAlive([pid, `${Number(start) + 1}`, ...rest].join("."))).toBe(false);
  });

  it("is found again in a file name", () => {
    expect(splitMark(`${ownMark()}-ab-cd`)).toEqual({ mark: ownMark(), rest: "ab-cd" });
    expect(splitMark("something-else")).toBeUndefined();
  });

  it.each(["", "0.1.2.3", "-1.1.2.3", "x"])("`%s` stands for no living process", (mark) => {
    expect(isAlive(mark)).toBe(false);
  });
});

describe("sweep", () => {
  it("removes what a killed process staged, and nothing of a living one", async () => {
    const source = scratch.write({ "d/plugin.json": "{}" });
    const [dead, live] = [start("wait", source), start("wait", source)];
    await Promise.all([once(dead.stdout!, "data"), once(live.stdout!, "data")]);
    await kill(dead);
    store.sweep();
    const left = readdirSync(scratch.home.staging);
    expect(left.map((name) => Number.parseInt(name, 10))).toEqual([live.pid]);
    await kill(live);
    expect(store.sweep()).toEqual([]);
    expect(readdirSync(scratch.home.staging)).toEqual([]);
  });

  it("happens whenever something is staged", async () => {
    const dead = start("wait", scratch.write({ a: "1" }));
    await once(dead.stdout!, "data");
    await kill(dead);
    const staging = store.stage(calm());
    expect(readdirSync(scratch.home.staging).map((name) => Number.parseInt(name, 10))).toEqual([process.pid]);
    staging.dispose();
  });

  it("removes read-only directories and leaves names that are not ours", () => {
    const gone = "2147483646.1.0.0-xyz";
    mkdirSync(join(scratch.home.staging, gone, "trees/t/sub"), { recursive: true });
    chmodSync(join(scratch.home.staging, gone, "trees/t"), 0o555);
    mkdirSync(join(scratch.home.staging, "mine"));
    store.sweep();
    expect(readdirSync(scratch.home.staging)).toEqual(["mine"]);
  });

  it("does nothing in a home that does not exist", () => {
    expect(store.sweep()).toEqual([]);
    expect(existsSync(scratch.home.directory)).toBe(false);
  });
});

describe("publishing", () => {
  it("CR01: the same trees from four processes at once gives each tree once, whole", async () => {
    const sources = Array.from({ length: 20 }, (_, index) =>
      scratch.write({ "plugin.json": `{"n":${index}}`, "skills/a/SKILL.md": "x".repeat(2000) }),
    );
    const children = Array.from({ length: 4 }, () => start("publish", ...sources));
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0] as number));
    expect(codes).toEqual([0, 0, 0, 0]);
    const trees = store.trees();
    expect(trees).toHaveLength(20);
    expect(trees.filter((tree) => !store.verify(tree).ok)).toEqual([]);
    expect(readdirSync(scratch.home.staging)).toEqual([]);
  });
});

describe("a store that cannot be written", () => {
  /** Permissions mean nothing to root, so its power over them is taken away. */
  const asOrdinary = (work: string): ReturnType<typeof spawnSync> => {
    const node = [process.execPath, "--conditions=source", "--input-type=module", "-e", work];
    const powers = "--bounding-set=-dac_override,-dac_read_search,-fowner";
    const [program = "", ...argv] = process.getuid?.() === 0 ? ["setpriv", powers, ...node] : node;
    return spawnSync(program, argv, { encoding: "utf8", cwd: "/" });
  };
  const imports = [
    `import { Store } from ${JSON.stringify(join(import.meta.dirname, "../../../marketplace/store/store.ts"))};`,
    `import { homeAt } from ${JSON.stringify(join(import.meta.dirname, "../../../marketplace/home.ts"))};`,
  ].join("\n");

  it("CR09: is read as ever, and refuses to stage with `E_IO` and a hint", async () => {
    const staging = store.stage(calm());
    const manifest = staging.addManifest(emptyManifest("fmt"));
    const { digest } = staging.addTree(scratch.tree({ "plugin.json": "{}" }));
    await staging.publish();
    staging.dispose();
    for (const directory of ["store/staging", "store/trees", "store", ""]) {
      chmodSync(join(scratch.home.directory, directory), 0o555);
    }
    const done = asOrdinary(`${imports}
      const store = new Store(homeAt(${JSON.stringify(scratch.home.directory)}));
      const out = { name: store.readManifest("${manifest}").name, ok: store.verify("${digest}").ok };
      try { store.stage(new AbortController().signal); } catch (error) { out.code = error.code; out.hint = error.hint; }
      console.log(JSON.stringify(out));`);
    expect(done.stderr).toBe("");
    expect(JSON.parse(String(done.stdout))).toEqual({
      name: "fmt",
      ok: true,
      code: "E_IO",
      hint: "look at the owner and the permissions of the path",
    });
  });

  it("publishes and disposes as an ordinary user, whose read-only directories really are", () => {
    const source = scratch.write({ "a/b/c": "1", d: "2" });
    const done = asOrdinary(`${imports}
      import { openDirectoryTree } from ${JSON.stringify(join(import.meta.dirname, "../../../core/platform/disk-file-tree.ts"))};
      const store = new Store(homeAt(${JSON.stringify(scratch.home.directory)}));
      for (const round of [1, 2]) {
        const staging = store.stage(new AbortController().signal);
        const { digest, existed } = staging.addTree(openDirectoryTree(${JSON.stringify(source)}));
        if (round === 1) { await staging.publish(); }
        staging.dispose();
        console.log(existed, store.verify(digest).ok);
      }`);
    expect(done.stderr).toBe("");
    expect(done.stdout).toBe("false true\ntrue true\n");
    expect(readdirSync(scratch.home.staging)).toEqual([]);
  });
});
