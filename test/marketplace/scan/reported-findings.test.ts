import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportedFindings } from "../../../marketplace/scan/reported-findings.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import type { LockedSource } from "../../../schemas/lockfile.ts";
import { readSarif } from "../../../schemas/sarif.ts";
import { pluginHere } from "../../support/in-process.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const SCRIPT = "echo hello\n";
const DIGEST = createHash("sha256").update(SCRIPT).digest("hex");

let home: TemporaryHome;
beforeAll(() => {
  home = temporaryHome();
  for (const name of ["one", "two"]) home.write(`${name}/hooks/run.sh`, SCRIPT);
  home.write("one/a b.md", "text");
  home.write("one/.claude-plugin/plugin.json", '{"name":"one","version":"1.0.0"}');
});
afterAll(() => home[Symbol.dispose]());

const at = (uri: string, more: object = {}) => [{ physicalLocation: { artifactLocation: { uri, ...more } } }];
const log = (results: readonly object[], run: object = {}, driver: object = {}) =>
  JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "Probe", ...driver } }, ...run, results }] });
const read = (text: string) => readSarif(Buffer.from(text), "probe.sarif");

function found(text: string, names: readonly string[] = ["one"]): readonly string[] {
  const plugins = names.map((name) => {
    // The digest has no part in it.
    const source = { kind: "directory", path: `/origin/${name}` } as LockedSource;
    return { id: `${name}@acme`, directory: home.path(name), source };
  });
  return reportedFindings([read(text)], plugins).map(({ code, severity, id, file, line, column, message }) => {
    if (code !== "W_SCAN_REPORT") return `not: ${message.split(": ")[1] ?? ""}`;
    return `${severity} ${id ?? ""} ${file ?? "-"}:${String(line)}:${String(column)} ${message}`;
  });
}

const RULES = {
  rules: [
    {
      id: "quiet",
      defaultConfiguration: { level: "note" },
      messageStrings: { said: { text: "found {0} in {1} {7}" } },
    },
  ],
};
const result = (more: object) => ({ ruleId: "r1", level: "error", message: { text: "bad" }, ...more });
const region = { startLine: 3, startColumn: 7 };
const elsewhere = (name: string) => [`not: about \`${name}\`, not a file that is installed, or with other content`];

const rows: readonly (readonly [what: string, text: string, said: readonly string[]])[] = [
  [
    "a place",
    log([result({ locations: [{ physicalLocation: { artifactLocation: { uri: "./hooks/run.sh" }, region } }] })]),
    ["error one@acme hooks/run.sh:3:7 Probe r1: bad"],
  ],
  [
    "an escaped name",
    log([result({ locations: at("a%20b.md") })]),
    ["error one@acme a b.md:undefined:undefined Probe r1: bad"],
  ],
  [
    "the level and text of the rule",
    log([{ ruleIndex: 0, message: { id: "said", arguments: ["x", "y"] }, locations: at("a%20b.md") }], {}, RULES),
    ["info one@acme a b.md:undefined:undefined Probe quiet: found x in y {7}"],
  ],
  [
    "control characters and lines",
    log([result({ message: { text: "a\u001b[2J\n\u202eb" }, locations: at("a%20b.md") })]),
    ["error one@acme a b.md:undefined:undefined Probe r1: a\\u{1b}[2J \\u{202e}b"],
  ],
  ["no file", log([result({})]), ["error one@acme -:undefined:undefined Probe r1: bad"]],
  [
    "what passed, is suppressed, gone, or none",
    log([
      result({ kind: "pass" }),
      result({ suppressions: [{ kind: "external" }] }),
      result({ baselineState: "absent" }),
      result({ level: "none" }),
    ]),
    [],
  ],
  ["a file that is not there", log([result({ locations: at("other.sh") })]), elsewhere("other.sh")],
  ["a way out", log([result({ locations: at("../two/hooks/run.sh") })]), elsewhere("../two/hooks/run.sh")],
  ["a name that no file can have", log([result({ locations: at("a%00b") })]), elsewhere("a\\u{0}b")],
  [
    "an absolute path of the folder",
    log([result({ locations: at("file:///origin/one/hooks/run.sh") })]),
    ["error one@acme hooks/run.sh:undefined:undefined Probe r1: bad"],
  ],
  [
    "an absolute path elsewhere",
    log([result({ locations: at("file:///srv/hooks/run.sh") })]),
    elsewhere("/srv/hooks/run.sh"),
  ],
  [
    "a base",
    log([result({ locations: at("hooks/run.sh", { uriBaseId: "ROOT" }) })], {
      originalUriBaseIds: { ROOT: { uri: "file:///origin/one" } },
    }),
    ["error one@acme hooks/run.sh:undefined:undefined Probe r1: bad"],
  ],
  [
    "the same content further down",
    log([result({ locations: [{ physicalLocation: { artifactLocation: { index: 0 } } }] })], {
      artifacts: [{ location: { uri: "plugins/one/hooks/run.sh" }, hashes: { "sha-256": DIGEST.toUpperCase() } }],
    }),
    ["error one@acme hooks/run.sh:undefined:undefined Probe r1: bad"],
  ],
  [
    "other content",
    log([result({ locations: at("hooks/run.sh") })], {
      artifacts: [{ location: { uri: "hooks/run.sh" }, hashes: { "sha-256": "0".repeat(64) } }],
    }),
    elsewhere("hooks/run.sh"),
  ],
  ["nothing", log([]), []],
];

