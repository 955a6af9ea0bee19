import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folderPlugin } from "../../core/discover/folder-plugin.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { Host, type HostOptions } from "../../core/host.ts";
import { loadInProcess } from "../../core/load/module-loader.ts";
import type { HostService } from "../../core/services/service-registry.ts";
import type { Plugin, PluginInfo, PluginManifest, Service } from "../../plugin-api/index.ts";
import type { AuditRecord } from "../../plugin-api/service-contracts.ts";
import { refuseCanary } from "./canary.ts";
import { temporaryHome, type TemporaryHome } from "./temporary-home.ts";

const BUILTINS = fileURLToPath(new URL("../../builtin-plugins", import.meta.url));

/** The info of whoever drives a test's host. */
const FRONTEND: PluginInfo = {
  id: "test@frontend",
  name: "test",
  version: "0.0.0",
  tier: "builtin",
  directory: "/nowhere",
  dataDirectory: "/nowhere",
};

/** Names of the built-in plugins. */
export function builtinNames(): readonly string[] {
  return readdirSync(BUILTINS, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** Built-in plugins from their sources, by name. */
export function builtins(names: readonly string[], home: TemporaryHome): HostPlugin[] {
  return names.map((name) =>
    folderPlugin(join(BUILTINS, name), {
      origin: "builtin",
      tier: "builtin",
      dataRoot: home.path("data"),
      load: ({ info, entry }) => loadInProcess(info.id, info.directory, entry.replace(/\.js$/u, ".ts")),
    }),
  );
}

/** A plugin whose files a test wrote, as `--plugin-dir` loads it; its code, if any, runs in this process. */
export function pluginIn(directory: string, home: TemporaryHome): HostPlugin {
  return folderPlugin(directory, {
    origin: "inline",
    tier: "session",
    dataRoot: home.path("data"),
    load: ({ info, entry }) => loadInProcess(info.id, info.directory, entry),
  });
}

/** A plugin that stands in the test itself: what its manifest says under `plugsmith`, and its code. */
export function codePlugin(
  name: string,
  plugsmith: Readonly<Record<string, unknown>>,
  activate: Plugin["activate"],
  more: Partial<HostPlugin> = {},
): HostPlugin {
  const id = `${name}@test`;
  const manifest: PluginManifest = {
    schema: 1,
    format: "claude-code",
    name,
    keywords: [],
    defaultEnabled: true,
    dependencies: [],
    userConfig: {},
    channels: [],
    settings: {},
    contributions: [],
    plugsmith: { entry: "./index.js", ...plugsmith },
    provenance: {},
  };
  return {
    info: { id, name, version: "1.0.0", tier: "session", directory: "/nowhere", dataDirectory: "/nowhere" },
    revision: "1",
    manifest,
    dependencies: [],
    disabledComponents: [],
    options: {},
    load: async () => ({ activate }),
    diagnostics: [],
    ...more,
  };
}

/** A service of the host that is the same for every plugin. */
export function hostService<Interface>(service: Service<Interface>, implementation: Interface): HostService {
  return { key: service.key, open: () => implementation };
}

/** A host for one test, disposed with it, and what it recorded. */
export interface TestHost extends AsyncDisposable {
  readonly host: Host;
  readonly home: TemporaryHome;
  readonly audit: readonly AuditRecord[];
  /** Warnings, as `<plugin>: <message>`. */
  readonly warnings: readonly string[];
}

/** Boots a host of `plugins` (a function gets the home that is made for them). */
export async function testHost(
  plugins: readonly HostPlugin[] | ((home: TemporaryHome) => readonly HostPlugin[]),
  options: Partial<HostOptions> = {},
): Promise<TestHost> {
  const home = temporaryHome();
  const audit: AuditRecord[] = [];
  const warnings: string[] = [];
  const host = new Host({
    services: [],
    audit: { append: (record) => void audit.push(record), heads: () => [] },
    log: (plugin) => ({
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => void warnings.push(`${plugin}: ${message}`),
    }),
    frontend: FRONTEND,
    ...options,
    plugins: typeof plugins === "function" ? plugins(home) : plugins,
  });
  await host.start();
  return {
    host,
    home,
    audit,
    warnings,
    [Symbol.asyncDispose]: async () => {
      await host.dispose();
      home[Symbol.dispose]();
      refuseCanary(JSON.stringify([audit, warnings]), "what the host recorded");
    },
  };
}
