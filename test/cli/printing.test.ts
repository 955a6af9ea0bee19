import { describe, expect, it } from "vitest";
import { acceptsAll, combinedDigest } from "../../cli/consent-digest.ts";
import { bytesText, provisionText } from "../../cli/print/amount.ts";
import { consentLines } from "../../cli/print/consent-text.ts";
import { diagnosticLines } from "../../cli/print/diagnostic-lines.ts";
import { errorLines, reportOf } from "../../cli/print/error-report.ts";
import { planLines } from "../../cli/print/plan-text.ts";
import { bold, columns, renderMarks } from "../../cli/print/style.ts";
import { renderLines, renderJson } from "../../cli/print/writer.ts";
import type { SinceAccepted } from "../../marketplace/compare/difference.ts";
import type { ConsentItem, Plan } from "../../marketplace/plan/plan.ts";
import { CodedError } from "../../schemas/errors.ts";

const plain = (lines: readonly string[]): readonly string[] => lines.map((line) => renderMarks(line, false));

const hook = { id: "a@m", kind: "hook", name: "PreToolUse", display: "node hooks/guard.mjs" };
const server = { id: "b@m", kind: "mcp", name: "notes", display: "node server.mjs --port 1" };

const items: readonly ConsentItem[] = [
  {
    id: "a@m",
    version: "1.0.0",
    closure: "sha256-aa",
    tree: "sha256-ta",
    executables: [hook],
    origin: "https://host/a at v1",
  },
  {
    id: "b@m",
    version: "2.0.0",
    closure: "sha256-bb",
    tree: "sha256-tb",
    previous: "sha256-b0",
    executables: [server],
    origin: "/b",
  },
];

const SHOWN = { detail: "short", command: "plugin update b" } as const;
const SINCE: SinceAccepted = { files: [], patches: [], packages: { added: [], removed: [] } };
const PATCH = `--- a/lib/x.sh
+++ b/lib/x.sh
@@ -1,1 +1,2 @@
-echo
+curl https://evil.example\u001B[2K\u202E\uFDD4
+++ b/forged`;

const plan: Plan = {
  verb: "add a@m",
  scope: "user",
  root: "user",
  steps: [
    {
      id: "a@m",
      action: "install",
      to: "1.0.0",
      why: [{ id: "a@m", range: "" }],
      bytes: 900,
      provides: { hook: 1, skill: 2 },
      tokens: 40,
    },
    {
      id: "b@m",
      action: "update",
      from: "1.0.0",
      to: "2.0.0",
      why: [
        { id: "a@m", range: "^2.0" },
        { id: "b@m", range: "" },
      ],
      bytes: 1500,
      provides: { mcp: 1 },
      tokens: 2,
    },
  ],
  differences: [],
  collisions: [{ kind: "command", name: "draft", ids: ["a@m", "b@m"], effect: "`a@m` answers" }],
  executables: [hook, server],
  packages: [],
  launchers: [],
  consent: items,
  tools: [],
  cycles: [["a@m", "b@m"]],
  tokensDelta: 42,
  bytesDelta: 2400,
  diagnostics: [
    {
      code: "W_NAME",
      severity: "warning",
      message: "odd",
      file: "skills/x/SKILL.md",
      line: 2,
      column: 1,
      id: "a@m",
      hint: "mend it",
    },
  ],
  agents: [],
  notes: ["`m` could not be refreshed"],
};

describe("the plan in text", () => {
  it("says versions, reasons, gains, commands, names, cycles, cost, notes and findings", () => {
    expect(plain(planLines(plan))).toEqual([
      "plan add a@m for you",
      "  +  install  a@m  1.0.0",
      "  ^  update   b@m  1.0.0 -> 2.0.0  needed by a@m (^2.0)",
      "",
      "gains",
      "  2 skills, 1 hook",
      "",
      "can execute",
      "  a@m",
      "    hook  PreToolUse  node hooks/guard.mjs",
      "  b@m",
      "    MCP server  notes  node server.mjs --port 1",
      "",
      "names",
      "  command draft: a@m, b@m: `a@m` answers",
      "",
      "cycles",
      "  a@m -> b@m -> a@m",
      "",
      "cost",
      "  +42 tokens always on (estimate), +2.4 kB on disk",
      "",
      "notes",
      "  `m` could not be refreshed",
      "",
      "findings",
      "  warning: a@m: odd (W_NAME)",
      "    at skills/x/SKILL.md:2:1",
      "    hint: mend it",
    ]);
  });
});

