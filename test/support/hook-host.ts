import { openProcesses, type OpenProcesses } from "../../core/platform/processes.ts";
import { looseFoldersOf } from "../../core/discover/loose-folders.ts";
import {
  looseFoldersService,
  secretService,
  settingsService,
  workspaceService,
  type Secrets,
  type Settings,
  type Workspace,
} from "../../plugin-api/index.ts";
import type { AuditRecord } from "../../plugin-api/service-contracts.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { refuseCanary } from "./canary.ts";
import { MemorySession } from "./memory-sessions.ts";
import { MemorySettings } from "./memory-settings.ts";
import { builtins, hostService, pluginIn, testHost, type TestHost } from "./test-host.ts";
import type { TemporaryHome } from "./temporary-home.ts";

/** A host with the hooks of plugins that a test wrote, real processes, and a session in its folder. */
export interface HookHost extends TestHost {
  readonly session: MemorySession;
}

/** What a test of hooks may set. */
export interface HookHostOptions {
  readonly settings?: Settings | undefined;
  readonly secrets?: Secrets | undefined;
  readonly trusted?: boolean | undefined;
  /** Of the person; default a path and a home. */
  readonly environment?: Workspace["environment"] | undefined;
  /** Plugins beside the one in `plugin/` and the built-in. */
  readonly more?: readonly HostPlugin[] | undefined;
}

/** Boots a host over the plugin in the folder `plugin` of `home`, whose files the test wrote. */
export async function hookHost(home: TemporaryHome, options: HookHostOptions = {}): Promise<HookHost> {
  const records: AuditRecord[] = [];
  const workspace: Workspace = {
    directory: home.directory,
    projectDirectory: home.directory,
    homeDirectory: home.directory,
    plugsmithHome: home.path("plugsmith"),
    trusted: options.trusted ?? true,
    environment: options.environment ?? { PATH: process.env["PATH"] ?? "", HOME: home.directory },
  };
  const processes: OpenProcesses = openProcesses({
    decide: () => ({ allowed: true }),
    workspace,
    audit: { append: (record) => void records.push(record), heads: () => [] },
    failed: (plugin, error) => {
      throw new Error(`process of ${plugin}`, { cause: error });
    },
  });
  const secrets: Secrets = options.secrets ?? {
    get: async () => undefined,
    set: async () => undefined,
    delete: async () => false,
    option: async () => undefined,
  };
  const test = await testHost(
    (own) => [...builtins(["command-hooks"], own), pluginIn(home.path("plugin"), own), ...(options.more ?? [])],
    {
      services: [
        processes.service,
        hostService(settingsService, options.settings ?? new MemorySettings([])),
        hostService(workspaceService, workspace),
        hostService(secretService, secrets),
        hostService(looseFoldersService, looseFoldersOf({ workspace, dataRoot: home.path("data") })),
      ],
    },
  );
  const session = new MemorySession({ directory: home.directory });
  return {
    ...test,
    audit: records,
    session,
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await processes.dispose();
      await test[Symbol.asyncDispose]();
      refuseCanary(JSON.stringify(records), "the audit of processes");
    },
  };
}
