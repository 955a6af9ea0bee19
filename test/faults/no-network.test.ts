import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { GitServer } from "../support/git-server.ts";
import { type Place, place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/**
 * A machine on which everything was fetched once over the network, a project of a teammate with its lock, and a bundle of that
 * project for a machine that never had a network.
 */
async function warm(): Promise<Place> {
  const at = place();
  const market = taggedMarket("acme", at.path("acme.git"));
  market.release({
    app: { version: "1.0.0", dependencies: ["kit"] },
    kit: { version: "1.0.0" },
    spare: { version: "1.0.0" },
  });
  const server = await GitServer.start(at.directory);
  at.write("project/.git/HEAD", "");
  at.write("other-project/.git/HEAD", "");
  await at.ok(["marketplace", "add", server.url("acme.git")]);
  await at.ok(["add", "app@acme", "--scope", "project"], { cwd: "project" });
  await at.ok(["add", "spare@acme"]);
  await at.ok(["add", "kit@acme"]);
  await at.ok(["remove", "spare@acme"]);
  await at.ok(["bundle", "export", at.path("all.tar")], { cwd: "project" });
  await server.stop();
  return at;
}

interface Command {
  readonly words: readonly string[];
  readonly home: string;
  readonly cwd: string;
}

const HERE = { home: "home", cwd: "project" };
const CLOSED = { home: "closed", cwd: "other-project" };

const COMMANDS: readonly Command[] = [
  ...[
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
  ].map((words) => ({ words, ...HERE })),
  ...[
    ["bundle", "import", "../all.tar", "--scope", "project"],
    ["sync", "--frozen"],
    ["verify"],
    ["list", "--check"],
  ].map((words) => ({ words, ...CLOSED })),
];

/** Runs one command in a namespace without interfaces. Returns the calls that were to reach a network, of all its processes. */
function alone(
  at: Place,
  { words, home, cwd }: Command,
): { readonly exit: number | null; output: string; tried: string[] } {
  const log = at.path("connections.log");
  rmSync(log, { force: true });
  const argv = ["--net", "strace", "-f", "-qq", "-o", log, "-e", "trace=connect,sendto", process.execPath];
  const { status, stdout, stderr } = spawnSync("unshare", [...argv, join(inject("bundle"), "plugin.js"), ...words], {
    cwd: at.path(cwd),
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: at.path(home), PLUGSMITH_HOME: at.path(home), PLUGSMITH_AGENTS: "off" },
  });
  const tried = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => /AF_INET/u.test(line));
  return { exit: status, output: stdout + stderr, tried };
}

describe("a machine without any network", () => {
  it("does everything that needs none, and does not even try", async () => {
    using at = await warm();
    const tried: string[] = [];
    for (const command of COMMANDS) {
      const done = alone(at, command);
      const { words } = command;
      expect({ words, exit: done.exit, output: done.exit === 0 ? "" : done.output }).toEqual({
        words,
        exit: 0,
        output: "",
      });
      tried.push(...done.tried.map((line) => `${words.join(" ")}: ${line}`));
    }
    expect(tried).toEqual([]);
    expect(at.holds("other-project", "closed")).toEqual(["app@acme 1.0.0", "kit@acme 1.0.0"]);
    const update = alone(at, { words: ["marketplace", "update"], ...HERE });
    expect(`${update.exit ?? ""} ${update.output}`).toMatch(/^1 .*127\.0\.0\.1/su);
    // What needs the network is seen to try, so that nothing above went unseen.
    expect(update.tried.length).toBeGreaterThan(0);
    console.log(`no network: ${COMMANDS.length} commands, ${tried.length} attempts to connect`);
  });
});
