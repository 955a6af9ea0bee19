import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { openAudit } from "../../core/audit/index.ts";
import { ContributionRules } from "../../core/discover/contribution-rules.ts";
import { loosePlaces, looseFoldersOf, type LooseFoldersOptions } from "../../core/discover/loose-folders.ts";
import { watchLooseFolders, type LooseChange } from "../../core/discover/loose-watch.ts";
import { Host } from "../../core/host.ts";
import { guardInspector } from "../../core/isolate/signal-guard.ts";
import { managedPlaces } from "../../core/platform/managed-paths.ts";
import type { ManagedFile } from "../../core/platform/managed-files.ts";
import { openProcesses } from "../../core/platform/processes.ts";
import { SecretOwners } from "../../core/secrets/secret-owners.ts";
import { openSecrets } from "../../core/secrets/secrets.ts";
import { openSettings } from "../../core/settings/open-settings.ts";
import { openPolicy } from "../../core/settings/policy-documents.ts";
import { findProject, openWorkspace, realDirectory, serveWorkspace } from "../../core/trust/workspace.ts";
import { openWorkspaceTrust } from "../../core/trust/workspace-trust.ts";
import type { Log } from "../../plugin-api/plugin.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Session } from "../../plugin-api/session.ts";
import { looseFoldersService, type LooseFolders } from "../../plugin-api/services/loose-folders.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { homeOf } from "../home.ts";
import { VERSION } from "../version.ts";
import { CleanUp } from "./clean-up.ts";
import { ConfigurationChanges } from "./configuration-changes.ts";
import { watchFolders } from "./folder-watch.ts";
import { providePluginApi } from "./builtin-plugins.ts";
import { requireFlag } from "./flag-policy.ts";
import { foreignLoader } from "./foreign-code.ts";
import { CHANGED_HINT, InstalledTrees } from "./installed-trees.ts";
import { PluginIdentities } from "./plugin-identities.ts";
import { finishInterrupted } from "./recovery.ts";
import { installRequired } from "./required-plugins.ts";
import { SessionPlugins, type SessionSet } from "./session-plugins.ts";
import { messageOf } from "./message-of.ts";

/** What a host is opened for. */
export interface HostRequest {
  /** Absolute. */
  readonly directory: string;
  /** Folders of `--plugin-dir`. */
  readonly pluginDirectories: readonly string[];
  /** Values of `--settings`. */
  readonly settings: readonly string[];
  readonly trustWorkspace: boolean;
  /** Folders of `--add-dir`, absolute. */
  readonly additionalDirectories?: readonly string[] | undefined;
  /** The newest session, for hooks of changes of the configuration. */
  readonly session?: (() => Session | undefined) | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where policy is read; default, and for every person, the fixed places of this machine. */
  readonly managedFiles?: (() => readonly ManagedFile[]) | undefined;
  /** Whether what policy requires and is not installed yet is installed first. */
  readonly bringsRequired?: boolean | undefined;
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
  /** Absolute real paths of folders beside it. */
  readonly additionalDirectories: readonly string[];
  /** Takes out at once what policy forbids by now; says whether policy changed, which wants a reload too. */
  readonly enforce: () => Promise<boolean>;
  /** Calls back when a folder given for this run, a loose folder or a file of settings changed. */
  readonly watch: (changed: () => void, policyChanged: () => void) => Disposable;
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
  const opening = new CleanUp();
  try {
    return await composed(request, opening);
  } catch (error) {
    opening[Symbol.dispose]();
    throw error;
  }
}

