import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { homeAt } from "../../../marketplace/home.ts";
import { findProjectRoot } from "../../../marketplace/lock/project-root.ts";
import { loadIntent, loadLock, parseLock, rootFiles } from "../../../marketplace/lock/root-files.ts";
import { writeLockfile } from "../../../schemas/lockfile.ts";
import { digestOf } from "../../../schemas/tree-digest.ts";
import { Scratch } from "../store/scratch.ts";

let scratch: Scratch;

beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.remove());

describe("the files of a root", () => {
  it("lie in the home for the user and at the real path of a project", () => {
    const project = realpathSync(scratch.write({ a: "" }));
    const link = join(scratch.directory, "link");
    symlinkSync(project, link);
    expect(rootFiles(scratch.home, { scope: "user" })).toMatchObject({
      key: "user",
      intent: scratch.home.intent,
      local: undefined,
    });
    const expected = {
      key: project,
      intent: join(project, "plugins.json"),
      lock: join(project, "plugins.lock"),
      local: join(project, ".plugsmith/local.json"),
    };
    expect(rootFiles(scratch.home, { scope: "project", directory: link })).toEqual(expected);
    expect(rootFiles(scratch.home, { scope: "local", directory: project })).toEqual(expected);
  });

  it("do not exist without a project, in one that is gone, or where the home lies", () => {
    const home = homeAt(join(realpathSync(scratch.directory), ".plugsmith"));
    const codeOf = (directory?: string): unknown => {
      try {
        return rootFiles(home, { scope: "project", ...(directory === undefined ? {} : { directory }) });
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect([codeOf(), codeOf(join(scratch.directory, "gone")), codeOf(scratch.directory)]).toEqual([
      "E_USAGE",
      "E_NOT_FOUND",
      "E_USAGE",
    ]);
  });
});

describe("loading", () => {
  it("an absent or empty file wants and locks nothing", () => {
    const path = join(scratch.directory, "plugins.json");
    expect(loadIntent(path)).toMatchObject({
      path,
      text: undefined,
      digest: "absent",
      value: { schema: 1, plugins: {} },
    });
    expect(loadLock(path)).toMatchObject({ digest: "absent", value: { schema: 1, plugins: {} }, problem: undefined });
    writeFileSync(path, "\n");
    expect(loadIntent(path)).toMatchObject({ text: "\n", digest: digestOf("\n"), value: { plugins: {} } });
  });

  it("gives the value with its text and the digest of its bytes, byte order mark included", () => {
    const path = join(scratch.directory, "plugins.json");
    const bytes = Buffer.from('\uFEFF{"schema":1,"plugins":{"a@m":"^1.0.0"}}');
    writeFileSync(path, bytes);
    const loaded = loadIntent(path);
    expect(loaded.digest).toBe(digestOf(bytes));
    expect(loaded.value.plugins["a@m"]?.range).toBe("^1.0.0");
  });

  it("a lock that cannot be read locks nothing and says why", () => {
    const path = join(scratch.directory, "plugins.lock");
    const text = writeLockfile({ schema: 1, marketplaces: {}, plugins: {} });
    for (const broken of ["{", `<<<<<<< HEAD\n${text}=======\n${text}>>>>>>> theirs\n`, '{"schema":1,"plugins":[]}']) {
      writeFileSync(path, broken);
      const loaded = loadLock(path);
      expect([loaded.value.plugins, loaded.text, loaded.digest]).toEqual([{}, broken, digestOf(broken)]);
      expect(loaded.problem).toMatchObject({ code: "E_STATE_CORRUPT", file: path });
      expect(loaded.problem?.hint).toContain("plugin sync");
    }
    expect(parseLock(text, path)).toEqual({ schema: 1, marketplaces: {}, plugins: {} });
  });

  it("a file of a newer Plugsmith is refused", () => {
    const path = join(scratch.directory, "plugins.json");
    writeFileSync(path, '{"schema":2}');
    for (const load of [loadIntent, loadLock]) {
      expect(() => load(path)).toThrow(expect.objectContaining({ code: "E_SCHEMA_NEWER" }));
    }
  });
});

describe("the project of a directory", () => {
  it.each(["plugins.json", ".plugsmith/local.json", ".git/HEAD"])("is the nearest one above with `%s`", (marker) => {
    const outer = realpathSync(scratch.write({ [marker]: "{}", "inner/deep/x": "" }));
    expect(findProjectRoot(join(outer, "inner/deep"), scratch.home)).toBe(outer);
    mkdirSync(join(outer, "inner/.git"));
    expect(findProjectRoot(join(outer, "inner/deep"), scratch.home)).toBe(join(outer, "inner"));
  });

  it("is never the person's directory, nor above it, nor the home", () => {
    const person = realpathSync(
      scratch.write({ ".git/HEAD": "", "plugins.json": "{}", "work/x": "", ".plugsmith/plugins.json": "{}" }),
    );
    const home = homeAt(join(person, ".plugsmith"));
    for (const cwd of ["", "work", ".plugsmith", ".plugsmith/state"]) {
      expect(findProjectRoot(join(person, cwd), home, person)).toBeUndefined();
    }
    expect(findProjectRoot(join(person, "work"), home, join(person, "work"))).toBeUndefined();
  });

  it("is not made by a home that lies in it", () => {
    const directory = realpathSync(scratch.write({ ".plugsmith/state/x": "", "sub/x": "" }));
    expect(findProjectRoot(join(directory, "sub"), homeAt(join(directory, ".plugsmith")))).toBeUndefined();
  });

  it("does not exist for a directory that does not", () => {
    expect(findProjectRoot(join(scratch.directory, "gone"), scratch.home)).toBeUndefined();
  });
});
