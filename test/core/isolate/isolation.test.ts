import { mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commonCapabilities, grantedEnvironment } from "../../../core/isolate/capabilities.ts";
import { bundledRuntime } from "../../../core/isolate/child-runtime.ts";
import { pluginIsolation } from "../../../core/isolate/isolated-plugin.ts";
import { isolationOf, type IsolationQuestion } from "../../../core/isolate/isolation.ts";
import { launchOf } from "../../../core/isolate/launch.ts";
import { CHILD_LIMITS } from "../../../core/isolate/limits.ts";
import type { NodeFeatures } from "../../../core/isolate/node-features.ts";
import type { Sandbox } from "../../../core/isolate/sandbox.ts";
import type { PluginInfo } from "../../../plugin-api/index.ts";
import { readExtension } from "../../../schemas/plugsmith-extension.ts";
import { grants } from "../../support/isolated-plugin.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const BUBBLEWRAP: Sandbox = { kind: "bubblewrap", command: "/usr/bin/bwrap", closesNamespaces: true };
const NONE: Sandbox = { kind: "none", why: "bubblewrap is not installed" };
const SEATBELT: Sandbox = { kind: "seatbelt", command: "/usr/bin/sandbox-exec" };
const NODE: NodeFeatures = { isolates: true, limitsNetwork: true, flags: new Set(), version: "v26.0.0" };

const info: PluginInfo = {
  id: "p@m",
  name: "p",
  version: "1.0.0",
  tier: "installed",
  directory: "/home/u/.plugsmith/store/trees/t",
  dataDirectory: "/home/u/.plugsmith/data/p",
};
const places = { homeDirectory: "/home/u", projectDirectory: "/home/u/project", plugsmithHome: "/home/u/.plugsmith" };

function question(more: Partial<IsolationQuestion>): IsolationQuestion {
  return {
    info,
    capabilities: grants({}),
    places,
    sandbox: BUBBLEWRAP,
    degraded: "refuse",
    environment: {},
    node: NODE,
    ...more,
  };
}

