import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isCodedError, type CodedError } from "../../../schemas/errors.ts";
import { parseGitUrl } from "../../../schemas/identity.ts";
import { GitRunner, type GitOptions } from "../../../marketplace/sources/git-runner.ts";
import type { FixtureRepository } from "../../support/git-repository.ts";
import { catalogText, entryOf, MarketBench, pluginFiles } from "./market-bench.ts";
import { canary } from "../../support/canary.ts";

const CATALOG = ".claude-plugin/marketplace.json";

let bench: MarketBench;
beforeEach(async () => {
  bench = await MarketBench.start();
  bench.repository("market").commit([
    {
      files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a", version: "1.0.0" }) },
      tags: ["a--v1.0.0"],
    },
  ]);
});
afterEach(async () => {
  await bench.stop();
});

async function failureOf(run: () => Promise<unknown>): Promise<CodedError> {
  try {
    await run();
  } catch (error) {
    if (isCodedError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const fetchMarket = (git: Partial<GitOptions> = {}): Promise<unknown> =>
  bench.open({ git }).catalogs.add(bench.source("market"));
const pwned = (): string => join(bench.directory, "pwned");

/** The person's own home with a global git configuration. */
function personalConfig(text: string): void {
  mkdirSync(join(bench.directory, "person"), { recursive: true });
  writeFileSync(join(bench.directory, "person", ".gitconfig"), text);
}

describe("git's configuration", () => {
  it("GT06: takes nothing harmful from the person's global file", async () => {
    const touch = `touch ${pwned()}`;
    const hooks = join(bench.directory, "hooks");
    mkdirSync(hooks);
    for (const hook of ["reference-transaction", "post-checkout", "post-merge"]) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\n${touch}\n`);
      chmodSync(join(hooks, hook), 0o755);
    }
    personalConfig(
      [
        `[core]\n\thooksPath = ${hooks}\n\tfsmonitor = ${touch}\n\tsshCommand = ${touch}\n\tgitProxy = ${touch}\n\tpager = ${touch}`,
        `[init]\n\ttemplateDir = ${hooks}`,
        `[filter "x"]\n\tsmudge = ${touch}\n[uploadpack]\n\tpackObjectsHook = ${touch}`,
        `[protocol "ext"]\n\tallow = always\n[protocol]\n\tallow = always`,
        `[url "ext::sh -c '${touch}' "]\n\tinsteadOf = ${bench.server.url("")}`,
      ].join("\n"),
    );
    const { catalogs, repositories } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    expect(existsSync(pwned())).toBe(false);
    expect(snapshot.catalog.name).toBe("m");
    expect(repositories.notes()).toMatchObject([{ code: "I_GIT_INSTEAD_OF", severity: "info" }]);
  });

  it("GT08: is not changed by GIT_ variables, and no command runs in the current directory", async () => {
    const hostile = join(bench.directory, "hostile");
    mkdirSync(hostile);
    const script = join(bench.directory, "script");
    writeFileSync(script, `#!/bin/sh\ntouch ${pwned()}\n`);
    chmodSync(script, 0o755);
    await fetchMarket({
      environment: {
        PATH: process.env["PATH"],
        HOME: bench.directory,
        GIT_DIR: hostile,
        GIT_WORK_TREE: hostile,
        GIT_INDEX_FILE: join(hostile, "index"),
        GIT_OBJECT_DIRECTORY: hostile,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: hostile,
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "core.fsmonitor",
        GIT_CONFIG_VALUE_0: script,
        GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${script}'`,
        GIT_SSH_COMMAND: script,
        GIT_PROXY_COMMAND: script,
        GIT_EXEC_PATH: hostile,
        GIT_TEMPLATE_DIR: hostile,
        GIT_ASKPASS: script,
        SSH_ASKPASS: script,
        GIT_TRACE: join(hostile, "trace"),
      },
    });
    expect(existsSync(pwned())).toBe(false);
    expect(readdirSync(hostile)).toEqual([]);
  });

  it("GT14, GT20: of a local marketplace's own repository starts nothing, not even for an object that is missing", async () => {
    const repository = bench.workTree("unpacked");
    repository.commit([
      {
        files: {
          [CATALOG]: catalogText("unpacked", { a: "./a" }),
          ...pluginFiles("a", { name: "a", version: "1.0.0" }),
        },
        tags: ["a--v1.0.0"],
      },
      { files: pluginFiles("a", { name: "a", version: "2.0.0" }) },
    ]);
    repository.checkOut();
    const old = repository.git(["rev-parse", "a--v1.0.0:a/skills/note/SKILL.md"]);
    removeObject(repository, old);
    const touch = `touch ${pwned()}`;
    writeFileSync(
      join(repository.directory, ".git/config"),
      [
        `[core]\n\trepositoryformatversion = 1\n\tfsmonitor = ${touch}\n\tpager = ${touch}\n\talternateRefsCommand = ${touch}`,
        "[extensions]\n\tpartialClone = evil",
        `[remote "evil"]\n\tpromisor = true\n\turl = ext::sh -c '${touch}'\n\tuploadpack = ${touch}`,
        '[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n',
      ].join("\n"),
    );
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add({ kind: "directory", path: repository.directory });
    const entry = entryOf(snapshot, "a");
    const offers = await sources.offers(snapshot, entry);
    expect(offers.map((offer) => offer.version)).toEqual(["2.0.0", "1.0.0"]);
    expect((await failureOf(() => sources.open([{ snapshot, entry, offer: offers[1]! }]))).code).toBe("E_GIT");
    expect(existsSync(pwned())).toBe(false);
  });

  it("GT18: lets the person's own credential helper answer, and keeps what it says out of every message and file", async () => {
    bench.server.switches.credentials = `someone:${canary("git")}`;
    const refused = await failureOf(() => fetchMarket());
    expect(refused).toMatchObject({ code: "E_AUTH" });
    personalConfig(`[credential]\n\thelper = "!f() { echo username=someone; echo password=${canary("git")}; }; f"\n`);
    await fetchMarket();
    const wrong = await (async () => {
      bench.server.switches.credentials = "other:other";
      return await failureOf(() => bench.open().catalogs.add(bench.source("missing")));
    })();
    expect(JSON.stringify([wrong.message, wrong.data])).not.toContain(canary("git"));
    const grep = readdirSync(join(bench.directory, "home"), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(grep.length).toBeGreaterThan(0);
    for (const file of grep)
      expect(readFileSync(join(file.parentPath, file.name), "latin1")).not.toContain(canary("git"));
  });
});

describe("a git transfer", () => {
  it.each([
    { url: "git://127.0.0.1/market", code: "E_GIT_URL" },
    { url: "http://plain.example/market", code: "E_GIT_URL" },
  ])("over $url is refused before anything starts", async ({ url, code }) => {
    const refused = await failureOf(() => bench.open().catalogs.add({ kind: "git", url }));
    expect(refused.code).toBe(code);
  });

  it("over file:// goes through upload-pack", async () => {
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add({ kind: "git", url: `file://${bench.directory}/served/market` });
    expect((await sources.offers(snapshot, entryOf(snapshot, "a")))[0]).toMatchObject({
      version: "1.0.0",
      source: { kind: "git" },
    });
    expect(bench.server.requests).toHaveLength(0);
  });

  it("GT15, PB19: does not follow a redirect", async () => {
    bench.server.switches.redirect = `http://localhost:${bench.server.port}/elsewhere`;
    expect((await failureOf(() => fetchMarket())).code).toBe("E_SOURCE_BLOCKED");
    expect(bench.server.requests.every((request) => !request.path.includes("elsewhere"))).toBe(true);
  });

  it("GT16: is ended with its helpers at the deadline", async () => {
    bench.server.switches.silent = true;
    const refused = await failureOf(() => fetchMarket({ deadlineMs: 400 }));
    expect(refused).toMatchObject({ code: "E_TIMEOUT", message: expect.stringContaining("git --git-dir=") });
    expect(await helpersOf(bench.server.port)).toEqual([]);
  });

  it("GT17: is ended at the byte cap, and what arrived is removed", async () => {
    bench.server.switches.endless = true;
    const refused = await failureOf(() => fetchMarket({ maxBytes: 2_000_000 }));
    expect(refused).toMatchObject({ code: "E_LIMIT_GIT", message: expect.stringContaining("2 MB") });
    const cached = readdirSync(join(bench.directory, "home/cache/git"), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile());
    expect(cached.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)).toBeLessThan(
      100_000,
    );
    expect(await helpersOf(bench.server.port)).toEqual([]);
  });

  it("stops when the person interrupts", async () => {
    bench.server.switches.silent = true;
    const controller = new AbortController();
    const running = failureOf(() => fetchMarket({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 200);
    expect((await running).code).toBe("E_INTERRUPTED");
  });

  it("says which host it could not reach, and the command", async () => {
    const { port } = bench.server;
    await bench.server.stop();
    const refused = await failureOf(() =>
      bench.open().catalogs.add({ kind: "git", url: `http://127.0.0.1:${port}/market` }),
    );
    expect(refused).toMatchObject({ code: "E_NETWORK", hint: expect.stringContaining("connection") });
    expect(refused.message).toContain(`http://127.0.0.1:${port}/market`);
  });

  it("is refused offline", async () => {
    expect((await failureOf(() => bench.open({ offline: true }).catalogs.add(bench.source("market")))).code).toBe(
      "E_OFFLINE",
    );
    expect(bench.server.requests).toHaveLength(0);
  });

  it("says how to install git where there is none", async () => {
    expect(
      await failureOf(() => fetchMarket({ environment: { PATH: join(bench.directory, "nothing") } })),
    ).toMatchObject({
      code: "E_GIT_MISSING",
      hint: expect.stringContaining("apt-get install git"),
    });
  });

  it("is refused with a git that is too old to be told what not to read", async () => {
    const bin = join(bench.directory, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), "#!/bin/sh\necho git version 2.25.1\n");
    chmodSync(join(bin, "git"), 0o755);
    expect(await failureOf(() => fetchMarket({ environment: { PATH: bin } }))).toMatchObject({
      code: "E_GIT_MISSING",
      message: expect.stringContaining("2.25.1"),
    });
  });

  it("GT18: hands ssh a fixed command line that never asks", async () => {
    const bin = join(bench.directory, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "ssh"),
      `#!/bin/sh\necho "$@" > ${join(bench.directory, "ssh-arguments")}\necho "Host key verification failed." >&2\nexit 255\n`,
    );
    chmodSync(join(bin, "ssh"), 0o755);
    const environment = {
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      HOME: join(bench.directory, "person"),
      SSH_AUTH_SOCK: "/tmp/agent",
    };
    const runner = new GitRunner({ directory: bench.directory, environment, signal: new AbortController().signal });
    const url = parseGitUrl("git@ssh.example:owner/repo.git");
    const refused = await failureOf(() => runner.run({ arguments: ["ls-remote", "--end-of-options", url.url], url }));
    expect(refused).toMatchObject({ code: "E_AUTH", hint: expect.stringContaining("ssh") });
    const used = readFileSync(join(bench.directory, "ssh-arguments"), "utf8");
    for (const option of ["BatchMode=yes", "StrictHostKeyChecking=yes", "git@ssh.example"])
      expect(used).toContain(option);
  });
});

describe("one cache", () => {
  it("serves eight processes at once", async () => {
    const homes = Array.from({ length: 8 }, () => bench.open());
    const found = await Promise.all(
      homes.map(async ({ catalogs, sources }) => {
        const { snapshot } = await catalogs.add(bench.source("market"), { dryRun: true });
        const entry = entryOf(snapshot, "a");
        const [offer] = await sources.offers(snapshot, entry);
        const [opened] = await sources.open([{ snapshot, entry, offer: offer! }]);
        return opened?.tree.read(".claude-plugin/plugin.json")?.length;
      }),
    );
    expect(new Set(found).size).toBe(1);
    expect(found[0]).toBeGreaterThan(10);
  });

  it.each([
    { name: "its packs are cut short", damage: (file: string) => file.endsWith(".pack") || file.endsWith(".idx") },
    { name: "its head is empty", damage: (file: string) => file.endsWith("HEAD") },
    { name: "its configuration is noise", damage: (file: string) => file.endsWith("config") },
    { name: "its refs are empty", damage: (file: string) => file.includes("/refs/") },
  ])("is filled again when $name", async ({ damage }) => {
    await fetchMarket();
    const cached = readdirSync(join(bench.directory, "home/cache/git"), { recursive: true, withFileTypes: true });
    const files = cached.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const damaged = files.filter((file) => damage(file));
    expect(damaged.length).toBeGreaterThan(0);
    for (const file of damaged) {
      chmodSync(file, 0o600);
      writeFileSync(file, file.endsWith("config") ? "[noise" : "");
    }
    const { catalogs, sources } = bench.open();
    const snapshot = await catalogs.get("m");
    const entry = entryOf(snapshot, "a");
    const [offer] = await sources.offers(snapshot, entry);
    const [opened] = await sources.open([{ snapshot, entry, offer: offer! }]);
    expect(opened?.tree.read(".claude-plugin/plugin.json")).toBeDefined();
    expect(await catalogs.update("m")).toMatchObject([{ outcome: "unchanged" }]);
  });

  it("is filled again after somebody deleted it", async () => {
    await fetchMarket();
    rmSync(join(bench.directory, "home/cache"), { recursive: true });
    const { catalogs, sources } = bench.open();
    const snapshot = await catalogs.get("m");
    expect(await sources.offers(snapshot, entryOf(snapshot, "a"))).toMatchObject([{ version: "1.0.0" }]);
  });
});

/** Takes one object out of a repository: packs become loose objects, of which one is deleted. */
function removeObject(repository: FixtureRepository, oid: string): void {
  const objects = join(repository.directory, ".git/objects");
  for (const name of readdirSync(join(objects, "pack"))) {
    if (!name.endsWith(".pack")) continue;
    const pack = readFileSync(join(objects, "pack", name));
    rmSync(join(objects, "pack", name));
    rmSync(join(objects, "pack", name.replace(/pack$/u, "idx")));
    repository.git(["unpack-objects", "-q"], pack);
  }
  rmSync(join(objects, oid.slice(0, 2), oid.slice(2)));
}

/** Command lines of processes that still talk to the server. */
async function helpersOf(port: number): Promise<readonly string[]> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  const lines: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/u.test(name))) {
    const file = `/proc/${pid}/cmdline`;
    try {
      const line = readFileSync(file, "utf8").replaceAll("\0", " ");
      if (line.startsWith("git") && line.includes(`:${port}/`)) lines.push(line);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  return lines;
}
