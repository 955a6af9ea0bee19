import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { installNode } from "../../.ci/node-runtime.ts";
import { fileDigests } from "../support/file-digests.ts";
import { type At, type Place, place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/** What may differ between two machines and must not show. */
interface Machine extends Pick<At, "env" | "home" | "node"> {
  readonly umask?: number;
}

const MACHINES: Readonly<Record<string, Machine>> = {
  "a narrow umask": { umask: 0o077 },
  "a wide umask": { umask: 0 },
  "another language": { env: { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" } },
  "another time zone": { env: { TZ: "Pacific/Kiritimati" } },
  "a long path with spaces and signs": { home: `deep/${"x".repeat(80)}/a home, with é and $` },
};

/** Majors beside the one that runs the tests; a sample takes the oldest. */
const OTHER_NODES = process.env["FAULTS_SAMPLE"] === undefined ? [22, 24] : [22];

/** A project whose author locked a plugin with a dependency. */
async function locked(): Promise<Place> {
  const at = place();
  const market = taggedMarket("acme", at.path("acme.git"));
  market.release({
    app: { version: "1.0.0", dependencies: ["kit"], files: { "i.txt": "İıIi" } },
    kit: { version: "1.0.0" },
  });
  at.write("project/.git/HEAD", "");
  await at.ok(["marketplace", "add", market.url], { home: "author" });
  await at.ok(["add", "app@acme", "--scope", "project"], { home: "author", cwd: "project" });
  return at;
}

/** What a machine makes of the lock: files of the store and links for people, and the generation without its moments. */
async function made(at: Place, name: string, { umask = 0o022, home = name, ...differs }: Machine): Promise<string> {
  const before = process.umask(umask);
  try {
    await at.ok(["sync", "--trust-workspace", "--frozen"], { home, cwd: "project", ...differs });
  } finally {
    process.umask(before);
  }
  const files = fileDigests(at.path(home), (path) => /^(?:store(?:\/trees.*)?|cache|cache\/plugins.*)$/u.test(path));
  expect(Object.keys(files).length).toBeGreaterThan(4);
  const plugins = at.root("project", home)?.plugins.map((plugin) => ({ ...plugin, installedAt: "" })) ?? [];
  expect(plugins.map(({ id }) => id)).toEqual(["app@acme", "kit@acme"]);
  return JSON.stringify({ files, plugins }, null, 1);
}

/** Gets a Node, out of npm's cache where that has it. Returns its path, or why there is none. */
function nodeOf(at: Place, major: number): { readonly path: string } | { readonly problem: string } {
  const env = { ...process.env, npm_config_prefer_offline: "true" };
  try {
    return { path: join(installNode(major, at.path(`node-${major}`), env), "node") };
  } catch (error) {
    return { problem: `no Node ${major} can be got from npm: ${String(error)}` };
  }
}

describe("one lock", () => {
  it("gives the same trees, links, manifests and plugins on every machine", async () => {
    using at = await locked();
    const plain = await made(at, "plain", {});
    for (const [name, machine] of Object.entries(MACHINES))
      expect(`${name} ${await made(at, name, machine)}`).toBe(`${name} ${plain}`);
  });

  it.for(OTHER_NODES)("gives the same on Node %i, which also writes the same lock", async (major, { skip }) => {
    using at = await locked();
    const node = nodeOf(at, major);
    if ("problem" in node) {
      if (process.env["CI"] === "true") throw new Error(node.problem);
      return skip(node.problem);
    }
    const version = execFileSync(node.path, ["--version"], { encoding: "utf8" });
    expect(version.startsWith(`v${major}.`)).toBe(true);
    expect(await made(at, "other", { node: node.path })).toBe(await made(at, "plain", {}));
    at.write("again/.git/HEAD", "");
    const again: At = { home: "author-of-again", cwd: "again", node: node.path };
    await at.ok(["marketplace", "add", `file://${at.path("acme.git")}`], again);
    await at.ok(["add", "app@acme", "--scope", "project"], again);
    const lock = (project: string) => fileDigests(at.path(project), (path) => /^plugins\.(?:json|lock)$/u.test(path));
    expect(Object.keys(lock("project"))).toHaveLength(2);
    expect(lock("again")).toEqual(lock("project"));
    console.log(`the same on Node ${version.trim()} as on ${process.version}`);
  });
});