describe("the mode in which a plugin runs", () => {
  const rows: readonly { name: string; more: Partial<IsolationQuestion>; mode: string; says: RegExp }[] = [
    { name: "a sandbox and no grant", more: {}, mode: "isolated", says: /bubblewrap/u },
    { name: "the sandbox of macOS", more: { sandbox: SEATBELT }, mode: "isolated", says: /sandbox-exec/u },
    {
      name: "a sandbox and the network",
      more: { capabilities: grants({ net: true }) },
      mode: "isolated",
      says: /every host/u,
    },
    {
      name: "a sandbox and programs",
      more: { capabilities: grants({ exec: true }) },
      mode: "isolated",
      says: /programs/u,
    },
    { name: "no sandbox and no grant", more: { sandbox: NONE }, mode: "degraded", says: /not installed.*signals/u },
    {
      name: "no sandbox and the network",
      more: { sandbox: NONE, capabilities: grants({ net: true }) },
      mode: "refused",
      says: /network grant needs a sandbox, and bubblewrap is not installed/u,
    },
    {
      name: "no sandbox and programs",
      more: { sandbox: NONE, capabilities: grants({ exec: true }) },
      mode: "refused",
      says: /start programs needs a sandbox/u,
    },
    {
      name: "no sandbox, the network, and labels instead of refusals",
      more: { sandbox: NONE, degraded: "label", capabilities: grants({ net: true }) },
      mode: "degraded",
      says: /every socket, the keychain's too/u,
    },
    {
      name: "no sandbox, programs, and labels instead of refusals",
      more: { sandbox: NONE, degraded: "label", capabilities: grants({ exec: true }) },
      mode: "degraded",
      says: /read and write everything you can/u,
    },
    {
      name: "no sandbox and a Node that does not limit the network",
      more: { sandbox: NONE, node: { ...NODE, limitsNetwork: false, version: "v24.0.0" } },
      mode: "refused",
      says: /v24.0.0 cannot keep it from the network/u,
    },
    {
      name: "the same, with a label",
      more: { sandbox: NONE, degraded: "label", node: { ...NODE, limitsNetwork: false } },
      mode: "degraded",
      says: /every socket/u,
    },
    {
      name: "a Node without hooks of the loader",
      more: { node: { ...NODE, isolates: false, version: "v22.5.0" } },
      mode: "refused",
      says: /v22.5.0 cannot isolate it/u,
    },
    {
      name: "the network beside a session bus without a file",
      more: {
        capabilities: grants({ net: true }),
        environment: { DBUS_SESSION_BUS_ADDRESS: "unix:abstract=/tmp/dbus-x,guid=1" },
      },
      mode: "refused",
      says: /abstract socket/u,
    },
    {
      name: "everything to read",
      more: { capabilities: grants({ read: ["/"] }) },
      mode: "refused",
      says: /it is everything/u,
    },
    {
      name: "a way up",
      more: { capabilities: grants({ read: ["/home/u/../v"] }) },
      mode: "refused",
      says: /no plain absolute path/u,
    },
    {
      name: "a wildcard",
      more: { capabilities: grants({ write: ["/home/u/*"] }) },
      mode: "refused",
      says: /no plain absolute path/u,
    },
    {
      name: "a relative path",
      more: { capabilities: grants({ read: ["folder"] }) },
      mode: "refused",
      says: /no plain absolute path/u,
    },
    {
      name: "the keychain's files",
      more: { capabilities: grants({ read: ["~/.local/share/keyrings"] }) },
      mode: "refused",
      says: /never opened/u,
    },
    {
      name: "Plugsmith's own state",
      more: { capabilities: grants({ write: ["~/.plugsmith/state"] }) },
      mode: "refused",
      says: /never opened/u,
    },
    {
      name: "processes of others",
      more: { capabilities: grants({ read: ["/proc/1"] }) },
      mode: "refused",
      says: /never opened/u,
    },
    {
      name: "its own data",
      more: { capabilities: grants({ write: ["${PLUGIN_DATA}/x"] }) },
      mode: "isolated",
      says: /bubblewrap/u,
    },
    {
      name: "the home, in a sandbox",
      more: { capabilities: grants({ read: ["~"] }) },
      mode: "isolated",
      says: /bubblewrap/u,
    },
    {
      name: "the home, without a sandbox",
      more: { capabilities: grants({ read: ["~"] }), sandbox: NONE },
      mode: "refused",
      says: /lies in it/u,
    },
    {
      name: "the project",
      more: { capabilities: grants({ read: ["${PROJECT_DIR}"] }), sandbox: NONE },
      mode: "degraded",
      says: /links/u,
    },
  ];
  it.each(rows)("with $name", ({ more, mode, says }) => {
    const isolation = isolationOf(question(more));
    expect(isolation.mode).toBe(mode);
    if (isolation.mode === "refused")
      expect(isolation.error).toMatchObject({
        code: "E_ISOLATION",
        message: expect.stringMatching(says),
        hint: expect.any(String),
      });
    else expect(JSON.stringify(isolation)).toMatch(says);
  });

  it("goes by what is declared and granted, without starting the plugin", async () => {
    const isolation = await pluginIsolation({
      ...question({}),
      entry: "./index.js",
      extension: readExtension({ capabilities: { net: true } }, info.id).value,
      granted: grants({ net: true, exec: true }),
      sandbox: async () => BUBBLEWRAP,
      isGuardGate: () => false,
    });
    expect(isolation).toMatchObject({ mode: "isolated", open: [expect.stringContaining("every host")] });
  });

  it("is refused for a link that leads to a closed place", () => {
    using home = temporaryHome();
    mkdirSync(home.path("home/state"), { recursive: true });
    symlinkSync(home.path("home/state"), home.path("innocent"));
    const isolation = isolationOf(
      question({
        capabilities: grants({ read: [home.path("innocent")] }),
        places: { homeDirectory: home.path("u"), projectDirectory: home.path("p"), plugsmithHome: home.path("home") },
      }),
    );
    expect(isolation).toMatchObject({ mode: "refused", error: { code: "E_ISOLATION" } });
  });
});

