import { type ChildProcess, fork, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { MirrorCounts } from "../docs/examples/mirror.ts";
import { GitServer } from "../test/support/git-server.ts";
import { RegistryServer } from "../test/support/registry-server.ts";
import type { FleetResult, FleetTask } from "./fleet-client.ts";
import { pluginFiles, plainPlugins, writeMarketRepository } from "./fixtures.ts";
import { timeOnce } from "./measure.ts";
import { BenchHome } from "./program.ts";
import { type Conversation, replay, startRecorder } from "./replay.ts";

const { values } = parseArgs({
  options: {
    /** Syncs that are really done. */
    syncs: { type: "string", default: "500" },
    /** Machines with an empty home whose questions are put to the mirror as a recorded one put them. */
    replays: { type: "string", default: "5000" },
    /** Of a hundred syncs, how many have an empty home. */
    cold: { type: "string", default: "2" },
    /** Of a hundred syncs, how many first ask every marketplace for news; the rest asks the one that is a file. */
    asks: { type: "string", default: "5" },
    workers: { type: "string", default: "2" },
    minutes: { type: "string", default: "10" },
    directory: { type: "string", default: "/dev/shm" },
  },
});
const [syncs, cold, asks] = [Number(values.syncs), Number(values.cold), Number(values.asks)];
const deadlineMs = Number(values.minutes) * 60_000;
const CLIENTS_AT_ONCE = 16;
const FROM_GIT = 10;
const FROM_NPM = 2;

/** Upstream's files: the catalog of the plugins that are packages. */
function catalogServer(text: string) {
  const etag = `"${createHash("sha256").update(text).digest("hex")}"`;
  return createServer((request, response) => {
    const isKnown = request.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : 200, { etag, "content-type": "application/json" }).end(isKnown ? "" : text);
  });
}

function publishPackages(registry: RegistryServer): string {
  const packages = Array.from({ length: FROM_NPM }, (_, at) => ({ name: `packed-${String(at)}`, version: "1.0.0" }));
  for (const each of packages) registry.publish(each, Object.fromEntries(pluginFiles(each)));
  const plugins = packages.map(({ name }) => ({ name, source: { source: "npm", package: name, version: "^1.0.0" } }));
  return JSON.stringify({ name: "packed", owner: { name: "fleet" }, plugins });
}