async function composed(request: HostRequest, opening: CleanUp): Promise<OpenedHost> {
  const { environment } = request;
  const now = (): Date => new Date();
  const home = homeOf(environment);
  opening.add(
    guardInspector(() => undefined),
    (guard) => guard.dispose(),
  );
  opening.add(providePluginApi(), (api) => api.dispose());
  const recovered = await finishInterrupted(home);
  const audit = opening.add(openAudit(home.audit, now), (log) => log.seal());
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
  const policy = await openPolicy(request.managedFiles);
  if (request.settings.length > 0) requireFlag(policy.decide, "settings");
  const { directory, managedFiles, bringsRequired = false } = request;
  const progress = (message: string): void => log("plugsmith").info(message);
  const required = bringsRequired
    ? await installRequired({ home, policy, environment, directory, managedFiles, progress })
    : [];
  const failed = (plugin: string, error: unknown): void => log(plugin).warn(messageOf(error));
  const changes = new ConfigurationChanges(request.session, log("settings"));
  const settings = opening.add(
    openSettings({
      workspace,
      flags: request.settings,
      flagsAllowed: () => policy.decide({ kind: "flag", name: "settings" }, "use").allowed,
      managed: () => policy.files,
      audit,
      admits: ({ layer, file }) => changes.admits(`${layer}_settings`, file),
      failed: (error) => failed("settings", error),
    }),
    (open) => open.dispose(),
  );
  // A plugin whose files were changed is taken out as a whole.
  const trees = new InstalledTrees(home, ({ id }, message) => {
    host.hold(id, "config", message, CHANGED_HINT).catch((error: unknown) => failed(id, error));
  });
  const requireSound = (plugin: PluginInfo): void => trees.require(plugin);
  const processes = openProcesses({ decide: policy.decide, workspace, audit, requireSound, failed });
  const identities = new PluginIdentities();
  const secrets = openSecrets({
    settings: settings.settings,
    environment,
    directory: home.encryptedSecrets,
    identityOf: (id) => identities.of(id),
    audit,
    owners: new SecretOwners(home.secretOwners),
  });
  const rules = new ContributionRules({ policy, settings: settings.settings });
  const additionalDirectories = (request.additionalDirectories ?? []).map(realDirectory);
  const places: LooseFoldersOptions = {
    workspace,
    dataRoot: home.data,
    // What a folder brings is read where a person trusts that folder; to work in it does not say so.
    added: additionalDirectories.filter(
      (folder) => request.trustWorkspace || trust.isTrusted(findProject(folder, workspace)),
    ),
    settingsText: settings.textOf,
  };
  const found = looseFoldersOf(places);
  const loose: LooseFolders = {
    skillsIn: (folder) =>
      found.skillsIn(folder).flatMap((skill) => {
        const value = rules.admittedSkill(skill.plugin, skill.value);
        return value === undefined ? [] : [{ ...skill, value }];
      }),
  };
  const foreign = foreignLoader({ workspace, isGuardGate: (event) => host.isGuardGate(event), requireSound, audit });
  const plugins = new SessionPlugins({
    home,
    workspace,
    policy,
    settings: settings.settings,
    rules,
    loose: places,
    directories: request.pluginDirectories,
    trees,
    load: foreign,
  });
  let set = await plugins.read();
  opening.add(undefined, () => endLease(set));
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
  changes.ask(host.frontend);
  return {
    host,
    diagnostics: [
      ...recovered,
      ...required,
      ...policy.documents.flatMap((document) => document.diagnostics),
      ...trust.diagnostics(),
      ...settings.diagnostics(),
      ...withheld(settings.withheld(), workspace.projectDirectory),
      ...set.diagnostics,
    ],
    directory: workspace.directory,
    additionalDirectories,
    reload: async () => {
      const next = await plugins.read();
      const before = set;
      // From here on the host runs what is new, whatever fails on the way.
      set = next;
      try {
        identities.replace(next.plugins, next.sources);
        return await host.reload(next.plugins);
      } finally {
        endLease(before);
      }
    },
    enforce: async () => {
      const changed = await policy.refresh();
      if (changed.length === 0) return false;
      settings.refresh();
      for (const file of changed) changes.tell("policy_settings", file);
      for (const { id, message } of await plugins.forbidden()) {
        for (const out of await host.hold(id, "policy", message)) await processes.stopFor(out);
      }
      return true;
    },
    watch: (changed, policyChanged) => {
      const watching = new CleanUp();
      const end = (watcher: Disposable): void => watcher[Symbol.dispose]();
      const unwatchable = (folder: string, error: unknown): void =>
        failed("plugsmith", new Error(`changes of \`${folder}\` are not noticed: ${messageOf(error)}`));
      const given = request.pluginDirectories.map((folder) => resolve(workspace.directory, folder));
      watching.add(watchFolders(given, changed, unwatchable), end);
      const looseChanged = ({ skills, more }: LooseChange): void => {
        if (more) changed();
        void changes.admitsSome("skills", skills).then((some) => (some && !more ? changed() : undefined));
      };
      watching.add(watchLooseFolders(loosePlaces(places), looseChanged, unwatchable), end);
      const managed = managedPlaces(process.platform);
      const folders = managed.map(({ directory }) => directory).filter((folder) => existsSync(folder));
      watching.add(watchFolders(folders, policyChanged, unwatchable), end);
      watching.add(settings.settings.onChange(changed), (registration) => registration.dispose());
      return watching;
    },
    close: async () => {
      await host.dispose();
      await processes.dispose();
      opening[Symbol.dispose]();
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