describe("the grants in force", () => {
  it("are those that are declared and granted", () => {
    const declared = grants({ read: ["/a", "/b"], net: true, env: ["A"], secrets: true, services: ["x/y"] });
    const granted = grants({ read: ["/b", "/c"], exec: true, env: ["A", "B"], secrets: true });
    expect(commonCapabilities(declared, granted)).toEqual(grants({ read: ["/b"], env: ["A"], secrets: true }));
  });

  it("pass the variables that were granted, and never those that change how programs load code", () => {
    const names = ["LANG", "NODE_OPTIONS", "LD_PRELOAD", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "ABSENT"];
    const environment = Object.fromEntries(names.slice(0, -1).map((name) => [name, "x"]));
    expect(grantedEnvironment(grants({ env: names }), { ...environment, OTHER: "y" })).toEqual({ LANG: "x" });
  });
});

describe("the start of a plugin's process", () => {
  const options = { info, places, runtime: bundledRuntime("/dist/isolate"), environment: {}, limits: CHILD_LIMITS };

  it("gives Node exactly the granted paths", () => {
    const capabilities = grants({ read: ["/r"], write: ["/w"], net: true, exec: true });
    const { args, environment } = launchOf({ ...options, capabilities, sandbox: NONE });
    const reads = args.filter((arg) => arg.startsWith("--allow-fs-read="));
    const writes = args.filter((arg) => arg.startsWith("--allow-fs-write="));
    const paths = ["/r", "/w", "/dist/isolate", info.directory, info.dataDirectory];
    expect(reads).toEqual(paths.map((path) => `--allow-fs-read=${path}`));
    expect(writes).toEqual(["/w", info.dataDirectory].map((path) => `--allow-fs-write=${path}`));
    expect(args).toEqual(
      expect.arrayContaining([
        "--permission",
        "--allow-net",
        "--allow-child-process",
        "--no-experimental-sqlite",
        "--no-experimental-ffi",
        "--disable-sigusr1",
        "--max-old-space-size=64",
      ]),
    );
    expect(environment).toEqual({ PATH: "/usr/local/bin:/usr/bin:/bin" });
    const bare = launchOf({ ...options, capabilities: grants({}), sandbox: NONE });
    expect(bare.args.filter((arg) => /allow-(?:net|child|worker|addons|wasi|ffi|inspector)/u.test(arg))).toEqual([]);
  });

  it("hides closed places inside a granted folder, and shows the plugin's own on top", () => {
    using home = temporaryHome();
    mkdirSync(home.path("u/.plugsmith"), { recursive: true });
    mkdirSync(home.path("u/.local/share/keyrings"), { recursive: true });
    const own = {
      ...info,
      directory: home.path("u/.plugsmith/store/t"),
      dataDirectory: home.path("u/.plugsmith/data/p"),
    };
    const { args } = launchOf({
      ...options,
      info: own,
      places: {
        homeDirectory: home.path("u"),
        projectDirectory: home.path("p"),
        plugsmithHome: home.path("u/.plugsmith"),
      },
      capabilities: grants({ read: ["~"] }),
      sandbox: BUBBLEWRAP,
    });
    const mounts = args.join(" ");
    const order = [
      `--ro-bind-try ${home.path("u")} `,
      `--tmpfs ${home.path("u/.plugsmith")} `,
      `--ro-bind ${own.directory} `,
      `--bind ${own.dataDirectory} `,
    ].map((part) => mounts.indexOf(part));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(mounts).toContain(`--tmpfs ${home.path("u/.local/share/keyrings")}`);
  });

  it("writes a profile for macOS that denies everything but its paths", () => {
    const { args } = launchOf({ ...options, capabilities: grants({ write: ['/w"x'] }), sandbox: SEATBELT });
    const profile = args[args.indexOf("-p") + 1] ?? "";
    expect(profile).toContain("(deny default)");
    expect(profile).toContain('(allow file-read* file-write* (subpath "/w\\"x"))');
    expect(profile).not.toMatch(/network|process-fork|mach-lookup/u);
  });
});
