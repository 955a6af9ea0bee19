import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ManagedFile } from "../../../core/platform/managed-files.ts";
import { managedPlaces } from "../../../core/platform/managed-paths.ts";
import type { PluginInfo, Settings } from "../../../plugin-api/index.ts";
import { isHeard, settingsBench } from "./settings-bench.ts";

const [own, others] = managedPlaces(process.platform);
const trustedText = (file: string, value: unknown) => ({ file, trusted: true as const, text: JSON.stringify(value) });

describe("settings", () => {
  it("of a managed file with comments, which close its policy, count all the same", () => {
    using bench = settingsBench();
    const text = '{\n  // nobody\n  "permissions": {"deny": ["Bash"]}\n}';
    const { settings } = bench.open({ managed: () => [{ file: own?.document ?? "", trusted: true, text }] });
    expect(settings.get("permissions")).toEqual({ deny: ["Bash"] });
  });

  it("are the strongest value of every file, and know where each stands", () => {
    using bench = settingsBench();
    const places = [
      "me/.claude/settings.json",
      "me/.plugsmith/settings.json",
      "site/.claude/settings.json",
      "site/.plugsmith/settings.json",
      "site/.claude/settings.local.json",
      "site/.plugsmith/settings.local.json",
    ];
    for (const [at, place] of places.entries()) bench.json(place, { model: `m${at}`, [`only${at}`]: at });
    const managed = [
      trustedText(own?.document ?? "", { model: "own" }),
      trustedText(`${own?.dropIns}/10.json`, { model: "own 10" }),
      trustedText(`${own?.dropIns}/20.json`, { model: "own 20" }),
      trustedText(others?.document ?? "", { model: "others" }),
      { file: `${others?.dropIns}/x.json`, trusted: false as const, reason: "not root's" },
    ];
    bench.json("site/given.json", { model: "given" });
    const { settings } = bench.open({ managed: () => managed, flags: ["given.json", '{"model": "later"}'] });
    expect(settings.layers("model").map(({ layer, value }) => `${layer} ${String(value)}`)).toEqual([
      "managed own 20",
      "managed own 10",
      "managed own",
      "managed others",
      "flags later",
      "flags given",
      "local m5",
      "local m4",
      "project m3",
      "project m2",
      "user m1",
      "user m0",
    ]);
    expect([settings.get("model"), settings.get("only0"), settings.get("absent")]).toEqual(["own 20", 0, undefined]);
    expect([settings.get("__proto__"), settings.layers("toString")]).toEqual([undefined, []]);
    expect(settings.layers("only3")[0]?.file).toBe(bench.path("site/.plugsmith/settings.json"));
  });

  it("TR01: leave out what an untrusted workspace says, and say so", () => {
    using bench = settingsBench({ trusted: false });
    bench.json("site/.claude/settings.json", { hooks: {}, env: { A: "b" } });
    bench.write("site/.claude/settings.local.json", "{");
    bench.json("me/.claude/settings.json", { model: "mine" });
    const opened = bench.open();
    expect(["hooks", "env", "model"].map((key) => opened.settings.get(key))).toEqual([undefined, undefined, "mine"]);
    expect(opened.withheld()).toEqual([
      { layer: "local", file: bench.path("site/.claude/settings.local.json"), keys: [] },
      { layer: "project", file: bench.path("site/.claude/settings.json"), keys: ["hooks", "env"] },
    ]);
    expect(() => opened.settings.set("project", "a", 1)).toThrow(expect.objectContaining({ code: "E_TRUST" }));
    expect(readdirSync(bench.path("site"))).toEqual([".claude"]);
  });

  it("count a local file that the repository brings as the project's", () => {
    using bench = settingsBench();
    bench.json("site/.claude/settings.local.json", { model: "local" });
    bench.json("site/.claude/settings.json", { model: "project" });
    const git = (...words: string[]) => spawnSync("git", ["-C", bench.path("site"), ...words], { encoding: "utf8" });
    const layers = () =>
      bench
        .open()
        .settings.layers("model")
        .map(({ layer }) => layer);
    expect(layers()).toEqual(["local", "project"]);
    expect(git("init", "-q").status).toBe(0);
    expect(layers()).toEqual(["local", "project"]);
    expect(git("add", "-f", ".claude/settings.local.json").status).toBe(0);
    expect(layers()).toEqual(["project", "project"]);
  });

  it("of a project that is the person's home are the person's", () => {
    using bench = settingsBench();
    bench.json("me/.claude/settings.json", { model: "mine" });
    const workspace = { ...bench.workspace, projectDirectory: bench.workspace.homeDirectory };
    expect(bench.open({ workspace }).settings.layers("model")).toMatchObject([{ layer: "user" }]);
  });

  it("drop what has the wrong shape with its place, and keep the rest", () => {
    using bench = settingsBench();
    bench.write(
      "me/.claude/settings.json",
      '{\n  // comments are fine\n  "disableAllHooks": "yes",\n  "enabledPlugins": {"a@b": true, "c@d": 1},\n  "mine": [1]\n}',
    );
    const opened = bench.open();
    const file = bench.path("me/.claude/settings.json");
    expect(["disableAllHooks", "enabledPlugins", "mine"].map((key) => opened.settings.get(key))).toEqual([
      undefined,
      { "a@b": true },
      [1],
    ]);
    expect(opened.diagnostics()).toMatchObject([
      { code: "E_SCHEMA", file, line: 4, column: 42, dropped: "enabledPlugins.c@d" },
      { code: "E_SCHEMA", file, line: 3, column: 22, dropped: "disableAllHooks" },
    ]);
  });

  const unreadable: Readonly<Record<string, readonly [text: string, code: string]>> = {
    "is cut": ['{"a": 1', "E_JSON"],
    "repeats a key": ['{"a": 1, "a": 2}', "E_JSON"],
    "has a key that could harm": ['{"__proto__": {}}', "E_JSON"],
    "is a list": ["[1]", "E_SCHEMA"],
    "is too deep": ["[".repeat(100) + "]".repeat(100), "E_LIMIT_DEPTH"],
    "is too large": [`{"a": "${"x".repeat(1_000_001)}"}`, "E_LIMIT_SIZE"],
  };
  for (const [name, [text, code]] of Object.entries(unreadable)) {
    it(`say so when a file ${name}, and go on without it`, () => {
      using bench = settingsBench();
      const file = bench.write("site/.claude/settings.json", text);
      bench.json("me/.claude/settings.json", { a: "mine" });
      const opened = bench.open();
      expect([opened.settings.get("a"), opened.diagnostics()]).toMatchObject(["mine", [{ code, severity: "error" }]]);
      expect(opened.diagnostics()[0]?.file).toContain(file.slice(-20));
    });
  }

  it("pass over what is no regular file", () => {
    using bench = settingsBench();
    mkdirSync(bench.path("site/.claude/settings.json"), { recursive: true });
    spawnSync("mkfifo", [bench.path("me/.plugsmith/settings.json")]);
    expect(bench.open().diagnostics()).toEqual([]);
  });

  const wrongFlags: Readonly<Record<string, readonly [flag: string, code: string]>> = {
    "an absent file": ["absent.json", "E_NOT_FOUND"],
    "a text that is no JSON": ['{"a": ', "E_USAGE"],
    "a value of the wrong type": ['{"disableAllHooks": 1}', "E_USAGE"],
  };
  for (const [name, [flag, code]] of Object.entries(wrongFlags)) {
    it(`refuse ${name} on the command line`, () => {
      using bench = settingsBench();
      expect(() => bench.open({ flags: [flag] })).toThrow(expect.objectContaining({ code }));
    });
  }

  it("cannot be changed by who reads them", () => {
    using bench = settingsBench();
    bench.json("me/.claude/settings.json", { env: { A: ["b"] } });
    // What a plugin could try in its own process.
    const value = bench.open().settings.get("env") as { A: string[] };
    expect(() => value.A.push("c")).toThrow(TypeError);
  });
});

