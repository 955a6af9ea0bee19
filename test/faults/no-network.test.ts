import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { type Place, place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/** A machine on which everything was fetched once, and a project of a teammate with its lock. */
async function warm(): Promise<Place> {
  const at = place();
  const market = taggedMarket("acme", at.path("acme.git"));
  market.release({
    app: { version: "1.0.0", dependencies: ["kit"] },
    kit: { version: "1.0.0" },
    spare: { version: "1.0.0" },
  });
  at.write("project/.git/HEAD", "");
  await at.ok(["marketplace", "add", market.url]);
  await at.ok(["add", "app@acme", "--scope", "project"], { cwd: "project" });
  await at.ok(["add", "spare@acme"]);
  await at.ok(["add", "kit@acme"]);
  await at.ok(["remove", "spare@acme"]);
  return at;
}

const COMMANDS: readonly (readonly string[])[] = [
  ["list"],
  ["list", "--check"],
  ["info", "app@acme"],
  ["why", "kit@acme"],
  ["search", "kit"],
  ["outdated", "--offline"],
  ["generations"],
  ["verify"],
  ["sync", "--frozen"],
  ["add", "spare@acme", "--offline"],
  ["disable", "spare@acme"],
  ["rollback"],
];

describe("a machine without any network", () => {
  it("does everything that needs none, and does not even try", async () => {
    using at = await warm();
    const home = at.path("home");
    const tried: string[] = [];
    for (const words of COMMANDS) {
      const log = at.path("connections.log");
      const argv = ["--net", "strace", "-f", "-qq", "-o", log, "-e", "trace=connect,sendto", process.execPath];
      const done = spawnSync("unshare", [...argv, join(inject("bundle"), "plugin.js"), ...words], {
        cwd: at.path("project"),
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: home, PLUGSMITH_HOME: home, PLUGSMITH_AGENTS: "off" },
      });
      expect({ words, status: done.status, output: done.status === 0 ? "" : done.stdout + done.stderr }).toEqual({
        words,
        status: 0,
        output: "",
      });
      if (!existsSync(log)) throw new Error("strace wrote no log");
      tried.push(
        ...readFileSync(log, "utf8")
          .split("\n")
          .filter((line) => /AF_INET/u.test(line))
          .map((line) => `${words.join(" ")}: ${line}`),
      );
    }
    expect(tried).toEqual([]);
    console.log(`no network: ${COMMANDS.length} commands, ${tried.length} attempts to connect`);
  });
});
