import { mkdirSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { queryAudit, verifyAudit } from "../../core/audit/index.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { type Fault, type Syscall, traced } from "./syscalls.ts";

const CHILD = fileURLToPath(new URL("start-programs-child.ts", import.meta.url));

/** What a process does to record and to start a program, beside what changes a disk. */
const STARTING_CALLS = ["openat", "clone", "clone3", "fork", "vfork", "pipe2", "socketpair"];

/** How many of the points close to a start a sample takes; without one every point is. */
const SAMPLE = 6;
const isSample = process.env["FAULTS_SAMPLE"] !== undefined;

const LANES = 2;

/** A program that had this long has said that it ran. */
const RAN_WITHIN_MS = 300;

/** A record that is about to be written, or a program that is about to start: a sample looks there. */
function isClose({ name, paths }: Syscall): boolean {
  return /^(?:v?fork|clone3?)$/u.test(name) || (name === "write" && paths.some((path) => path.endsWith(".jsonl")));
}

interface Run {
  readonly calls: readonly Syscall[];
  readonly wasHit: boolean;
  readonly ran: readonly string[];
  readonly recorded: readonly unknown[];
  readonly errors: readonly unknown[];
}

async function run(fault?: Fault): Promise<Run> {
  using home = temporaryHome();
  mkdirSync(home.path("ran"));
  const place = {
    cwd: home.directory,
    environment: { PATH: process.env["PATH"] ?? "" },
    log: home.path("trace"),
    also: STARTING_CALLS,
    program: ["--conditions=source", CHILD],
  };
  const { calls, hit, exit } = await traced([home.path("audit"), home.path("ran")], place, fault);
  if (fault === undefined) expect(exit).toBe(0);
  else await sleep(RAN_WITHIN_MS);
  const { records } = queryAudit(home.path("audit"), { actions: ["process start"] }, 100);
  return {
    calls,
    wasHit: hit !== undefined,
    ran: readdirSync(home.path("ran")),
    recorded: records.map(({ detail }) => detail?.["purpose"]),
    errors: verifyAudit(home.path("audit"), []).diagnostics.filter(({ severity }) => severity === "error"),
  };
}

it("no program runs without its record, wherever the host is killed, and the log stays whole", async () => {
  const whole = await run();
  expect(whole.ran).toHaveLength(3);
  expect([...whole.recorded].sort()).toEqual([...whole.ran].sort());
  const first = whole.calls.findIndex(({ paths }) => paths.some((path) => path.endsWith(".jsonl")));
  const points = whole.calls.slice(first).filter(({ thread }) => thread === 0);
  expect(points.length).toBeGreaterThan(10);
  const close = points.filter(isClose);
  const chosen = isSample
    ? Array.from({ length: SAMPLE }, (_, at) => close[Math.floor((at * close.length) / SAMPLE)])
    : points;
  let [hit, ran, recorded] = [0, 0, 0];
  const kill = async (point: Syscall | undefined): Promise<void> => {
    if (point === undefined) return;
    const { name, ordinal } = point;
    const killed = await run({ name, ordinal, effect: "KILL" });
    expect({ at: `${name} ${String(ordinal)}`, errors: killed.errors }).toMatchObject({ errors: [] });
    expect(killed.recorded).toEqual(expect.arrayContaining([...killed.ran]));
    hit += Number(killed.wasHit);
    ran += killed.ran.length;
    recorded += killed.recorded.length;
  };
  // Side by side, as many as a small machine has processors for.
  for (let at = 0; at < chosen.length; at += LANES) await Promise.all(chosen.slice(at, at + LANES).map(kill));
  console.log(
    `write-ahead: ${String(points.length)} points in the trace, ${String(chosen.length)} wanted, ${String(hit)} hit; ` +
      `${String(recorded)} records, ${String(ran)} programs ran, 0 without a record`,
  );
  expect(hit).toBe(chosen.length);
  expect(ran).toBeGreaterThan(0);
});
