import { describe, expect, test } from "vitest";
import { programPaths, type SearchPlace } from "../../../marketplace/agents/program-on-path.ts";
import { programStart } from "../../../marketplace/agents/program-start.ts";

const windows = (environment: SearchPlace["environment"]): SearchPlace => ({ environment, platform: "win32" });

describe("where a program may lie", () => {
  test.each<readonly [string, string, SearchPlace, readonly string[]]>([
    ["no search path", "codex", { environment: {}, platform: "linux" }, []],
    [
      "folders in their order, empty ones left out",
      "codex",
      { environment: { PATH: "/a::/b" }, platform: "linux" },
      ["/a/codex", "/b/codex"],
    ],
    [
      "endings mean nothing elsewhere",
      "codex",
      { environment: { PATH: "/a", PATHEXT: ".CMD" }, platform: "darwin" },
      ["/a/codex"],
    ],
    [
      "Windows tries the endings of PATHEXT, a folder after the other",
      "codex",
      windows({ Path: String.raw`C:\a;C:\b`, PATHEXT: ".EXE;.CMD" }),
      [String.raw`C:\a\codex.exe`, String.raw`C:\a\codex.cmd`, String.raw`C:\b\codex.exe`, String.raw`C:\b\codex.cmd`],
    ],
    [
      "a name that has one of them is whole",
      "codex.cmd",
      windows({ PATH: String.raw`C:\a`, pathext: ".EXE;.CMD" }),
      [String.raw`C:\a\codex.cmd`],
    ],
    [
      "another ending is a part of the name",
      "codex.js",
      windows({ PATH: String.raw`C:\a`, PATHEXT: ".EXE" }),
      [String.raw`C:\a\codex.js.exe`],
    ],
    [
      "without PATHEXT the usual ones count",
      "x",
      windows({ PATH: String.raw`C:\a` }),
      [".com", ".exe", ".bat", ".cmd"].map((ending) => String.raw`C:\a\x` + ending),
    ],
  ])("%s", (_, name, place, paths) => {
    expect(programPaths(name, place)).toEqual(paths);
  });
});

describe("how a program is started", () => {
  const place = windows({ ComSpec: String.raw`C:\cmd.exe` });

  test.each<readonly [string, string, SearchPlace, string, readonly string[]]>([
    ["elsewhere as it is", "/a/x.cmd", { environment: {}, platform: "linux" }, "/a/x.cmd", ["a b"]],
    ["an `.exe` as it is", String.raw`C:\x.exe`, place, String.raw`C:\x.exe`, ["a b"]],
    [
      "a `.cmd` through the interpreter, every word whole",
      String.raw`C:\p q\x.cmd`,
      place,
      String.raw`C:\cmd.exe`,
      ["/d", "/s", "/c", String.raw`"C:\p^ q\x.cmd ^^^"a^^^ b^^^""`],
    ],
  ])("%s", (_, program, where, file, args) => {
    const start = programStart(program, ["a b"], where);
    expect([start.file, start.args]).toEqual([file, args]);
  });

  test("quotation marks, backslashes and `%` reach the program as they are", () => {
    const { args } = programStart("x.cmd", [String.raw`a"b\ %PATH% c` + "\\"], place);
    expect(args.at(-1)).toBe(String.raw`"x.cmd ^^^"a\^^^"b\^^^ ^^^%PATH^^^%^^^ c\\^^^""`);
  });
});
