import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exportAudit, openAudit, queryAudit, type AuditQuery } from "../../../core/audit/index.ts";
import type { AuditRecord } from "../../../plugin-api/service-contracts.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const at = (day: number): Date => new Date(Date.UTC(2026, 2, day, 12));

const RECORDS: readonly (AuditRecord & { readonly day: number })[] = [
  { day: 1, action: "consent", subject: "add", outcome: "denied", detail: { closures: ["fmt@acme sha256-1"] } },
  { day: 2, action: "commit", subject: "add", outcome: "allowed", detail: { plugins: ["fmt@acme 1.0.0 sha256-2"] } },
  { day: 3, action: "process start", subject: "fmt@acme", outcome: "allowed", detail: { purpose: "hook" } },
  { day: 3, action: "process start", subject: "fmt@other", outcome: "denied" },
  { day: 4, action: "plugsmith/tool", subject: "shell@builtin Bash", outcome: "allowed", detail: { by: "fmts@acme" } },
  { day: 5, action: "processes", subject: "fmt", outcome: "failed" },
];

/** Two processes that wrote in turn. */
function written(home: TemporaryHome): string {
  const directory = home.path("audit");
  let now = at(1);
  const logs = [openAudit(directory, () => now), openAudit(directory, () => now)];
  for (const [index, { day, ...record }] of RECORDS.entries()) {
    now = at(day);
    logs[index % 2]?.append(record);
  }
  for (const log of logs) log.seal();
  return directory;
}

describe("records of the audit log", () => {
  const queries: readonly { readonly name: string; readonly query: AuditQuery; readonly days: readonly number[] }[] = [
    { name: "since a time, which counts", query: { since: at(4) }, days: [4, 5] },
    { name: "until a time, which does not", query: { until: at(2) }, days: [1] },
    { name: "of a plugin, also where the detail names it", query: { plugins: ["fmt@acme"] }, days: [1, 2, 3] },
    { name: "of a plugin without its marketplace", query: { plugins: ["fmt"] }, days: [1, 2, 3, 3] },
    { name: "of several plugins", query: { plugins: ["fmt@other", "shell"] }, days: [3, 4] },
    { name: "of actions by their first words", query: { actions: ["process"] }, days: [3, 3] },
    { name: "of one outcome", query: { outcomes: ["denied"] }, days: [1, 3] },
    { name: "of everything together", query: { outcomes: ["denied"], actions: ["process start"] }, days: [3] },
    { name: "of nothing", query: { plugins: ["gone@acme"] }, days: [] },
  ];
  it.each(queries)("are found $name", ({ query, days }) => {
    using home = temporaryHome();
    const without = new Set(["seal"]);
    const { records, matching } = queryAudit(written(home), { ...query, without }, 100);
    expect(records.map((record) => new Date(record.at).getUTCDate())).toEqual(days);
    expect(matching).toBe(days.length);
  });

  it("come in the order of time, the newest where there is a limit, and say when they were edited", () => {
    using home = temporaryHome();
    const directory = written(home);
    const [first = ""] = readdirSync(directory);
    const text = readFileSync(`${directory}/${first}`, "utf8");
    writeFileSync(`${directory}/${first}`, `${text.replace('"shell@builtin Bash"', '"shell@builtin Read"')}torn`);
    const { records, matching, unreadable } = queryAudit(directory, { since: at(3) }, 4);
    expect(records.map(({ action, edited }) => [action, edited])).toEqual([
      ["plugsmith/tool", true],
      ["seal", false],
      ["processes", false],
      ["seal", false],
    ]);
    expect([matching, unreadable]).toEqual([6, 1]);
  });

  it("are exported as the lines that they are, with the name of the segment in front", () => {
    using home = temporaryHome();
    const directory = written(home);
    const lines = [...exportAudit(directory, {})];
    const again = Map.groupBy(lines, (line): string => JSON.parse(line).segment);
    expect([...again.keys()]).toEqual(readdirSync(directory));
    for (const [segment, own] of again) {
      const stripped = own.map((line) => `{${line.slice(`{"segment":"${segment}",`.length)}\n`).join("");
      expect(stripped).toBe(readFileSync(`${directory}/${segment}`, "utf8"));
    }
    expect([...exportAudit(directory, { outcomes: ["failed"] })]).toHaveLength(1);
  });
});
