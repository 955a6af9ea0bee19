import { spawnSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { redactArguments } from "../../../core/audit/redact-arguments.ts";
import { openAudit, verifyAudit } from "../../../core/audit/index.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const now = (): Date => new Date("2026-03-01T12:00:00.000Z");

/** Writes a sealed segment of four records and its seal; returns its path and its head before the seal. */
function writeSegment(home: TemporaryHome): { readonly file: string; readonly head: string } {
  const log = openAudit(home.path("audit"), now);
  for (const subject of ["a@m", "b@m", "c@m", "d@m"]) log.append({ action: "install", subject, outcome: "done" });
  const head = log.heads()[0] ?? "";
  log.seal();
  const name = readdirSync(home.path("audit")).at(-1) ?? "";
  return { file: home.path("audit", name), head };
}

function edit(file: string, change: (lines: string[]) => readonly string[]): void {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  writeFileSync(
    file,
    change(lines)
      .map((line) => `${line}\n`)
      .join(""),
  );
}

describe("the audit log", () => {
  it("creates nothing until something is recorded", () => {
    using home = temporaryHome();
    const log = openAudit(home.path("audit"), now);
    expect(log.heads()).toEqual([]);
    log.seal();
    expect(readdirSync(home.directory)).toEqual([]);
  });

  it("writes one private segment a process whose records name each other", () => {
    using home = temporaryHome();
    const { file } = writeSegment(home);
    expect(readdirSync(home.path("audit"))).toEqual([`20260301T120000.000Z-${process.pid}.jsonl`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const records = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(
      records.map(({ sequence, action, subject, outcome, at }) => [sequence, action, subject, outcome, at])[1],
    ).toEqual([2, "install", "b@m", "done", "2026-03-01T12:00:00.000Z"]);
    expect(records.slice(1).map((record) => record["previous"])).toEqual(
      records.slice(0, -1).map((record) => record["hash"]),
    );
    expect(verifyAudit(home.path("audit"), [])).toEqual([]);
  });

  it("starts another segment after a seal and gives the newest hash of each, its own first", () => {
    using home = temporaryHome();
    writeSegment(home);
    const log = openAudit(home.path("audit"), now);
    log.append({ action: "add", subject: "e@m", outcome: "allowed" });
    const heads = log.heads();
    log.append({ action: "add", subject: "f@m", outcome: "denied" });
    expect([heads.length, new Set(heads).size, log.heads()[1] === heads[1], log.heads()[0] === heads[0]]).toEqual([
      2,
      2,
      true,
      false,
    ]);
    expect(readdirSync(home.path("audit"))).toHaveLength(2);
    log.seal();
    expect(verifyAudit(home.path("audit"), heads)).toEqual([]);
  });

  it("SC04: records no credentials", () => {
    using home = temporaryHome();
    const canary = "canary-7f3a";
    const log = openAudit(home.path("audit"), now);
    log.append({
      action: "add",
      subject: `https://user:${canary}@host.example/o/r.git`,
      outcome: "failed",
      detail: {
        url: `https://${canary}@host.example/x?ref=main`,
        nested: [{ text: `see https://a@${canary}@h.example/ and https://h.example/?access_token=${canary}&x=1` }],
        apiToken: canary,
        ssh: "ssh://git@host.example/o/r",
        rule: { key: "blockedMarketplaces", file: "/etc/x" },
        tokens: 12,
      },
    });
    log.seal();
    const text = readdirSync(home.path("audit"))
      .map((name) => readFileSync(home.path("audit", name), "utf8"))
      .join("");
    expect(text).not.toContain(canary);
    expect(text).toContain("ssh://git@host.example/o/r");
    expect(text).toContain('"rule":{"key":"blockedMarketplaces","file":"/etc/x"},"tokens":12');
    expect(text).toContain("&x=1");
  });

  const attacks: Readonly<Record<string, (file: string) => void>> = {
    "an edited field": (file) => edit(file, (lines) => lines.map((line) => line.replace('"b@m"', '"x@m"'))),
    "a removed record": (file) => edit(file, (lines) => lines.toSpliced(1, 1)),
    "two records that changed places": (file) => edit(file, ([a = "", b = "", c = "", ...rest]) => [a, c, b, ...rest]),
    "a removed first record": (file) => edit(file, (lines) => lines.slice(1)),
    "a record after the seal": (file) => {
      const last = readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
      appendFileSync(file, `${last}\n`);
    },
    "a line that is no record": (file) => edit(file, (lines) => lines.toSpliced(2, 0, '{"sequence":3}')),
    "a renamed segment": (file) => renameSync(file, file.replace("2026", "2025")),
  };
  for (const [name, attack] of Object.entries(attacks)) {
    it(`notices ${name}`, () => {
      using home = temporaryHome();
      attack(writeSegment(home).file);
      const found = verifyAudit(home.path("audit"), []);
      expect(found.filter(({ severity }) => severity === "error")[0]).toMatchObject({ code: "E_INTEGRITY" });
    });
  }

  it("notices that records a generation anchors were cut off or removed with their segment", () => {
    using home = temporaryHome();
    const { file, head } = writeSegment(home);
    expect(verifyAudit(home.path("audit"), [head])).toEqual([]);
    edit(file, (lines) => lines.slice(0, 2));
    expect(
      verifyAudit(home.path("audit"), [head]).map(({ code, message }) => [code, message.includes(head)]),
    ).toContainEqual(["E_INTEGRITY", true]);
    rmSync(file);
    expect(verifyAudit(home.path("audit"), [head])).toMatchObject([{ code: "E_INTEGRITY", severity: "error" }]);
  });

  it("only warns about a segment whose process was killed, whole or torn", () => {
    using home = temporaryHome();
    const { file } = writeSegment(home);
    const { pid } = spawnSync("true");
    const left = file.replace(String(process.pid), String(pid));
    const log = openAudit(home.path("audit"), now);
    log.append({ action: "add", subject: "open@m", outcome: "done" });
    expect(verifyAudit(home.path("audit"), [])).toEqual([]);
    writeFileSync(left, "");
    expect(verifyAudit(home.path("audit"), [])).toMatchObject([{ code: "W_AUDIT_UNSEALED", severity: "warning" }]);
    writeFileSync(left, '{"sequence":1,"at":"2026');
    expect(verifyAudit(home.path("audit"), [])).toMatchObject([{ code: "W_AUDIT_UNSEALED", line: 1 }]);
    expect(log.heads()).toHaveLength(2);
    log.seal();
  });
});

describe("the words of a command line in the log", () => {
  it.each([
    [
      ["--token", "x"],
      ["--token", "***"],
    ],
    [
      ["--api-key=x", "-H", "Authorization: Bearer abcdefgh"],
      ["--api-key=***", "-H", "Authorization: ***"],
    ],
    [["GITHUB_TOKEN=x node server.js"], ["GITHUB_TOKEN=*** node server.js"]],
    [
      ["-c", "curl -u me:pw https://me:pw@host/?sig=x"],
      ["-c", "curl -u me:*** https://***@host/?sig=***"],
    ],
    [
      ["--token", "--verbose"],
      ["--token", "--verbose"],
    ],
    [
      ["token=$TOKEN", "--max-tokens", "5"],
      ["token=$TOKEN", "--max-tokens", "5"],
    ],
    [
      ["run", "tests", "--author", "Ann"],
      ["run", "tests", "--author", "Ann"],
    ],
    [['{"password": "x"}'], ['{"password": "***"}']],
  ])("%j becomes %j", (args, expected) => {
    expect(redactArguments(args)).toEqual(expected);
  });

  it("hold no value that is known to be secret", () => {
    expect(redactArguments(["a", "xcanaryx", "canary"], ["canary", ""])).toEqual(["a", "x***x", "***"]);
  });
});
