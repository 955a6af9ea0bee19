import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { openAudit } from "../../core/audit/index.ts";
import { loosePlaces, looseFoldersOf } from "../../core/discover/loose-folders.ts";
import { watchLooseFolders } from "../../core/discover/loose-watch.ts";
import { Host } from "../../core/host.ts";
import { guardInspector } from "../../core/isolate/signal-guard.ts";
import { openProcesses } from "../../core/platform/processes.ts";
import { openSecrets } from "../../core/secrets/secrets.ts";
import { openSettings } from "../../core/settings/open-settings.ts";
import { loadPolicy } from "../../core/settings/policy-documents.ts";
import { openWorkspace, serveWorkspace } from "../../core/trust/workspace.ts";
import { openWorkspaceTrust } from "../../core/trust/workspace-trust.ts";
import type { Log } from "../../plugin-api/plugin.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import { looseFoldersService } from "../../plugin-api/services/loose-folders.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { homeOf } from "../home.ts";
import { VERSION } from "../version.ts";
import { watchFolders } from "./folder-watch.ts";
import { providePluginApi } from "./builtin-plugins.ts";
import { foreignLoader } from "./foreign-code.ts";
import { PluginIdentities } from "./plugin-identities.ts";
import { finishInterrupted } from "./recovery.ts";
import { SessionPlugins, type SessionSet } from "./session-plugins.ts";

/** What a host is opened for. */
export interface HostRequest {
  /** Absolute. */
  readonly directory: string;
  /** Folders of `--plugin-dir`. */
  readonly pluginDirectories: readonly string[];
  /** Values of `--settings`. */
  readonly settings: readonly string[];
  readonly trustWorkspace: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hears what plugins log from this level up. */
  readonly log?: ((level: keyof Log, plugin: string, message: string) => void) | undefined;
}

/** An open host with what it holds; the caller closes it. */
export interface OpenedHost {
  readonly host: Host;
  /** What a person should know about how it was opened. */
  readonly diagnostics: readonly Diagnostic[];
  /** Real path that sessions work in. */
  readonly directory: string;
  /** Takes what is installed and given now in place of what was then; returns the ids that changed. */
  readonly reload: () => Promise<readonly string[]>;
  /** Calls back when a folder given for this run, a loose folder or a file of settings changed. */
  readonly watch: (changed: () => void) => Disposable;
  readonly close: () => Promise<void>;
}

const FRONTEND: PluginInfo = {
  id: "plugsmith@builtin",
  name: "plugsmith",
  version: VERSION,
  tier: "builtin",
  directory: "",
  dataDirectory: "",
};

/** Composes the host of a session: services of core, the plugins of this place, nothing started yet. */
export async function openHost(request: HostRequest): Promise<OpenedHost> {
  const { environment } = request;
  const now = (): Date => new Date();
  const home = homeOf(environment);
  const guard = guardInspector(() => undefined);
  const api = providePluginApi();
  const recovered = await finishInterrupted(home);
  const audit = openAudit(home.audit, now);
  const log = logOf(request);
  const trust = openWorkspaceTrust(join(home.state, "trust.json"), now);
  const workspace = openWorkspace({
    directory: request.directory,
    homeDirectory: environment["HOME"] ?? homedir(),
    plugsmithHome: home.directory,
    environment,
    trust,
    trustedForThisRun: request.trustWorkspace,
  });
  const policy = await loadPolicy();
  const failed = (plugin: string, error: unknown): void => log(plugin).warn(messageOf(error));
  const settings = openSettings({
    workspace,
    flags: request.settings,
    audit,
    failed: (error) => failed("settings", error),
  });
  const processes = openProcesses({ decide: policy.decide, workspace, audit, failed });
  const identities = new PluginIdentities();
  const secrets = openSecrets({
    settings: settings.settings,
    environment,
    identityOf: (id) => identities.of(id),
    audit,
  });
  const loose = looseFoldersOf({ workspace, dataRoot: home.data });
  const foreign = foreignLoader({ workspace, isGuardGate: (event) => host.isGuardGate(event) });
  const plugins = new SessionPlugins({
    home,
    workspace,
    policy,
    settings: settings.settings,
    directories: request.pluginDirectories,
    load: foreign,
  });
  let set = await plugins.read();
  identities.replace(set.plugins, set.sources);
  const host = new Host({
    plugins: set.plugins,
    services: [
      serveWorkspace(workspace),
      settings.service,
      processes.service,
      secrets.service,
      { key: looseFoldersService.key, open: () => loose },
    ],
    audit,
    log,
    frontend: FRONTEND,
  });
  return {
    host,
    diagnostics: [
      ...recovered,
      ...policy.documents.flatMap((document) => document.diagnostics),
      ...trust.diagnostics(),
      ...settings.diagnostics(),
      ...withheld(settings.withheld(), workspace.projectDirectory),
      ...set.diagnostics,
    ],
    directory: workspace.directory,
    reload: async () => {
      const next = await plugins.read();
      identities.replace(next.plugins, next.sources);
      const changed = await host.reload(next.plugins);
      endLease(set);
      set = next;
      return changed;
    },
    watch: (changed) => {
      const unwatchable = (folder: string, error: unknown): void =>
        failed("plugsmith", new Error(`changes of \`${folder}\` are not noticed: ${messageOf(error)}`));
      const given = request.pluginDirectories.map((folder) => resolve(workspace.directory, folder));
      const folders = watchFolders(given, changed, unwatchable);
      const loose = watchLooseFolders(loosePlaces({ workspace, dataRoot: home.data }), changed, unwatchable);
      const registration = settings.settings.onChange(changed);
      return {
        // Node 22 has no `DisposableStack`.
        [Symbol.dispose]: () => {
          registration.dispose();
          loose[Symbol.dispose]();
          folders[Symbol.dispose]();
        },
      };
    },
    close: async () => {
      await host.dispose();
      await processes.dispose();
      settings.dispose();
      endLease(set);
      audit.seal();
      api.dispose();
      guard.dispose();
    },
  };
}

function endLease({ lease }: SessionSet): void {
  lease?.dispose();
}

function logOf({ log = () => undefined }: HostRequest): (plugin: string) => Log {
  return (plugin) => ({
    debug: (message) => log("debug", plugin, message),
    info: (message) => log("info", plugin, message),
    warn: (message) => log("warn", plugin, message),
  });
}

/** What a repository brings has no effect before a person trusts it, and they are told. */
function withheld(files: readonly { readonly file: string }[], project: string): readonly Diagnostic[] {
  const [first] = files;
  if (first === undefined) return [];
  const more = files.length === 1 ? "" : ` and ${String(files.length - 1)} more`;
  return [
    {
      code: "E_TRUST",
      severity: "warning",
      message: `nobody trusts \`${project}\` yet, so \`${first.file}\`${more} has no effect`,
      hint: "`plugin trust` trusts it, `--trust-workspace` for one run",
    },
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
