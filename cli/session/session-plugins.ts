import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ContributionRules } from "../../core/discover/contribution-rules.ts";
import { folderPlugin } from "../../core/discover/folder-plugin.ts";
import { looseFolders, type LooseFoldersOptions } from "../../core/discover/loose-folders.ts";
import { withoutReserved } from "../../core/discover/reserved-services.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { pluginOptions } from "../../core/settings/plugin-options.ts";
import type { Policy } from "../../core/settings/policy-documents.ts";
import type { HeldLease } from "../../marketplace/generations/lease.ts";
import type { Home } from "../../marketplace/home.ts";
import type { Plugin } from "../../plugin-api/plugin.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Settings, SettingsLayer } from "../../plugin-api/services/settings.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { PolicySubject } from "../../schemas/policy.ts";
import { usedCapabilities } from "../../schemas/used-capabilities.ts";
import { builtinPlugins } from "./builtin-plugins.ts";
import { requireFlag } from "./flag-policy.ts";
import { readInstalledSet } from "./installed-set.ts";
import type { InstalledTrees } from "./installed-trees.ts";

/** Code of a plugin that is not ours. */
export interface ForeignCode {
  readonly info: PluginInfo;
  readonly manifest: PluginManifest;
  readonly entry: string;
}

/** Where a session's plugins come from. */
export interface SessionPluginsOptions {
  readonly home: Home;
  readonly workspace: Workspace;
  readonly policy: Policy;
  readonly settings: Settings;
  readonly rules: Pick<ContributionRules, "admitted">;
  readonly loose: LooseFoldersOptions;
  /** Folders of `--plugin-dir`, relative to the workspace's directory. */
  readonly directories: readonly string[];
  readonly trees: InstalledTrees;
  readonly load: (code: ForeignCode, crashed: (error: unknown) => void) => Promise<Plugin>;
}

/** The plugins of a session at one moment; the lease keeps the installed ones on disk. */
export interface SessionSet {
  readonly plugins: readonly HostPlugin[];
  /** Where installed ones come from, by id. */
  readonly sources: ReadonlyMap<string, LockedSource>;
  readonly diagnostics: readonly Diagnostic[];
  readonly lease: HeldLease | undefined;
}

/** A repository cannot switch off what protects a person. */
const PERSONAL: ReadonlySet<SettingsLayer> = new Set(["managed", "user"]);

/** Collects the plugins of a session: ours, the folders given for this run, what is installed, loose folders. The first of an id counts. */
export class SessionPlugins {
  readonly #options: SessionPluginsOptions;
  /** Counts readings, so that a folder that is read again is loaded again. */
  #reading = 0;
  /** Ids of the folders given for this run, as they were read last. */
  #givenIds: readonly string[] = [];

  constructor(options: SessionPluginsOptions) {
    this.#options = options;
  }

  /** Throws `E_SOURCE_BLOCKED` when policy forbids the folders given for this run, `E_MANIFEST` for one that is no plugin. */
  async read(): Promise<SessionSet> {
    const { home, workspace, policy, settings, rules, trees, load } = this.#options;
    this.#reading += 1;
    const diagnostics: Diagnostic[] = [];
    const optionsOf = (id: string, manifest: PluginManifest): Readonly<Record<string, unknown>> => {
      const found = pluginOptions(id, manifest.userConfig, settings);
      diagnostics.push(...found.diagnostics);
      return found.value;
    };
    const isEnabled = (id: string, isProtected: boolean): boolean => {
      const off = this.#switchedOff(id, isProtected);
      if (off !== undefined) diagnostics.push(off);
      return off === undefined;
    };
    const own = await builtinPlugins({ dataRoot: home.data, isEnabled, optionsOf });
    const given = this.#given(optionsOf);
    this.#givenIds = given.map(({ info }) => info.id);
    const installed = await readInstalledSet({
      home,
      directory: workspace.directory,
      policy,
      trees,
      optionsOf,
      load,
    });
    requireNoStandIn(given, installed.plugins, policy);
    const loose = looseFolders(this.#options.loose);
    const plugins = new Map<string, HostPlugin>();
    for (const plugin of [...own, ...given, ...besides(installed.plugins, given), ...loose]) {
      if (plugins.has(plugin.info.id)) continue;
      // Code that is not ours runs in a process of its own.
      const fit = plugin.info.tier === "builtin" ? plugin : withoutReserved(plugin);
      plugins.set(plugin.info.id, rules.admitted(fit));
    }
    return {
      plugins: [...plugins.values()],
      sources: installed.sources,
      diagnostics: [...installed.diagnostics, ...diagnostics],
      lease: installed.lease,
    };
  }

  /** The plugins that policy forbids by now, with its reason. */
  async forbidden(): Promise<readonly { readonly id: string; readonly message: string }[]> {
    try {
      const { plugins, lease } = await this.read();
      lease?.dispose();
      return plugins.flatMap(({ info: { id }, held }) =>
        held?.reason === "policy" ? [{ id, message: held.message }] : [],
      );
    } catch (error) {
      if (!isCodedError(error) || error.code !== "E_SOURCE_BLOCKED") throw error;
      const { message } = error;
      return this.#givenIds.map((id) => ({ id, message }));
    }
  }

  /** Says where a built-in plugin is switched off; `undefined` when it is on. */
  #switchedOff(id: string, isProtected: boolean): Diagnostic | undefined {
    const layers = this.#options.settings.layers("enabledPlugins");
    const deciding = layers.find(({ layer, value }) => (PERSONAL.has(layer) || !isProtected) && hasKey(value, id));
    if (deciding === undefined || (deciding.value as Readonly<Record<string, unknown>>)[id] !== false) return undefined;
    return {
      code: "I_SWITCHED_OFF",
      severity: "info",
      message: `\`${id}\` is switched off by \`enabledPlugins\` in ${deciding.file}`,
      hint: `\`plugin enable ${id}\`, or correct that file`,
    };
  }