/** Starts the mirror as the one process that it is in the guide; answers with its address. */
async function startMirror(args: readonly string[]): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const program = fileURLToPath(new URL("../docs/examples/serve-mirror.ts", import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const { promise, resolve } = Promise.withResolvers<string>();
  child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
  return { url: await promise, child };
}

function kindOf(number: number): FleetTask["kind"] {
  const place = (number * 37) % 100;
  return place < cold ? "cold" : place < cold + asks ? "asks" : "warm";
}

/** Hands out the tasks, each worker its next as soon as it is free; stops handing out at the deadline. */
async function runAll(
  work: string,
  kinds: (number: number) => FleetTask["kind"],
  syncs: number,
): Promise<readonly FleetResult[]> {
  const program = fileURLToPath(new URL("fleet-client.ts", import.meta.url));
  const results: FleetResult[] = [];
  const end = Date.now() + deadlineMs;
  let next = 0;
  const workers = Array.from({ length: Number(values.workers) }, async () => {
    const child = fork(program, [work], { execArgv: ["--conditions=source"] });
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const give = (): void => {
      if (next >= syncs || Date.now() > end) return child.disconnect();
      child.send({ kind: kinds(next), number: next } satisfies FleetTask);
      next += 1;
    };
    child.on("message", (result: FleetResult) => {
      results.push(result);
      give();
    });
    child.on("exit", (code) => (code === 0 ? resolve(undefined) : reject(new Error("a client failed"))));
    give();
    await promise;
  });
  await Promise.all(workers);
  return results;
}

/** Every client puts all questions of the recording, one connection after the other. */
async function replayAll(recording: readonly Conversation[], port: number) {
  const started = performance.now();
  const times: number[] = [];
  let left = Number(values.replays);
  const clients = Array.from({ length: CLIENTS_AT_ONCE }, async () => {
    while (left > 0) {
      left -= 1;
      times.push(await replay(recording, port));
    }
  });
  await Promise.all(clients);
  return { times: times.toSorted((a, b) => a - b), seconds: (performance.now() - started) / 1000 };
}

function percentile(sorted: readonly number[], share: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? "-" : `${value.toFixed(0)} ms`;
}

const work = mkdtempSync(join(values.directory, "plugsmith-fleet-"));
const served = join(work, "upstream");
writeMarketRepository(join(served, "team.git"), "team", plainPlugins(20));
const git = await GitServer.start(served);
const registry = await new RegistryServer().listen();
const files = catalogServer(publishPackages(registry));
await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
// A server that listens on a port has an address with one.
const filesUrl = `http://127.0.0.1:${String((files.address() as AddressInfo).port)}/`;
const upstreams = ["--git", git.url(""), "--npm", registry.url, "--files", filesUrl];
const mirrored = await startMirror([...upstreams, "--directory", join(work, "mirror"), "--fresh", "3600"]);
// Clients name the recorder as their mirror, so that one of them can be recorded.
const recorder = await startRecorder(Number(new URL(mirrored.url).port));
const url = `http://127.0.0.1:${String(recorder.port)}/`;
try {
  // The lock, made once by the program as a person would, through the mirror.
  const npmrc = `registry=${url}npm/\n`;
  writeFileSync(join(work, "npmrc"), npmrc);
  const author = new BenchHome(join(work, "warm"), "home");
  writeFileSync(join(work, "warm", ".npmrc"), npmrc);
  await author.run(["marketplace", "add", `${url}git/team.git`]);
  await author.run(["marketplace", "add", `${url}files/marketplace.json`]);
  const project = join(work, "project");
  mkdirSync(project);
  const ids = [
    ...plainPlugins(FROM_GIT).map(({ name }) => `${name}@team`),
    ...Array.from({ length: FROM_NPM }, (_, at) => `packed-${String(at)}@packed`),
  ];
  await timeOnce(author.plugin(["add", ...ids, "--yes", "--scope", "project"], project));
  const counts = async (): Promise<MirrorCounts> =>
    (await (await fetch(`${mirrored.url}counts`)).json()) as MirrorCounts;
  const before = await counts();
  const upstreamBefore = git.requests.length + registry.requests.length;

  const started = performance.now();
  const results = await runAll(work, kindOf, syncs);
  const seconds = (performance.now() - started) / 1000;
  const after = await counts();

  console.log(
    `${String(results.length)} of ${String(syncs)} syncs of one lock (${String(ids.length)} plugins) in ${seconds.toFixed(0)} s`,
  );
  console.log(
    `${values.workers} client processes, one mirror process, homes on ${values.directory}; each sync has a home of its own`,
  );
  for (const kind of ["cold", "asks", "warm"] as const) {
    const times = results.filter((each) => each.kind === kind).map(({ elapsedMs }) => elapsedMs);
    const sorted = times.toSorted((a, b) => a - b);
    console.log(
      `  ${kind.padEnd(5)} ${String(times.length).padStart(5)}  p50 ${percentile(sorted, 0.5)}  p99 ${percentile(sorted, 0.99)}`,
    );
  }
  console.log(
    `asked of the mirror: ${String(after.requests - before.requests - 1)} requests, ${String(after.sentBytes - before.sentBytes)} bytes sent`,
  );
  console.log(
    `  answered from memory ${String(after.fromMemory - before.fromMemory)}, of these 304 ${String(after.notModified - before.notModified)}; git was started ${String(after.gitAnswers)} times in all`,
  );
  console.log(
    `asked of upstream: ${String(after.upstreamFetches)} fetch of 1 repository in all, ${String(after.upstreamRequests)} requests for documents and packages in all`,
  );
  console.log(`  during the syncs: ${String(git.requests.length + registry.requests.length - upstreamBefore)}`);
  const recording = recorder.record();
  const [recorded] = await runAll(work, () => "cold", 1);
  const replayed = await replayAll(recording, Number(new URL(mirrored.url).port));
  const last = await counts();
  console.log(
    `the questions of one cold sync (${String(recording.length)} connections, ${String(recorded?.plugins)} plugins) put by ${String(replayed.times.length)} clients, ${String(CLIENTS_AT_ONCE)} at once, in ${replayed.seconds.toFixed(0)} s`,
  );
  console.log(`  p50 ${percentile(replayed.times, 0.5)}  p99 ${percentile(replayed.times, 0.99)}`);
  console.log(
    `  ${String(last.requests - after.requests)} requests, ${String(last.sentBytes - after.sentBytes)} bytes sent, ${String(last.fromMemory - after.fromMemory)} from memory, upstream fetches ${String(last.upstreamFetches - after.upstreamFetches)}, upstream requests ${String(last.upstreamRequests - after.upstreamRequests)}`,
  );
  const wrong = results.filter(({ plugins }) => plugins !== ids.length).length;
  if (wrong > 0 || results.length < syncs || last.upstreamFetches !== 1) process.exitCode = 1;
  if (wrong > 0) console.error(`${String(wrong)} syncs did not install what the lock says`);
} finally {
  recorder.close();
  mirrored.child.kill();
  await git.stop();
  await registry[Symbol.asyncDispose]();
  files.close();
  rmSync(work, { recursive: true, force: true });
}