describe("a change of settings", () => {
  it("is heard whether a file is written, replaced, made with its folder, or removed", async () => {
    using bench = settingsBench();
    const file = bench.json("me/.plugsmith/settings.json", { a: 1 });
    const opened = bench.open();
    const { settings } = opened;
    expect(await isHeard(opened, () => writeFileSync(file, '{"a": 2}'))).toBe(true);
    expect(settings.get("a")).toBe(2);
    const replace = () => renameSync(bench.write("me/.plugsmith/next", '{"a": 3}'), file);
    expect([await isHeard(opened, replace), settings.get("a")]).toEqual([true, 3]);
    expect(await isHeard(opened, () => bench.json("site/.claude/settings.json", { a: 4 }))).toBe(true);
    expect(settings.get("a")).toBe(4);
    expect(await isHeard(opened, () => bench.json("site/.claude/settings.json", { a: 5 }))).toBe(true);
    expect(await isHeard(opened, () => rmSync(bench.path("site/.claude"), { recursive: true }))).toBe(true);
    expect(await isHeard(opened, () => rmSync(file))).toBe(true);
    expect([settings.get("a"), bench.failures]).toEqual([undefined, []]);
  });

  it("that leaves half a file keeps what it said, and says so", async () => {
    using bench = settingsBench();
    const file = bench.json("me/.plugsmith/settings.json", { permissions: { deny: ["Bash"] } });
    const opened = bench.open();
    expect(await isHeard(opened, () => writeFileSync(file, '{"permissions": {'))).toBe(true);
    expect([opened.settings.get("permissions"), opened.diagnostics()]).toMatchObject([
      { deny: ["Bash"] },
      [{ code: "E_JSON" }],
    ]);
    expect(await isHeard(opened, () => writeFileSync(file, "{}"))).toBe(true);
    expect([opened.settings.get("permissions"), opened.diagnostics()]).toEqual([undefined, []]);
  });

  it("of administrators is taken over when it is said to have come, and a file that cannot be read keeps what it said", () => {
    using bench = settingsBench();
    const file = own?.document ?? "";
    let managed: readonly ManagedFile[] = [trustedText(file, { model: "one", permissions: { deny: ["Bash"] } })];
    const opened = bench.open({ managed: () => managed });
    const heard: unknown[] = [];
    opened.settings.onChange(() => void heard.push(opened.settings.get("model")));
    opened.refresh();
    expect(heard).toEqual([]);
    managed = [trustedText(file, { model: "two", permissions: { deny: ["Bash"] } })];
    opened.refresh();
    managed = [{ file, trusted: true, text: "{half" }];
    opened.refresh();
    managed = [{ file, trusted: false, reason: "anybody can write it" }];
    opened.refresh();
    expect([heard, opened.settings.get("permissions")]).toEqual([["two", "two", "two"], { deny: ["Bash"] }]);
    managed = [];
    opened.refresh();
    expect([opened.settings.get("model"), opened.settings.get("permissions")]).toEqual([undefined, undefined]);
  });

  it("of administrators counts although a file of `--settings` is gone, whose values stay", () => {
    using bench = settingsBench();
    const flag = bench.json("flag.json", { agent: "mine" });
    let managed: readonly ManagedFile[] = [];
    const opened = bench.open({ flags: [flag], managed: () => managed });
    rmSync(flag);
    managed = [trustedText(own?.document ?? "", { model: "theirs" })];
    opened.refresh();
    expect([opened.settings.get("model"), opened.settings.get("agent")]).toEqual(["theirs", "mine"]);
    expect(opened.diagnostics()).toMatchObject([{ code: "E_NOT_FOUND", file: flag }]);
  });

  it("reaches every listener but those that were taken back, and one that throws is told apart", async () => {
    using bench = settingsBench();
    const opened = bench.open();
    const calls: string[] = [];
    opened.settings.onChange(() => void calls.push("gone")).dispose();
    opened.settings.onChange(() => {
      throw new Error("listener");
    });
    opened.settings.set("user", "a", 1);
    opened.settings.onChange(() => void calls.push("late"));
    opened.settings.set("user", "a", 2);
    expect([calls, bench.failures.map(String)]).toEqual([["late"], ["Error: listener", "Error: listener"]]);
  });
});