  #given(optionsOf: (id: string, manifest: PluginManifest) => Readonly<Record<string, unknown>>): HostPlugin[] {
    const { directories, policy, workspace, home, load } = this.#options;
    if (directories.length === 0) return [];
    requireFlag(policy.decide, "plugin-dir");
    return directories.map((directory) => {
      requireFolder(resolve(workspace.directory, directory), directory);
      const plugin = folderPlugin(resolve(workspace.directory, directory), {
        origin: "inline",
        tier: "session",
        dataRoot: home.data,
        load: ({ manifest, info, entry }, crashed) => load({ manifest, info, entry }, crashed),
      });
      requireEntry(plugin, directory);
      const options = optionsOf(plugin.info.id, plugin.manifest);
      const held = blockedByRule(plugin, policy);
      return { ...plugin, ...held, options, revision: `${plugin.revision} ${String(this.#reading)}` };
    });
  }
}

function requireFolder(path: string, typed: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  const what = found === undefined ? "does not exist" : "is no folder";
  throw new CodedError("E_NOT_FOUND", `\`--plugin-dir ${typed}\` ${what}`, {
    hint: "name the folder that holds the plugin's `.claude-plugin` or `plugin.json`",
  });
}

/** Code that is not there would otherwise be missed without a word: its tools are only tools that nobody has. */
function requireEntry({ info, manifest }: HostPlugin, directory: string): void {
  const entry = manifest.plugsmith?.entry;
  if (entry === undefined || statSync(join(info.directory, entry), { throwIfNoEntry: false })?.isFile() === true)
    return;
  throw new CodedError("E_MANIFEST", `the entry \`${entry}\` of \`${info.name}\` is not a file of the plugin`, {
    hint: "write the file, or correct `plugsmith.entry` in the manifest",
    where: directory,
  });
}

/** A rule may block a plugin by its name, or for what it brings, wherever it comes from. */
function blockedByRule({ info, manifest }: HostPlugin, { decide, documents }: Policy): Pick<HostPlugin, "held"> {
  if (documents.length === 0) return {};
  const { id, name } = info;
  const subjects: readonly PolicySubject[] = [
    { kind: "contribution", id, contribution: { kind: "plugin", name } },
    ...usedCapabilities(manifest).map(({ kind }): PolicySubject => ({ kind: "capability", id, capability: kind })),
  ];
  const decision = subjects.map((subject) => decide(subject, "load")).find(({ allowed }) => !allowed);
  if (decision === undefined || decision.allowed) return {};
  const message = `policy does not allow it: ${decision.reason} (\`${decision.rule.key}\` in ${decision.rule.file})`;
  return { held: { reason: "policy", message, hint: "ask your administrator about the rule" } };
}

/** What policy keeps on for everybody is not replaced by a folder of whoever starts the session (attacks.md PB16). */
function requireNoStandIn(
  given: readonly HostPlugin[],
  installed: readonly HostPlugin[],
  { documents }: Pick<Policy, "documents">,
): void {
  for (const { info } of installed) {
    const rule = documents.map(({ plugins }) => plugins.forced.get(info.id)).find((place) => place !== undefined);
    const standIn = given.find(({ info: { name } }) => name === info.name);
    if (rule === undefined || standIn === undefined) continue;
    const message = `\`--plugin-dir ${standIn.info.directory}\` may not stand in for \`${info.id}\`, which policy requires`;
    throw new CodedError("E_SOURCE_BLOCKED", message, {
      hint: `give the plugin another name, or ask your administrator about \`${rule.key}\` in ${rule.file}`,
    });
  }
}

/** A folder given for this run stands in for the installed plugin of its name, also for those that depend on it. */
function besides(installed: readonly HostPlugin[], given: readonly HostPlugin[]): readonly HostPlugin[] {
  if (given.length === 0) return installed;
  const byName = new Map(given.map(({ info }) => [info.name, info.id]));
  const standIns = new Map(
    installed.flatMap(({ info }): [string, string][] => {
      const standIn = byName.get(info.name);
      return standIn === undefined ? [] : [[info.id, standIn]];
    }),
  );
  return installed
    .filter(({ info }) => !standIns.has(info.id))
    .map((plugin) => ({ ...plugin, dependencies: plugin.dependencies.map((id) => standIns.get(id) ?? id) }));
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}