describe("consent", () => {
  it("shows every command, origin and digest, and what changed", () => {
    expect(plain(consentLines(items, SHOWN))).toEqual([
      "consent 2 plugins can run programs on this machine as you",
      "  a@m 1.0.0 from https://host/a at v1",
      "    hook  PreToolUse  node hooks/guard.mjs",
      "    digest sha256-aa",
      "  b@m 2.0.0 from /b",
      "    MCP server  notes  node server.mjs --port 1",
      "    digest sha256-bb",
      "    changed since you accepted sha256-b0, whose files are not known any more",
    ]);
  });

  it("shows which files differ from those that were accepted", () => {
    const paths = Array.from({ length: 120 }, (_, index) => `data/${String(index).padStart(3, "0")}`);
    const lines = (files: SinceAccepted["files"]): readonly string[] =>
      plain(consentLines([{ ...items[1]!, since: { ...SINCE, files } }], SHOWN)).slice(4);
    expect(
      lines([
        { change: "added", path: "a\u001B" },
        { change: "changed", path: "b" },
        { change: "removed", path: "c" },
      ]),
    ).toEqual(["    changed since you accepted sha256-b0", String.raw`      + a\u{1b}`, "      ~ b", "      - c"]);
    expect(lines([])).toEqual([
      "    changed since you accepted sha256-b0: its files are the same, but not what it runs",
    ]);
    expect(lines(paths.map((path) => ({ change: "added", path }))).at(-1)).toBe(
      "      and 20 more files; all of it: plugin update b --dry-run --verbose",
    );
  });

  it("shows how texts changed below their files, programs first, and what else is new", () => {
    const since: SinceAccepted = {
      files: [
        { change: "changed", path: "a.bin" },
        { change: "changed", path: "README.md", lines: { added: 1, removed: 1 } },
        { change: "changed", path: "lib/x.sh", lines: { added: 2, removed: 1 }, program: true },
      ],
      patches: [{ path: "lib/x.sh", text: PATCH }, { path: "a.bin" }],
      hosts: { added: ["evil.example"], removed: [] },
      executables: {
        added: [
          { kind: "script", name: "y.sh", display: "y.sh" },
          { kind: "hook", name: "Stop", display: "sh \u001B[2K" },
        ],
        removed: [],
      },
      capabilities: { added: ["net"], removed: ["env `A`"] },
      packages: { added: ["left-pad@1.0.1"], removed: ["left-pad@1.0.0"] },
    };
    expect(plain(consentLines([{ ...items[1]!, since }], SHOWN)).slice(4)).toEqual([
      "    changed since you accepted sha256-b0",
      "      ~ lib/x.sh (+2 -1 lines) program",
      "          @@ -1,1 +1,2 @@",
      "          -echo",
      String.raw`          +curl https://evil.example\u{1b}[2K\u{202e}\u{fdd4}`,
      "          +++ b/forged",
      "      ~ a.bin, not shown: no text, or too long",
      "      ~ README.md (+1 -1 lines)",
      "      npm packages:",
      "        - left-pad@1.0.0",
      "        + left-pad@1.0.1",
      "      can execute:",
      String.raw`        + hook Stop: sh \u{1b}[2K`,
      "      asks for:",
      "        - env `A`",
      "        + net",
      "      names the host:",
      "        + evil.example",
    ]);
  });

  it("cuts many and long lines, and says how many are left and which command shows all", () => {
    const text = [
      "--- a/x",
      "+++ b/x",
      "@@ -0,0 +1,100 @@",
      ...Array.from({ length: 100 }, () => `+${"x".repeat(400)}`),
    ];
    const since: SinceAccepted = {
      ...SINCE,
      files: ["x", "y"].map((path) => ({ change: "added", path })),
      patches: ["x", "y"].map((path) => ({ path, text: text.join("\n") })),
    };
    const lines = (detail: "long" | "short", command: string): readonly string[] =>
      plain(consentLines([{ ...items[1]!, since }], { detail, command })).slice(5);
    const short = lines("short", "plugin update b -- npm test");
    expect(short[2]).toBe(`          +${"x".repeat(299)}… (401 characters)`);
    expect(short.slice(-2)).toEqual([
      "      + y",
      "      and 122 more lines; all of it: plugin update b --dry-run --verbose -- npm test",
    ]);
    expect(short).toHaveLength(2 + 80 + 1);
    const long = lines("long", "plugin update b --dry-run --verbose");
    expect([long.length, long.at(-1)]).toEqual([2 + 202, `          +${"x".repeat(400)}`]);
  });

  it("is given by each digest or by the combined one, in any order", () => {
    const combined = combinedDigest(items);
    expect(combined).toMatch(/^sha256-[0-9a-f]{64}$/u);
    expect(combinedDigest([...items].reverse())).toBe(combined);
    expect(acceptsAll(items, [combined])).toBe(true);
    expect(acceptsAll(items, ["sha256-bb", "sha256-aa"])).toBe(true);
    expect(acceptsAll(items, ["sha256-aa"])).toBe(false);
    expect(acceptsAll(items, [])).toBe(false);
  });

  it("is not moved to another plugin by the combined digest", () => {
    const [first, second] = items;
    const swapped = [
      { ...first!, closure: second!.closure },
      { ...second!, closure: first!.closure },
    ];
    expect(combinedDigest(swapped)).not.toBe(combinedDigest(items));
  });
});

