import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sessionHost } from "../../support/session-host.ts";

const CHILD = fileURLToPath(new URL("append-child.ts", import.meta.url));
const KILLS = 3;

describe("a session whose process is killed", () => {
  it("keeps every entry that was appended, is free at once, and can go on", async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await using test = await sessionHost({ builtins: [] });
      const child = spawn(process.execPath, ["--conditions=source", CHILD, test.home.directory], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (data: string) => {
        said += data;
        if (said.split("\n").length > 20 + kill * 7) child.kill("SIGKILL");
      });
      await closed;
      const [id = "", ...turns] = said.split("\n").slice(0, -1);
      const session = await test.open({ resume: id });
      const last = Number(turns.at(-1));
      expect(last).toBeGreaterThan(10);
      expect(session.messages.length).toBeGreaterThanOrEqual(last * 4);
      expect(session.messages.at(-1)?.role).toBe("assistant");
      session.append({ role: "user", content: [{ type: "text", text: "go on" }] });
    }
  });
});
