import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { redactArguments } from "../../../core/audit/redact-arguments.ts";
import { openAudit, verifyAudit } from "../../../core/audit/index.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { canary } from "../../support/canary.ts";

const now = (): Date => new Date("2026-03-01T12:00:00.000Z");

/** Writes a sealed segment of four records and its seal; returns its path. */
function writeSegment(home: TemporaryHome): { readonly file: string } {
  const log = openAudit(home.path("audit"), now);
  for (const subject of ["a@m", "b@m", "c@m", "d@m"]) log.append({ action: "install", subject, outcome: "done" });
  log.seal();
  return { file: home.path("audit", readdirSync(home.path("audit")).at(-1) ?? "") };
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
    expect(verifyAudit(home.path("audit"), []).diagnostics).toEqual([]);
  });

  it("goes on in another segment after a seal, and when one has grown large", () => {
    using home = temporaryHome();
    writeSegment(home);
    const log = openAudit(home.path("audit"), now, { segmentBytes: 1_000 });
    for (let count = 0; count < 10; count += 1) log.append({ action: "add", subject: "e@m", outcome: "allowed" });
    log.seal();
    const { segments, records, diagnostics } = verifyAudit(home.path("audit"), []);
    expect({ segments, records, diagnostics }).toEqual({ segments: 4, records: 5 + 10 + 3, diagnostics: [] });
  });

  it("names segments in the order in which they were begun, also when the clock goes back", () => {
    using home = temporaryHome();
    const { file } = writeSegment(home);
    const log = openAudit(home.path("audit"), () => new Date("2025-03-01T12:00:00.000Z"));
    log.append({ action: "add", subject: "e@m", outcome: "allowed" });
    log.seal();
    expect(readdirSync(home.path("audit")).map((name) => home.path("audit", name))).toEqual([
      file,
      file.replace("000Z", "001Z"),
    ]);
  });

  it("CR04: takes back a record that did not fit on the disk, and goes on after it", () => {
    using home = temporaryHome();
    const child = fileURLToPath(new URL("append-child.ts", import.meta.url));
    // A file may grow to this size and no further: the write of a longer record stops in the middle of it.
    const words = ["--fsize=2000", process.execPath, "--conditions=source", child, home.path("audit")];
    const { stdout } = spawnSync("prlimit", words, { encoding: "utf8" });
    expect(stdout).toBe("done E_IO E_IO done\n");
    const { records, diagnostics } = verifyAudit(home.path("audit"), []);
    expect({ records, diagnostics }).toEqual({ records: 3, diagnostics: [] });
  });

  it("SC04: records no credentials", () => {
    using home = temporaryHome();
    const secret = canary();
    const log = openAudit(home.path("audit"), now);
    log.append({
      action: "add",
      subject: `https://user:${secret}@host.example/o/r.git`,
      outcome: "failed",
      detail: {
        url: `https://${secret}@host.example/x?ref=main`,
        nested: [{ text: `see https://a@${secret}@h.example/ and https://h.example/?access_token=${secret}&x=1` }],
        apiToken: secret,
        ssh: "ssh://git@host.example/o/r",
        rule: { key: "blockedMarketplaces", file: "/etc/x" },
        tokens: 12,
      },
    });
    log.seal();
    const text = readdirSync(home.path("audit"))
      .map((name) => readFileSync(home.path("audit", name), "utf8"))
      .join("");
    expect(text).not.toContain(secret);
    expect(text).toContain("ssh://git@host.example/o/r");
    expect(text).toContain('"rule":{"key":"blockedMarketplaces","file":"/etc/x"},"tokens":12');
    expect(text).toContain("&x=1");
  });

  it("only warns about a segment whose process was killed, whole or torn", () => {
    using home = temporaryHome();
    const { file } = writeSegment(home);
    const { pid } = spawnSync("true");
    const left = file.replace(String(process.pid), String(pid));
    const log = openAudit(home.path("audit"), now);
    log.append({ action: "add", subject: "open@m", outcome: "done" });
    expect(verifyAudit(home.path("audit"), []).diagnostics).toEqual([]);
    writeFileSync(left, "");
    expect(verifyAudit(home.path("audit"), []).diagnostics).toMatchObject([
      { code: "W_AUDIT_UNSEALED", severity: "warning" },
    ]);
    writeFileSync(left, '{"sequence":1,"at":"2026');
    expect(verifyAudit(home.path("audit"), []).diagnostics).toMatchObject([{ code: "W_AUDIT_UNSEALED", line: 1 }]);
    expect(log.heads()).toHaveLength(1);
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