describe("a change of settings that somebody may refuse", () => {
  it("counts once it is admitted; until then, and where it is refused, the old values stay", async () => {
    using bench = settingsBench();
    const file = bench.json("me/.plugsmith/settings.json", { a: 1 });
    const asked: string[] = [];
    let answer = Promise.withResolvers<boolean>();
    const opened = bench.open({
      admits: ({ layer, file: changed }) => {
        asked.push(`${layer} ${changed}`);
        return answer.promise;
      },
    });
    const { settings } = opened;
    writeFileSync(file, '{"a": 2}');
    await expect.poll(() => asked.length, { timeout: 5_000 }).toBe(1);
    // What is written meanwhile counts at once, and takes the change no further.
    settings.set("user", "b", true);
    expect([settings.get("a"), settings.get("b")]).toEqual([1, true]);
    answer.resolve(false);
    await expect.poll(() => asked.length, { timeout: 5_000 }).toBe(2);
    expect([settings.get("a"), settings.get("b")]).toEqual([1, true]);
    expect(JSON.parse(opened.textOf(file) ?? "")).toEqual({ a: 1, b: true });
    answer = Promise.withResolvers();
    answer.resolve(true);
    expect(await isHeard(opened, () => writeFileSync(file, '{"a": 3}'))).toBe(true);
    expect([settings.get("a"), settings.get("b")]).toEqual([3, undefined]);
    expect(new Set(asked)).toEqual(new Set([`user ${file}`]));
  });

  it("is not taken over with what administrators change, which counts at once", async () => {
    using bench = settingsBench();
    const file = bench.json("me/.plugsmith/settings.json", { a: 1 });
    const answer = Promise.withResolvers<boolean>();
    let isAsked = false;
    let managed: readonly ManagedFile[] = [];
    const opened = bench.open({
      managed: () => managed,
      admits: () => {
        isAsked = true;
        return answer.promise;
      },
    });
    const { settings } = opened;
    const heard: unknown[] = [];
    settings.onChange(() => void heard.push([settings.get("a"), settings.get("model")]));
    writeFileSync(file, '{"a": 2}');
    // Before the change is asked about, while it is, and after it was refused.
    managed = [trustedText(own?.document ?? "", { model: "one" })];
    opened.refresh();
    await expect.poll(() => isAsked, { timeout: 5_000 }).toBe(true);
    managed = [trustedText(own?.document ?? "", { model: "two" })];
    opened.refresh();
    answer.resolve(false);
    await answer.promise;
    await setTimeout(0);
    managed = [];
    opened.refresh();
    expect(heard).toEqual([
      [1, "one"],
      [1, "two"],
      [1, undefined],
    ]);
    expect(opened.textOf(file)).toBe(JSON.stringify({ a: 1 }));
  });
});

