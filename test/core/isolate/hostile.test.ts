import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, readdirSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeFeatures } from "../../../core/isolate/node-features.ts";
import type { IsolatedPluginOptions } from "../../../core/isolate/isolated-plugin.ts";
import { defineService, processService, secretService } from "../../../plugin-api/index.ts";
import type { Capabilities } from "../../../schemas/plugsmith-extension.ts";
import { hostileWorld, someAddon, type HostileWorld } from "../../support/hostile-world.ts";
import { isolatedIn, machineSandbox } from "../../support/isolated-plugin.ts";
import { hostService, testHost } from "../../support/test-host.ts";

const FOLDER = join(import.meta.dirname, "hostile");
const ATTACKS = readdirSync(FOLDER).flatMap((file) => (file === "index.js" ? [] : [file.replace(/\.js$/u, "")]));

type Outcome = { readonly got: string } | { readonly refused: string; readonly message: string };

/** What an attack meets: the code that refuses it, and the grants that are exactly for it. */
interface Expectation {
  readonly refusedBy: RegExp;
  readonly grantedBy?: readonly string[];
  /** Open in degraded mode, and said to be. */
  readonly degradedOpen?: string;
}

const FLAGS = /^ERR_ACCESS_DENIED$/u;
/** Before Node 25 the flags do not know the network: the sandbox has none. */
const NO_NETWORK = nodeFeatures().limitsNetwork ? FLAGS : /^ECONNREFUSED$|^ETIMEDOUT$/u;
const EXPECTED: Readonly<Record<string, Expectation>> = {
  "secret-tool": { refusedBy: /^ERR_ACCESS_DENIED$|^Error: .*(?:connect|autolaunch)/su },
  "bus-socket": { refusedBy: /^ERR_ACCESS_DENIED$|^ENOENT$/u },
  "abstract-socket": { refusedBy: NO_NETWORK, grantedBy: ["net"] },
  "other-data": { refusedBy: FLAGS },
  symlink: { refusedBy: /^ERR_ACCESS_DENIED$|^ENOENT$/u, degradedOpen: "links" },
  "own-symlink": { refusedBy: FLAGS },
  "hard-link": { refusedBy: FLAGS },
  sqlite: { refusedBy: /^ERR_UNKNOWN_BUILTIN_MODULE$/u },
  "inspector-of-host": { refusedBy: /^ESRCH$/u, degradedOpen: "signals" },
  "kill-host": { refusedBy: /^ESRCH$/u, degradedOpen: "signals" },
  descriptors: { refusedBy: /^EBADF$/u },
  loopback: { refusedBy: NO_NETWORK, grantedBy: ["net"] },
  datagram: { refusedBy: NO_NETWORK, grantedBy: ["net"] },
  environ: { refusedBy: FLAGS },
  "own-environ": { refusedBy: /^ABSENT$/u },
  "node-options": { refusedBy: FLAGS },
  "node-options-child": { refusedBy: /^ERR_ACCESS_DENIED$|^Error: .*(?:ENOENT|ERR_ACCESS_DENIED|not allowed)/su },
  worker: { refusedBy: FLAGS },
  addon: { refusedBy: /^ERR_DLOPEN_DISABLED$|^ERR_ACCESS_DENIED$/u },
  dlopen: { refusedBy: /^ERR_DLOPEN_DISABLED$|^ERR_ACCESS_DENIED$/u },
  wasi: { refusedBy: FLAGS },
  ffi: { refusedBy: /^ERR_UNKNOWN_BUILTIN_MODULE$/u },
  inspector: { refusedBy: FLAGS },
  "child-process": { refusedBy: /^ERR_ACCESS_DENIED$|^Error: .*No such file/su },
  "write-outside": { refusedBy: FLAGS },
  "own-folder": { refusedBy: FLAGS },
  "dot-dot": { refusedBy: FLAGS },
  "import-outside": { refusedBy: /^ERR_ACCESS_DENIED$|^ERR_MODULE_NOT_FOUND$/u },
  binding: { refusedBy: FLAGS },
  snapshot: { refusedBy: FLAGS },
  "processes-service": { refusedBy: /^E_ISOLATION$/u },
  "secrets-service": { refusedBy: /^E_ISOLATION$|^TypeError$/u },
};

