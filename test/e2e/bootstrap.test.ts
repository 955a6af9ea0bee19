import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const HIDDEN_LOCK = "node_modules/.package-lock.json";

describe("the bootstrap", () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "plugsmith-bootstrap-"));
    for (const file of [".ci/bootstrap.mjs", "package.json", "package-lock.json"])
      cpSync(join(root, file), join(clone, file));
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  /** Runs it without npm in reach, so that every attempt to install shows. */
  function bootstrap(): { status: number | null; stderr: string } {
    const empty = join(clone, "empty-path");
    mkdirSync(empty, { recursive: true });
    const env = { PATH: empty };
    const { status, stderr } = spawnSync(process.execPath, [join(clone, ".ci/bootstrap.mjs")], {
      encoding: "utf8",
      env,
    });
    return { status, stderr };
  }

  /** What npm leaves behind, reduced to what the bootstrap reads. */
  function install(change: (packages: Record<string, { integrity?: string }>) => void = () => undefined): void {
    // The lock of this very project, written by npm.
    const lock = JSON.parse(readFileSync(join(clone, "package-lock.json"), "utf8")) as {
      packages: Record<string, { integrity?: string }>;
    };
    delete lock.packages[""];
    change(lock.packages);
    mkdirSync(join(clone, "node_modules/node/bin"), { recursive: true });
    writeFileSync(join(clone, "node_modules/node/bin/node"), "");
    writeFileSync(join(clone, HIDDEN_LOCK), JSON.stringify(lock));
  }

  it("does nothing when what is installed is what the lock says", () => {
    install();
    expect(bootstrap()).toEqual({ status: 0, stderr: "" });
  });

  it("does nothing when only optional packages of other platforms are absent", () => {
    install((packages) => delete packages["node_modules/@oxlint/binding-win32-x64-msvc"]);
    expect(bootstrap()).toEqual({ status: 0, stderr: "" });
  });

  it("runs the named script with its words on the development runtime, whatever runtime it was started with", () => {
    const script = join(clone, "where.mjs");
    writeFileSync(script, "console.log(process.execPath, ...process.argv.slice(2)); process.exitCode = 7;");
    const { status, stdout } = spawnSync(process.execPath, [join(root, ".ci/bootstrap.mjs"), script, "one"], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 7, stdout: `${join(root, "node_modules/node/bin/node")} one\n` });
  });

  const stale: readonly (readonly [reason: string, arrange: () => void])[] = [
    ["`node_modules` is missing", () => undefined],
    ["`node_modules` is incomplete", () => mkdirSync(join(clone, "node_modules"))],
    ["`node_modules/zod` differs from the lock", () => install((packages) => (packages["node_modules/zod"] = {}))],
    ["`node_modules/stray` is not in the lock", () => install((packages) => (packages["node_modules/stray"] = {}))],
    [
      "the development runtime is missing",
      () => {
        install();
        rmSync(join(clone, "node_modules/node/bin/node"));
      },
    ],
  ];
  it.each(stale)("installs because %s, and says in one sentence that npm is missing", (reason, arrange) => {
    arrange();
    const { status, stderr } = bootstrap();
    expect(status).toBe(1);
    expect(stderr).toBe(
      `plugsmith: ${reason}, running \`npm ci\` (about 20 seconds) ...\n` +
        "plugsmith: `npm` was not found; install Node.js 20 or newer with npm and run this again\n",
    );
  });
});