describe("setting a value", () => {
  const asPlugin = (bench: ReturnType<typeof settingsBench>): Settings => {
    const info: PluginInfo = {
      id: "permissions@builtin",
      name: "p",
      version: "1",
      tier: "builtin",
      directory: "",
      dataDirectory: "",
    };
    // The service is opened as the host opens it.
    return bench.open().service.open(info, undefined) as Settings;
  };

  it("keeps comments, order, unknown keys and the mode of the file, and is recorded", () => {
    using bench = settingsBench();
    const text = '{\n    // mine\n    "b": {"c": 1}, /* here */\n    "a": true\n}\n';
    const file = bench.write("me/.plugsmith/settings.json", text);
    const settings = asPlugin(bench);
    settings.set("user", "a", { deep: [1] });
    settings.set("user", "z", "new");
    settings.set("user", "absent", undefined);
    const written = readFileSync(file, "utf8");
    expect(written).toContain('{\n    // mine\n    "b": {"c": 1}, /* here */\n    "a": {');
    expect([settings.get("a"), settings.get("z")]).toEqual([{ deep: [1] }, "new"]);
    settings.set("user", "a", undefined);
    expect([settings.get("a"), readFileSync(file, "utf8")]).toEqual([undefined, expect.stringContaining("// mine")]);
    expect(bench.audit[0]).toMatchObject({
      action: "settings set",
      subject: "a",
      detail: { layer: "user", plugin: "permissions@builtin" },
    });
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  it("makes the file of its layer, private unless it is shared, and keeps local ones out of the repository", () => {
    using bench = settingsBench();
    const { settings } = bench.open();
    settings.set("local", "a", 1);
    settings.set("project", "a", 2);
    settings.set("user", "a", 3);
    const modes = [".plugsmith/settings.local.json", ".plugsmith/settings.json", "../me/.plugsmith/settings.json"].map(
      (name) => (statSync(bench.path("site", name)).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["600", "644", "600"]);
    expect(settings.layers("a").map(({ layer, value }) => [layer, value])).toEqual([
      ["local", 1],
      ["project", 2],
      ["user", 3],
    ]);
    expect(readFileSync(bench.path("site/.plugsmith/.gitignore"), "utf8")).toBe("*\n!settings.json\n");
    expect(readdirSync(bench.path("site/.plugsmith")).sort()).toEqual([
      ".gitignore",
      "settings.json",
      "settings.local.json",
    ]);
  });

  it("makes shared settings visible to a repository whose private picks hid the folder", () => {
    using bench = settingsBench();
    const ignore = bench.write("site/.plugsmith/.gitignore", "*\n");
    const { settings } = bench.open();
    settings.set("local", "a", 1);
    expect(readFileSync(ignore, "utf8")).toBe("*\n");
    settings.set("project", "a", 1);
    expect(readFileSync(ignore, "utf8")).toBe("*\n!settings.json\n");
  });

  it("writes through the person's own link and through none of a repository", () => {
    using bench = settingsBench();
    const real = bench.json("dotfiles/settings.json", {});
    symlinkSync(real, bench.path("me/.plugsmith/settings.json"));
    symlinkSync(real, bench.path("site/.plugsmith"));
    const { settings } = bench.open();
    settings.set("user", "a", 1);
    expect(JSON.parse(readFileSync(real, "utf8"))).toEqual({ a: 1 });
    expect(() => settings.set("project", "a", 2)).toThrow(expect.objectContaining({ code: "E_IO" }));
    rmSync(bench.path("site/.plugsmith"));
    symlinkSync(bench.path("dotfiles"), bench.path("site/.plugsmith"));
    for (const layer of ["project", "local"] as const) {
      expect(() => settings.set(layer, "a", 2)).toThrow(expect.objectContaining({ code: "E_PATH_ESCAPE" }));
    }
    expect(readFileSync(real, "utf8")).not.toContain("2");
  });

  it("touches no file that it cannot read", () => {
    using bench = settingsBench();
    const file = bench.write("me/.plugsmith/settings.json", '{"a": ');
    const { settings } = bench.open();
    expect(() => settings.set("user", "a", 1)).toThrow(expect.objectContaining({ code: "E_JSON" }));
    expect(() => settings.set("user", "__proto__", 1)).toThrow(expect.objectContaining({ code: "E_NAME" }));
    expect(readFileSync(file, "utf8")).toBe('{"a": ');
  });
});
