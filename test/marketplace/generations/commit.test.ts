import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitGeneration } from "../../../marketplace/generations/commit.ts";
import { readCurrent } from "../../../marketplace/generations/generations.ts";
import { needsRecovery, recover } from "../../../marketplace/generations/recover.ts";
import type { Home } from "../../../marketplace/home.ts";
import { readIntent } from "../../../schemas/plugins-json.ts";
import { Scratch } from "../store/scratch.ts";
import { change, history, next, plugin, textOf } from "./state.ts";

let scratch: Scratch;
let home: Home;

beforeEach(() => {
  scratch = new Scratch();
  home = scratch.home;
  mkdirSync(home.directory);
});
afterEach(() => scratch.remove());

/** Every path below a directory with its text. */
function snapshot(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${entry.isFile() ? readFileSync(path, "utf8") : ""}`;
    })
    .sort();
}

describe("a commit", () => {
  it("makes generation and files current together and leaves nothing else", () => {
    writeFileSync(home.lock, "old lock");
    const files = [change(home.intent, undefined, "{}"), change(home.lock, "old lock", "new lock")];
    const made = commitGeneration(home, next("add a", plugin("a@m")), files, 0);
    expect(made).toMatchObject({ schema: 1, number: 1, parent: 0, verb: "add a" });
    expect(readCurrent(home)).toEqual(made);
    expect([textOf(home.intent), textOf(home.lock)]).toEqual(["{}", "new lock"]);
    expect(readdirSync(home.directory).sort()).toEqual(["cache", "plugins.json", "plugins.lock", "state"]);
    expect(readdirSync(home.state).sort()).toEqual(["current", "generations"]);
  });

  it("keeps the mode of the files it replaces and deletes those that are to go", () => {
    writeFileSync(home.intent, "old", { mode: 0o640 });
    chmodSync(home.intent, 0o666);
    writeFileSync(home.lock, "old");
    commitGeneration(home, next("x"), [change(home.intent, "old", "new"), change(home.lock, "old", undefined)], 0);
    expect([lstatSync(home.intent).mode & 0o777, existsSync(home.lock)]).toEqual([0o666, false]);
  });

  it("writes a project's private picks with a `.gitignore`, and leaves one that is there", () => {
    const [fresh, own] = [scratch.write({ a: "" }), scratch.write({ ".plugsmith/.gitignore": "mine" })];
    const files = [fresh, own].map((project) => change(join(project, ".plugsmith/local.json"), undefined, "{}"));
    commitGeneration(home, next("x"), files, 0);
    expect(textOf(join(fresh, ".plugsmith/.gitignore"))).toBe("*\n");
    expect(textOf(join(own, ".plugsmith/.gitignore"))).toBe("mine");
  });

  it("finishes an interrupted commit first", () => {
    history(home, 1);
    writeFileSync(
      home.journal,
      JSON.stringify({ schema: 1, generation: 1, files: [change(home.intent, undefined, "late")] }),
    );
    commitGeneration(home, next("y"), [change(home.intent, "late", "later")], 1);
    expect([textOf(home.intent), readCurrent(home)?.number]).toEqual(["later", 2]);
  });
});

describe("a commit that is refused changes nothing", () => {
  it("because another generation became current", () => {
    history(home, 2);
    const before = snapshot(home.directory);
    const files = [change(home.intent, undefined, "{}")];
    expect(() => commitGeneration(home, next("x"), files, 1)).toThrow(expect.objectContaining({ code: "E_STALE" }));
    expect(snapshot(home.directory)).toEqual(before);
  });

  it.each<[string, string | undefined]>([
    ["was edited", "edited"],
    ["was deleted", undefined],
  ])("because a file %s meanwhile", (_what, text) => {
    history(home, 1);
    if (text !== undefined) writeFileSync(home.intent, text);
    const before = snapshot(home.directory);
    const files = [change(home.lock, undefined, "new"), change(home.intent, "read", "new")];
    expect(() => commitGeneration(home, next("x"), files, 1)).toThrow(
      expect.objectContaining({ code: "E_STALE", where: home.intent }),
    );
    expect(snapshot(home.directory)).toEqual(before);
  });

  it("PS06: because a project's `.plugsmith` is a link", () => {
    const [project, outside] = [scratch.write({ a: "" }), scratch.write({ b: "" })];
    symlinkSync(outside, join(project, ".plugsmith"));
    const files = [change(join(project, ".plugsmith/local.json"), undefined, "{}")];
    expect(() => commitGeneration(home, next("x"), files, 0)).toThrow(
      expect.objectContaining({ code: "E_PATH_ESCAPE" }),
    );
    expect([readdirSync(outside), existsSync(home.state)]).toEqual([["b"], false]);
  });

  it.each(["../victim", "/etc/victim", "nowhere"])("PS06: because a project's file is a link to `%s`", (target) => {
    const project = scratch.write({ a: "" });
    writeFileSync(join(scratch.directory, "victim"), "safe");
    symlinkSync(target, join(project, "plugins.json"));
    const before = target === "../victim" ? "safe" : undefined;
    const files = [change(join(project, "plugins.json"), before, "{}")];
    expect(() => commitGeneration(home, next("x"), files, 0)).toThrow(
      expect.objectContaining({ code: "E_PATH_ESCAPE" }),
    );
    expect(textOf(join(scratch.directory, "victim"))).toBe("safe");
  });
});

describe("links that a person made", () => {
  it("a linked intent of the home is written where it really lies", () => {
    const dotfiles = scratch.write({ "plugins.json": "old" });
    symlinkSync(join(dotfiles, "plugins.json"), home.intent);
    commitGeneration(home, next("x"), [change(home.intent, "old", "new")], 0);
    expect(lstatSync(home.intent).isSymbolicLink()).toBe(true);
    expect([textOf(join(dotfiles, "plugins.json")), readdirSync(dotfiles)]).toEqual(["new", ["plugins.json"]]);
  });

  it("a link inside a project is followed inside the project", () => {
    const project = scratch.write({ "config/plugins.json": "old", "plugins.json": { link: "config/plugins.json" } });
    commitGeneration(home, next("x"), [change(join(project, "plugins.json"), "old", "new")], 0);
    expect(textOf(join(project, "config/plugins.json"))).toBe("new");
  });
});

describe("a commit whose disk refuses", () => {
  /** Runs as a user over whom permissions have power; answers what was thrown. */
  const commitInChild = (path: string): Record<string, unknown> => {
    const work = `
      import { commitGeneration } from ${JSON.stringify(join(import.meta.dirname, "../../../marketplace/generations/commit.ts"))};
      import { homeAt } from ${JSON.stringify(join(import.meta.dirname, "../../../marketplace/home.ts"))};
      import { change, next } from ${JSON.stringify(join(import.meta.dirname, "state.ts"))};
      const home = homeAt(${JSON.stringify(home.directory)});
      try {
        commitGeneration(home, next("x"), [change(${JSON.stringify(path)}, undefined, "new")], 1);
        console.log("{}");
      } catch ({ code, message, hint }) { console.log(JSON.stringify({ code, message, hint })); }`;
    const node = [process.execPath, "--conditions=source", "--input-type=module", "-e", work];
    const powers = "--bounding-set=-dac_override,-dac_read_search,-fowner";
    const [program = "", ...argv] = process.getuid?.() === 0 ? ["setpriv", powers, ...node] : node;
    const done = spawnSync(program, argv, { encoding: "utf8", cwd: "/" });
    expect(done.stderr).toBe("");
    return JSON.parse(done.stdout) as Record<string, unknown>;
  };

  it("CR04: before the commit point everything stays as it was", () => {
    history(home, 1);
    const before = snapshot(home.directory);
    chmodSync(home.generations, 0o555);
    expect(commitInChild(home.intent)).toMatchObject({
      code: "E_IO",
      hint: "look at the owner and the permissions of the path",
    });
    chmodSync(home.generations, 0o755);
    expect(snapshot(home.directory)).toEqual(before);
  });

  it("CR04: after it the generation holds, says so, and the next command writes the files", () => {
    history(home, 1);
    const project = scratch.write({ a: "" });
    chmodSync(project, 0o555);
    const { code, message } = commitInChild(join(project, "plugins.json"));
    expect([code, String(message).startsWith("generation 2 is in force, but")]).toEqual(["E_IO", true]);
    expect([readCurrent(home)?.number, needsRecovery(home)]).toEqual([2, true]);
    chmodSync(project, 0o755);
    expect(recover(home)).toEqual([]);
    expect(textOf(join(project, "plugins.json"))).toBe("new");
  });
});

describe("many writers", () => {
  it("CR02: 16 processes that each add a plugin lose none", async () => {
    const ids = Array.from({ length: 16 }, (_, index) => `p${index}@m`);
    const script = join(import.meta.dirname, "commit-child.ts");
    const children = ids.map((id) =>
      spawn(process.execPath, ["--conditions=source", script, home.directory, id], { stdio: "inherit" }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0] as number));
    expect(codes.filter((code) => code !== 0)).toEqual([]);
    const current = readCurrent(home);
    expect(current?.number).toBe(16);
    expect(current?.roots["user"]?.plugins.map(({ id }) => id)).toEqual([...ids].sort());
    expect(Object.keys(readIntent(textOf(home.intent) ?? "", home.intent).plugins).sort()).toEqual([...ids].sort());
  });
});
