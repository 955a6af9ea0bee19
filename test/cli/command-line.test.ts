import { describe, expect, it } from "vitest";
import { findCommand, parseArguments } from "../../cli/command-line.ts";
import { GLOBAL_FLAGS, type FlagSpec } from "../../cli/flags.ts";
import { errorLines, reportOf } from "../../cli/print/error-report.ts";
import { renderMarks } from "../../cli/print/style.ts";
import { VERBS, type VerbEntry } from "../../cli/verb-table.ts";
import { CodedError } from "../../schemas/errors.ts";

const FLAGS: readonly FlagSpec[] = [
  { name: "frozen", summary: "" },
  { name: "to", value: "number", summary: "" },
];

function parse(line: string, positionals = [{ name: "plugin", variadic: true }]) {
  return parseArguments(line === "" ? [] : line.split(" "), FLAGS, positionals, "plugin test");
}

function usageError(action: () => unknown): CodedError {
  try {
    action();
  } catch (error) {
    if (error instanceof CodedError && error.code === "E_USAGE") return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("finding the verb", () => {
  const table: readonly (readonly [line: string, path: string, rest: string])[] = [
    ["add fmt@acme", "add", "fmt@acme"],
    ["install fmt@acme", "add", "fmt@acme"],
    ["i fmt", "add", "fmt"],
    ["rm fmt", "remove", "fmt"],
    ["ls", "list", ""],
    ["market ls", "marketplace list", ""],
    ["marketplace upgrade acme", "marketplace update", "acme"],
    ["--json list --check", "list", "--json --check"],
    ["--scope project add list", "add", "--scope project list"],
    ["-s user -y add fmt", "add", "-s user -y fmt"],
    ["market --json list", "marketplace list", "--json"],
    ["--help", "", "--help"],
    ["marketplace --help", "marketplace", "--help"],
    ["add -- --weird", "add", "-- --weird"],
    ["", "", ""],
  ];
  it.each(table)("reads `%s` as the verb `%s`", (line, path, rest) => {
    const command = findCommand(line === "" ? [] : line.split(" "));
    expect(command.path).toBe(path);
    expect(command.rest.join(" ")).toBe(rest);
  });

  it("names every verb and alias once", () => {
    const check = (entries: readonly VerbEntry[]): void => {
      const words = entries.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])]);
      expect(words.length).toBeGreaterThan(0);
      expect(new Set(words).size).toBe(words.length);
      for (const entry of entries) if (entry.verbs !== undefined) check(entry.verbs);
    };
    check(VERBS);
  });

  const loadable = VERBS.flatMap((entry) =>
    entry.verbs === undefined
      ? [{ path: entry.name, entry }]
      : entry.verbs.map((sub) => ({ path: `${entry.name} ${sub.name}`, entry: sub })),
  );
  it.each(loadable)("loads `$path`, whose help has an example", async ({ path, entry }) => {
    const { verb } = await entry.load!();
    expect(verb.name).toBe(path);
    expect(verb.summary).toBe(entry.summary);
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const example of verb.examples) expect(example).toMatch(new RegExp(`^plugin ${path}\\b`, "u"));
    const flags = [...verb.flags, ...GLOBAL_FLAGS].map((flag) => flag.name);
    expect(new Set(flags).size).toBe(flags.length);
  });
});

describe("reading words and flags", () => {
  it("takes values attached, apart and short", () => {
    for (const line of ["--to 3", "--to=3"]) expect(parse(line).values.get("to")).toEqual(["3"]);
    for (const line of ["--scope user", "--scope=user", "-s user", "-suser"]) {
      expect(parse(line).values.get("scope")).toEqual(["user"]);
    }
  });

  it("lets a flag repeat where that means something", () => {
    expect(parse("--accept a --accept b").values.get("accept")).toEqual(["a", "b"]);
    expect(usageError(() => parse("--to 1 --to 2")).message).toContain("given twice");
    expect(parse("--to 1 --to 1").values.get("to")).toEqual(["1"]);
  });

  it("takes everything after `--` as words", () => {
    expect(parse("a -- --frozen -x").positionals).toEqual(["a", "--frozen", "-x"]);
    expect(parse("a -- --frozen").switches.size).toBe(0);
  });

  it("joins short switches", () => {
    expect([...parse("-yh").switches]).toEqual(["yes", "help"]);
  });

  const refusals: readonly (readonly [line: string, message: string])[] = [
    ["--frozem", "there is no flag `--frozem`"],
    ["-x", "there is no flag `-x`"],
    ["-yx", "there is no flag `-x`"],
    ["--to", "`--to` needs a value"],
    ["--to=", "`--to` needs a value"],
    ["--frozen=yes", "`--frozen` takes no value"],
    ["--scope usr", "`--scope` is one of `user`, `project`, `local`, not `usr`"],
  ];
  it.each(refusals)("refuses `%s`", (line, message) => {
    expect(usageError(() => parse(line)).message).toBe(message);
  });

  it("refuses missing and superfluous words", () => {
    expect(usageError(() => parseArguments([], [], [{ name: "plugin", required: true }], "plugin why")).message).toBe(
      "`plugin why` needs <plugin>",
    );
    expect(usageError(() => parseArguments(["a", "b"], [], [{ name: "plugin" }], "plugin why")).message).toContain(
      "`b` is too many",
    );
  });

  it("asks for nothing when help is wanted", () => {
    const args = parseArguments(["--help"], [], [{ name: "plugin", required: true }], "plugin why");
    expect(args.switches.has("help")).toBe(true);
  });
});

describe("did you mean", () => {
  const table: readonly (readonly [action: () => unknown, suggestion: string])[] = [
    [() => findCommand(["lst"]), "did you mean `list`?"],
    [() => findCommand(["instal"]), "did you mean `install`?"],
    [() => findCommand(["market", "ad"]), "did you mean `add`?"],
    [() => findCommand(["--jsn", "list"]), "did you mean `--json`?"],
    [() => parse("--frozem"), "did you mean `--frozen`?"],
    [() => parse("--dryrun"), "did you mean `--dry-run`?"],
    [() => parse("--scope usr"), "did you mean `user`?"],
  ];
  it.each(table)("suggests for %s: %s", async (action, suggestion) => {
    const report = await reportOf(usageError(action));
    expect(report.hint).toContain(suggestion);
  });

  it("suggests nothing far-fetched", async () => {
    const report = await reportOf(usageError(() => findCommand(["frobnicate"])));
    expect(report.hint).not.toContain("did you mean");
  });

  it("prints message, code and hint on lines of their own", async () => {
    const lines = errorLines(await reportOf(usageError(() => findCommand(["lst"]))), false);
    expect(lines.map((line) => renderMarks(line, false))).toEqual([
      "error: there is no verb `lst` (E_USAGE)",
      "  hint: did you mean `list`? `plugin --help` lists the verbs",
    ]);
  });
});