/** These need a host, or the program and daemon of a desktop, to come through. */
const WITHOUT_CONTROL = new Set(["processes-service", "secrets-service", "secret-tool"]);
if (!isBuiltin("node:ffi")) WITHOUT_CONTROL.add("ffi");

let world: HostileWorld;
/** Grants by what happened, by attack. */
const table = new Map<string, Map<string, string[]>>();

beforeAll(async () => {
  world = await hostileWorld();
  cpSync(FOLDER, world.home.path("plugins/hostile"), { recursive: true });
  copyFileSync(someAddon(), world.home.path("plugins/hostile/addon.node"));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  console.log([...table].map(([name, row]) => tableLine(name, row)).join("\n"));
});

function targets(): Record<string, unknown> {
  return { ...world.targets, addon: world.home.path("plugins/hostile/addon.node") };
}

/** Runs all attacks in one plugin with some grants. */
async function attackAll(
  capabilities: Partial<Capabilities>,
  options: Partial<IsolatedPluginOptions> = {},
): Promise<ReadonlyMap<string, Outcome>> {
  await world.renew();
  const service = defineService<{ run(name: string, world: unknown): Promise<Outcome> }>("hostile@test/attack");
  world.home.write(
    "plugins/hostile/.claude-plugin/plugin.json",
    JSON.stringify({
      name: "hostile",
      version: "1.0.0",
      plugsmith: { entry: "./index.js", provides: ["attack"], capabilities },
    }),
  );
  const plugin = isolatedIn(world.home.path("plugins/hostile"), world.home, {
    environment: world.environment,
    ...options,
  });
  await using test = await testHost([plugin], {
    services: [
      hostService(processService, {
        start: () => {
          throw new Error("the host started a program");
        },
      }),
      hostService(secretService, {
        get: async () => undefined,
        set: async () => undefined,
        delete: async () => false,
        option: async () => world.targets.secret,
      }),
    ],
  });
  const attacks = await test.host.frontend.use(service);
  const outcomes = new Map<string, Outcome>();
  for (const name of ATTACKS) outcomes.set(name, await attacks.run(name, targets()));
  return outcomes;
}

function described(outcome: Outcome): string {
  if ("got" in outcome) return `GOT ${outcome.got.slice(0, 60)}`;
  return outcome.refused === "Error" ? `Error: ${outcome.message}` : outcome.refused;
}

/** What enforced a refusal. */
function enforcedBy(outcome: Outcome): string {
  if ("got" in outcome) return "OPEN";
  const { refused, message } = outcome;
  if (/^ERR_(?:ACCESS_DENIED|DLOPEN_DISABLED|UNKNOWN_BUILTIN_MODULE)$/u.test(refused))
    return `Node's flags (${refused})`;
  if (refused.startsWith("E_")) return `the border (${refused})`;
  // The method is not there.
  if (refused === "TypeError") return "the border (no such method)";
  if (refused === "ABSENT") return "the emptied environment";
  if (refused === "EBADF") return "descriptors closed at exec (EBADF)";
  return `the sandbox (${
    refused === "Error"
      ? message
          .split("\n")
          .findLast((line) => line !== "")!
          .slice(-60)
      : refused
  })`;
}

function note(name: string, outcome: Outcome, grant: string): void {
  const row = table.get(name) ?? new Map<string, string[]>();
  const by = enforcedBy(outcome);
  row.set(by, [...(row.get(by) ?? []), grant]);
  table.set(name, row);
}

function tableLine(name: string, row: ReadonlyMap<string, readonly string[]>): string {
  const parts = [...row].map(([by, grants]) => (row.size === 1 ? by : `${by}: ${grants.join(" ")}`));
  return `${name.padEnd(20)} ${parts.join("; ")}`;
}

