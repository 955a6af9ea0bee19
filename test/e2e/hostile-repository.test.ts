import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { VERBS, type VerbEntry } from "../../cli/verb-table.ts";
import type { VerbStep } from "../support/every-verb.ts";
import { fileDigests } from "../support/file-digests.ts";
import { hostileRepository } from "../support/hostile-repository.ts";
import { STRACE, systemCalls } from "../support/system-calls.ts";
import { temporaryHome } from "../support/temporary-home.ts";

/** Words after each verb that make it look at the repository; `OUT` is a folder outside of it. `ui` comes last, by itself. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  add: ["fmt@acme -s project", "./market/plugins/tool"],
  remove: ["fmt@acme -s project"],
  list: ["", "--check"],
  info: ["tool@near"],
  agents: [""],
  import: [""],
  doctor: ["--fix --yes"],
  enable: ["fmt@acme -s project"],
  disable: ["fmt@acme -s project"],
  update: ["-s project"],
  outdated: ["-s project"],
  diff: ["HEAD:plugins.json..plugins.json"],
  bisect: ["--good 0 -- true"],
  why: ["fmt@acme"],
  sync: ["", "--frozen", "--trust-workspace", "--lock-tools"],
  rollback: ["-s project"],
  generations: [""],
  trust: ["--list", "--dry-run"],
  verify: ["--repair"],
  "policy show": [""],
  "policy explain": ["fmt@acme"],
  "policy test": ["plugins.json"],
  "policy compile": ["--for claude --policy plugins.json"],
  "config list": [""],
  "config get": ["fmt style"],
  "config set": ["fmt style=plain"],
  "config unset": ["fmt style"],
  "audit query": [""],
  "audit verify": [""],
  "audit export": [""],
  "audit prune": ["--before 90d --yes"],
  "cache gc": ["--yes"],
  "cache path": [""],
  serve: [""],
  "bundle export": ["OUT/all.tar"],
  "bundle import": ["plugins.json"],
  sbom: [""],
  search: ["fmt"],
  "marketplace add": ["./market", "."],
  "marketplace list": [""],
  "marketplace update": [""],
  "marketplace remove": ["near"],
  "marketplace site": ["OUT/site"],
  "marketplace validate": ["."],
  new: ["thing --dir OUT/thing"],
  validate: ["."],
  dev: [". --once"],
  test: ["."],
  pack: [". --out OUT/site.tgz --allow .env --allow .npmrc"],
  release: ["--dry-run"],
  ui: [],
  completion: ["bash"],
};

/** What starts git: the system's own, with settings of ours above those of every file; `release` asks where it is, and no more. */
const OUR_GIT: ReadonlySet<string> = new Set(["add", "diff", "doctor", "new", "release", "sync", "update"]);
/** The step of a person who says that the marketplaces which `plugins.json` names may be gone to; no other step goes there. */
const ALLOWED = "sync 2";

const leaves = (entries: readonly VerbEntry[], before: string = ""): readonly string[] =>
  entries.flatMap(({ name, verbs }) => (verbs === undefined ? [`${before}${name}`] : leaves(verbs, `${name} `)));

/** Whether system calls cannot be watched here; where `CI` is `true` the test runs and fails instead. */
function skipsStrace(): boolean {
  const works = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
  if (!works) console.log("what verbs do in a stranger's repository: not tested here, because `strace` does not work");
  return !works && process.env["CI"] !== "true";
}

/** A server that hears whoever comes, and answers nobody. */
async function listener() {
  const server = createServer((socket) => void socket.on("error", () => undefined).destroy());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { address, url: `https://${address}`, [Symbol.dispose]: () => void server.close() };
}