describe("findings of another scanner", () => {
  it.each(rows)("with %s", (_what, text, said) => {
    expect(found(text)).toEqual(said);
  });

  it("are told of every plugin that they can be about, gravest first and not without end", () => {
    const many = Array.from({ length: 150 }, (_, index) =>
      result({ level: index === 149 ? "error" : "note", locations: at("hooks/run.sh") }),
    );
    const told = found(log(many), ["one", "two"]);
    expect(told).toHaveLength(202);
    expect(told[0]).toMatch(/^error one@acme/u);
    expect(told[100]).toContain("`probe.sarif` has 50 more findings");
    expect(found(log([result({})]), ["one", "two"])).toEqual([
      "not: about no file, not a file that is installed, or with other content",
    ]);
  });

  const broken: readonly (readonly [text: string, code: string, place: string, said: string])[] = [
    ['{"version": "2.1.0", "runs": [', "E_JSON", "1:31", "is not valid JSON"],
    ['{"version": "2.0.0", "runs": []}', "E_SARIF", "1:13", "`version`"],
    ["[]", "E_SARIF", "1:1", "its top"],
    [log([{ message: "bad" }]).replace('"results"', '\n"results"'), "E_SARIF", "2:23", "`runs.0.results.0.message`"],
    [log([result({ locations: [{ physicalLocation: { region: { startLine: 0 } } }] })]), "E_SARIF", "1:", "startLine`"],
    ['{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}', "E_SARIF", "1:46", "`runs.0.tool.driver.name`"],
  ];
  it.each(broken)("are refused in a log like %s", (text, code, place, said) => {
    let error: unknown;
    try {
      read(text);
    } catch (caught) {
      error = caught;
    }
    if (!isCodedError(error)) throw new Error("it was read");
    expect([error.code, error.where, error.message]).toEqual([
      code,
      expect.stringContaining(`probe.sarif:${place}`),
      expect.stringContaining(said),
    ]);
    expect(error.hint).toBeDefined();
  });

  it("stand in the plan before anything is installed, and a wrong file stops it", async () => {
    const run = (...words: readonly string[]) =>
      pluginHere(["add", "./one", ...words], { home: home.path("home"), cwd: home.directory });
    home.write("probe.sarif", log([result({ locations: at("a%20b.md") }), result({ locations: at("x") })]));
    const planned = await run("--dry-run", "--sarif", "probe.sarif");
    expect(planned.exit).toBe(0);
    expect(planned.text).toContain("findings\n  error: one@local: Probe r1: bad (W_SCAN_REPORT)\n    at a b.md\n");
    expect(planned.text).toContain("1 finding of `probe.sarif` does not apply");
    expect(await run("--sarif", "absent.sarif")).toMatchObject({
      exit: 1,
      text: expect.stringContaining("does not exist"),
    });
    expect(await run("--sarif", ".")).toMatchObject({ exit: 1, text: expect.stringContaining("is no file") });
  });
});