describe("foreign text", () => {
  const hostile = "a\u001B[31mred\u0007\nerror: forged\u202Eevil\u200B\u{E0041}";

  it("MK16, FM08: cannot reach the terminal through a result", () => {
    for (const colour of [true, false]) {
      const text = renderLines([hostile], colour);
      expect(text.slice(0, -1)).not.toMatch(
        /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E]|[\u{E0000}-\u{E007F}]/u,
      );
      expect(text.split("\n")).toHaveLength(2);
    }
  });

  it("cannot colour anything but with the marks of the printer", () => {
    expect(renderLines([bold("x")], true)).toBe("\u001B[1mx\u001B[0m\n");
    expect(renderLines([bold("x")], false)).toBe("x\n");
  });

  it("is escaped in JSON and comes back unchanged", () => {
    const text = renderJson({ hostile });
    expect(text).not.toMatch(
      /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E]|[\u{E0000}-\u{E007F}]/u,
    );
    expect(JSON.parse(text)).toEqual({ hostile });
  });

  it("stays on indented lines in an error message of several lines", async () => {
    const report = await reportOf(
      new CodedError("E_UNSATISFIABLE", "first\nerror: forged", { where: "a:1", hint: "one\ntwo" }),
    );
    expect(plain(errorLines(report, false))).toEqual([
      "error: first (E_UNSATISFIABLE)",
      "  error: forged",
      "  at a:1",
      "  hint: one",
      "        two",
    ]);
  });
});

describe("small things", () => {
  it("counts contributions in a fixed order", () => {
    expect(provisionText({ mcp: 2, skill: 1, unheard: 3 })).toBe("1 skill, 2 MCP servers, 3 unheards");
    expect(provisionText({})).toBe("nothing");
  });

  it("writes sizes in decimal units", () => {
    expect([0, 999, 1000, 1_500_000, 2e9].map(bytesText)).toEqual(["0 B", "999 B", "1.0 kB", "1.5 MB", "2.0 GB"]);
  });

  it("aligns columns whatever is marked", () => {
    expect(
      plain(
        columns(
          [
            [bold("a"), "b"],
            ["ccc", "d"],
          ],
          " ",
        ),
      ),
    ).toEqual([" a    b", " ccc  d"]);
  });

  it("says what a finding dropped", () => {
    const lines = diagnosticLines({ code: "E_SCHEMA", severity: "error", message: "no name", dropped: "skill" });
    expect(plain(lines)).toEqual(["error: no name; the skill is dropped (E_SCHEMA)"]);
  });

  it("turns a failed system call into E_IO", async () => {
    const error = Object.assign(new Error("x"), { code: "ENOSPC", syscall: "write", path: "/p" });
    expect((await reportOf(error)).code).toBe("E_IO");
    expect((await reportOf(new Error("x"))).code).toBe("E_INTERNAL");
  });
});
