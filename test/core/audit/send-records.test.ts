import { describe, expect, it } from "vitest";
import { exportAudit, openAudit } from "../../../core/audit/index.ts";
import { sendRecords } from "../../../core/audit/send-records.ts";
import { collector } from "../../support/otlp-collector.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const at = new Date("2026-03-01T12:00:00.123Z");

function written(home: TemporaryHome, count: number): readonly string[] {
  const log = openAudit(home.path("audit"), () => at);
  for (let index = 0; index < count; index += 1) {
    const outcome = (["allowed", "denied", "failed"] as const)[index % 3] ?? "done";
    const detail = { purpose: "hook", args: ["-c", "true"], nested: { exit: 1.5, on: true, none: null } };
    log.append({ action: "process start", subject: `p${String(index)}@acme`, outcome, detail });
  }
  return [...exportAudit(home.path("audit"), {})];
}

describe("records that are sent to a collector", () => {
  it("arrive as log records of OTLP, every field of them, in requests of 500", async () => {
    using home = temporaryHome();
    await using server = await collector();
    const lines = written(home, 501);
    expect(await sendRecords(lines, { url: server.url, version: "1.2.3" })).toBe(501);
    expect(server.requests.map(({ path, type, records }) => [path, type, records.length])).toEqual([
      ["/v1/logs", "application/json", 500],
      ["/v1/logs", "application/json", 1],
    ]);
    expect(server.requests[0]?.resource).toMatchObject({ "service.name": "plugsmith", "service.version": "1.2.3" });
    const arrived = server.requests.flatMap(({ records }) => records);
    expect(arrived.map(({ severity }) => severity).slice(0, 3)).toEqual([9, 13, 17]);
    expect(arrived[1]).toMatchObject({
      at: at.toISOString(),
      body: "process start p1@acme: denied",
      scope: "plugsmith.audit",
    });
    const rebuilt = arrived.map(({ at: when, attributes }) => ({
      at: when,
      ...Object.fromEntries(
        Object.entries(attributes).map(([key, value]) => [key.replace("plugsmith.audit.", ""), value]),
      ),
    }));
    expect(rebuilt).toEqual(lines.map((line) => JSON.parse(line)));
  });

  it.each([
    ["refuses them", { status: 401, body: "who are you?" }, /status 401/u],
    [
      "takes a part of them",
      { status: 200, body: { partialSuccess: { rejectedLogRecords: "2" } } },
      /rejectedLogRecords/u,
    ],
  ])("are told to be missing where a collector %s", async (_name, answer, says) => {
    using home = temporaryHome();
    await using server = await collector(answer);
    await expect(sendRecords(written(home, 3), { url: server.url, version: "1" })).rejects.toMatchObject({
      code: "E_NETWORK",
      message: expect.stringMatching(says),
      hint: expect.stringContaining("nothing was sent"),
    });
  });

  it("are none where there are none", async () => {
    await using server = await collector();
    expect(await sendRecords([], { url: server.url, version: "1" })).toBe(0);
    expect(server.requests).toEqual([]);
  });
});