describe.skipIf(skipsStrace())("TR04, TR01, GT07, PR15: in a repository that nobody trusts", () => {
  it("no verb, and no session, runs anything of it, writes into it or goes where it points", async () => {
    using files = temporaryHome();
    using named = await listener();
    using elsewhere = await listener();
    const ran = files.path("ran");
    const root = hostileRepository(files, { folder: "work/site", ran, named: named.url, elsewhere: elsewhere.url });
    files.write("out/model.mjs", 'export default () => "answer";\n');
    for (const folder of ["state", "person", "tmp"]) mkdirSync(files.path(folder));
    // A new verb needs words here.
    expect(Object.keys(WORDS).toSorted()).toEqual(leaves(VERBS).toSorted());
    const steps: VerbStep[] = Object.entries(WORDS).flatMap(([verb, lines]) =>
      lines.map((line, at) => ({
        name: `${verb} ${String(at)}`,
        program: "plugin",
        words: `${verb} ${line}`.trim().replace("OUT", files.path("out")).split(" "),
      })),
    );
    const model = ["--model", `scripted:${files.path("out/model.mjs")}`];
    const sessions = { boot: ["boot", "--tree"], skill: ["-p", "/evil", ...model], session: ["-p", "hello", ...model] };
    for (const [name, words] of Object.entries(sessions)) steps.push({ name, program: "plugsmith", words });
    steps.push({ name: "ui", program: "plugin", words: ["ui", "--no-open"], endless: true });
    const marks = files.path("state/marks");
    const told = { bundle: inject("bundle"), marks, results: files.path("state/exits.json"), steps };
    const before = fileDigests(files.path("work"));
    const record = files.path("state/calls.log");
    const program = [process.execPath, fileURLToPath(new URL("../support/every-verb.ts", import.meta.url))];
    const child = spawn(
      "strace",
      [...STRACE, "-o", record, ...program, files.write("state/steps.json", JSON.stringify(told))],
      {
        cwd: root,
        env: {
          PATH: `node_modules/.bin:${root}/node_modules/.bin:${process.env["PATH"] ?? ""}`,
          HOME: files.path("person"),
          PLUGSMITH_HOME: files.path("home"),
          TMPDIR: files.path("tmp"),
        },
        stdio: "ignore",
      },
    );
    await once(child, "close");

    const exits = JSON.parse(readFileSync(told.results, "utf8")) as Readonly<Record<string, number>>;
    const calls = systemCalls(readFileSync(record, "utf8"), marks, root);
    const own = ["home", "out", "state", "tmp"].map((name) => `${files.path(name)}/`);
    let programs = 0;
    const found: unknown[] = [];
    for (const { name } of steps) {
      const verb = name.replace(/ \d$/u, "");
      const { programs: started, contacts, writes } = calls.get(name.replaceAll(" ", "-")) ?? expect.fail(name);
      programs += started.length;
      const foreign = started.filter(
        (file) => !OUR_GIT.has(verb) || !basename(file).startsWith("git") || file.startsWith(files.path("work")),
      );
      const reached = contacts.filter((address) => name !== ALLOWED || address !== named.address);
      const written = writes.filter(
        (path) => !own.some((folder) => `${path}/`.startsWith(folder)) && !path.startsWith("/dev/"),
      );
      found.push(
        ...(foreign.length + reached.length + written.length === 0 ? [] : [{ name, foreign, reached, written }]),
      );
    }
    expect(found).toEqual([]);
    for (const step of ["add-0", "sync-0", "sync-1"]) expect(calls.get(step)?.programs).toEqual([]);
    expect(calls.get(ALLOWED.replace(" ", "-"))?.contacts).toContain(named.address);
    // It was really looked at.
    expect(programs).toBeGreaterThan(8);
    expect(Object.keys(exits)).toHaveLength(steps.length);
    const asked = { "test 0": 3, "pack 0": 3, "release 0": 3, "add 0": 3, "add 1": 3, "sync 0": 3, "sync 1": 1 };
    const others = { "list 0": 0, "validate 0": 1, [ALLOWED]: 4, session: 0, skill: 1, boot: 1 };
    expect(exits).toMatchObject({ ...asked, ...others });
    expect(fileDigests(files.path("work"))).toEqual(before);
    expect(existsSync(ran)).toBe(false);
    // The traps work: git itself steps into one.
    spawnSync("git", ["status"], { cwd: root });
    expect(existsSync(ran)).toBe(true);
  });
});