describe("a hostile plugin", () => {
  it("is of at least twenty kinds, each of which the table speaks of", () => {
    expect(ATTACKS.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
    expect(ATTACKS.length).toBeGreaterThanOrEqual(20);
  });

  it.each(ATTACKS.filter((name) => !WITHOUT_CONTROL.has(name)))(
    "would come through without protection: %s",
    async (name) => {
      const copy = world.home.path("plugins/control");
      cpSync(FOLDER, copy, { recursive: true });
      const script = `
      const { attack } = await import(${JSON.stringify(pathToFileURL(join(copy, `${name}.js`)).href)});
      console.log("got " + await attack(JSON.parse(process.env.TARGETS)));
      process.exit(0);`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        env: { HOST_SECRET: world.targets.secret, TARGETS: JSON.stringify({ ...targets(), data: copy }) },
        stdio: ["ignore", "pipe", "pipe", "ignore", world.descriptor],
        timeout: 20_000,
      });
      const said = await Promise.all([text(child.stdout!), text(child.stderr!)]);
      expect(said.join("")).toMatch(/^got /u);
    },
  );

  it("would come through without protection: secret-tool, as far as the bus", async () => {
    const before = world.busConnections();
    const child = spawn("/usr/bin/secret-tool", ["lookup", "service", "plugsmith"], {
      env: { DBUS_SESSION_BUS_ADDRESS: String(world.targets["busAddress"]) },
      stdio: "ignore",
    });
    await once(child, "exit");
    expect(world.busConnections()).toBeGreaterThan(before);
  });

  const grants: readonly (readonly [string, () => Partial<Capabilities>])[] = [
    ["nothing", () => ({})],
    ["read", () => ({ read: [world.granted] })],
    ["write", () => ({ write: [world.writable] })],
    ["net", () => ({ net: true })],
    ["exec", () => ({ exec: true })],
    ["env", () => ({ env: ["NODE_OPTIONS", "DBUS_SESSION_BUS_ADDRESS", "LANG"] })],
    ["secrets", () => ({ secrets: true })],
    ["services", () => ({ services: ["plugsmith/processes", "plugsmith/secrets"] })],
  ];
  it.each(grants)(
    "SC03: is refused everything, the keychain of others too, when it was granted %s",
    { timeout: 120_000 },
    async (grant, capabilities) => {
      const sandbox = await machineSandbox();
      if (sandbox.kind === "none") {
        // The gate must not pass without what it is about.
        const message = `nothing is shown with ${grant}: ${sandbox.why}`;
        if (process.env["CI"] === "true") throw new Error(message);
        console.warn(message);
        return;
      }
      const connections = world.busConnections();
      const outcomes = await attackAll(capabilities());
      for (const [name, outcome] of outcomes) {
        const { refusedBy, grantedBy = [] } = EXPECTED[name]!;
        const shown = described(outcome);
        note(name, outcome, grant);
        if (grantedBy.includes(grant)) expect.soft(shown, `${name} is what ${grant} is for`).toMatch(/^GOT /u);
        else expect.soft(shown, name).toMatch(refusedBy);
      }
      expect(world.busConnections()).toBe(connections);
      expect(world.victims()).toEqual({ inspected: false, killed: false });
      expect(world.planted()).toEqual([]);
    },
  );

  it(
    "is kept by the flags alone where there is no sandbox, but for what the mode says",
    { timeout: 120_000 },
    async () => {
      const none = async () => ({ kind: "none", why: "the test says so" }) as const;
      const attack = attackAll({ read: [world.granted] }, { sandbox: none, degraded: "refuse" });
      if (!nodeFeatures().limitsNetwork) {
        await expect(attack).rejects.toMatchObject({ code: "E_ISOLATION" });
        return;
      }
      const outcomes = await attack;
      for (const [name, outcome] of outcomes) {
        const { refusedBy, degradedOpen } = EXPECTED[name]!;
        const shown = described(outcome);
        note(name, outcome, "degraded");
        if (degradedOpen === undefined) expect.soft(shown, name).toMatch(refusedBy);
        else expect.soft(shown, name).toMatch(/^GOT /u);
      }
      expect(world.planted()).toEqual([]);
      expect(existsSync(world.targets.secretFile)).toBe(true);
    },
  );
});
