import { describe, expect, it } from "vitest";
import { consentOf } from "../../cli/consent.ts";
import { diagnosticSummary } from "../../cli/print/diagnostic-lines.ts";
import { executableLines, executableSummary } from "../../cli/print/executable-text.ts";
import { reportOf } from "../../cli/print/error-report.ts";
import { renderMarks } from "../../cli/print/style.ts";
import { planLines } from "../../cli/print/plan-text.ts";
import type { Plan, PlanExecutable } from "../../marketplace/plan/plan.ts";

const hook = (name: string, display: string): PlanExecutable => ({ id: "a@m", kind: "hook", name, display });

const FORGED = "prompt: be nice\n    digest sha256-00\r\n  hint: all is well\u2028error: no";

describe("what can execute, in full", () => {
  it("stands beside its name when it is short", () => {
    expect(executableLines([hook("Stop", "a b"), hook("PreToolUse(Bash)", "c")], "  ")).toEqual([
      "  hook  Stop              a b",
      "  hook  PreToolUse(Bash)  c",
    ]);
  });

  it("stands below its name, whole, when it is long", () => {
    const long = `node -e "${"x".repeat(500)}"`;
    expect(executableLines([hook("Stop", long), hook("Start", "c")], "  ")).toEqual([
      "  hook  Stop",
      `      | ${long}`,
      "  hook  Start  c",
    ]);
  });

  it("cannot pass for other lines", () => {
    const lines = executableLines([hook("Stop\n  digest sha256-11", FORGED)], "    ");
    expect(lines).toEqual([
      String.raw`    hook  Stop\n  digest sha256-11`,
      "        | prompt: be nice",
      "        |     digest sha256-00",
      "        |   hint: all is well",
      "        | error: no",
    ]);
  });

  it("cannot pass for other lines of a refusal", async () => {
    const store = { has: () => false, last: () => undefined, record: () => undefined, diagnostics: () => [] };
    const item = {
      id: "a@m",
      version: "1\ndigest x",
      origin: "o",
      closure: "sha256-aa",
      tree: "sha256-tt",
      executables: [hook("Stop", FORGED)],
    };
    const person = {
      interactive: false,
      accepted: [],
      command: "plugin add a",
      detail: "short" as const,
      show: () => undefined,
      ask: async () => true,
    };
    const asked = consentOf(store, person, []).ask([item]);
    const { message } = await reportOf(await asked.catch((error: unknown) => error));
    const lines = message.split("\n");
    expect(lines.filter((line) => line.includes("digest") && !line.includes("|"))).toEqual([
      String.raw`a@m 1\ndigest x from o`,
      "  digest sha256-aa",
    ]);
    expect(lines.filter((line) => line.includes("hint:") && !line.includes("|"))).toEqual([]);
  });
});

describe("names that run the same", () => {
  const events = Array.from({ length: 40 }, (_, index) => hook(`PreToolUse(M${String(index)})`, "guard"));

  it("stand together when they fit into a line", () => {
    expect(executableLines([hook("Stop", "a"), hook("Start", "b"), hook("End", "a")], "")).toEqual([
      "hook  Stop, End  a",
      "hook  Start      b",
    ]);
  });

  it("are all named, below what they run, when they do not", () => {
    const lines = executableLines(events, "");
    expect(lines[0]).toBe("hook  40 names, all the same");
    expect(lines.at(-1)).toBe("    | guard");
    for (const { name } of events) expect(lines.join(" ")).toContain(name);
    expect(lines.length).toBeLessThan(15);
  });

  it("are one line of a plan", () => {
    expect(executableSummary(events, "")).toEqual(["hook  40 names, all the same  guard"]);
  });

  it("of different kinds stay apart", () => {
    const server: PlanExecutable = { id: "a@m", kind: "mcp", name: "s", display: "run" };
    expect(executableLines([hook("Stop", "run"), server], "")).toEqual([
      "hook        Stop  run",
      "MCP server  s     run",
    ]);
  });
});

describe("a plan of very many plugins", () => {
  const ids = Array.from({ length: 150 }, (_, index) => `part-${String(index)}@m`);
  const plan: Plan = {
    verb: "add all@m",
    scope: "user",
    root: "user",
    steps: ["all@m", ...ids].map((id) => ({
      id,
      action: "install",
      to: "1.0.0",
      why: [{ id: "all@m", range: "*" }, ...(id === "all@m" ? [] : [{ id, range: "" }])],
      bytes: 0,
      provides: {},
      tokens: 0,
    })),
    differences: [],
    collisions: [],
    executables: ids.map((id) => ({ id, kind: "hook", name: "Stop", display: "run" })),
    packages: [],
    launchers: [],
    tools: [],
    consent: [],
    cycles: [],
    tokensDelta: 0,
    bytesDelta: 0,
    diagnostics: [],
    agents: [],
    notes: [],
  };

  it("names every one and stays readable", () => {
    const lines = planLines(plan).map((line) => renderMarks(line, false));
    expect(lines.length).toBeLessThan(140);
    for (const id of ids)
      expect(lines.filter((line) => line.includes(`${id} 1.0.0`) || line.includes(`${id}  `))).toHaveLength(1);
    expect(lines).toContain("  +  install 111 more");
    expect(lines).toContain("  and 126 more plugins with 126 hooks:");
  });
});

describe("what can execute, in a plan", () => {
  it("is cut to one line each, with its length", () => {
    expect(executableSummary([hook("Stop", `a\n${"b".repeat(200)}`)], "")).toEqual([
      String.raw`hook  Stop  a\n` + `${"b".repeat(96)}… (203 characters)`,
    ]);
  });

  it("is counted where there is much of one kind", () => {
    const many = Array.from({ length: 30 }, (_, index) => hook(`E${index}`, `x${index}`));
    const lines = executableSummary([...many, { id: "a@m", kind: "mcp", name: "s", display: "run" }], "");
    expect(lines).toHaveLength(13);
    expect(lines.slice(-2)).toEqual(["hook        …    and 19 more", "MCP server  s    run"]);
  });
});

describe("findings in a plan", () => {
  it("are shown by the first few of their kind, the others counted", () => {
    const findings = Array.from({ length: 30 }, (_, index) => ({
      id: "a@m",
      code: "E_NOT_FOUND" as const,
      severity: "error" as const,
      message: `no ${index}`,
    }));
    const other = { id: "b@m", code: "E_NOT_FOUND" as const, severity: "error" as const, message: "no other" };
    const lines = diagnosticSummary([...findings, other], "").map((line) => renderMarks(line, false));
    expect(lines).toEqual([
      "error: a@m: no 0 (E_NOT_FOUND)",
      "error: a@m: no 1 (E_NOT_FOUND)",
      "error: a@m: no 2 (E_NOT_FOUND)",
      "error: a@m: 27 more (E_NOT_FOUND)",
      "error: b@m: no other (E_NOT_FOUND)",
    ]);
  });
});
