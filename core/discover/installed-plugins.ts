import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "../../plugin-api/plugin.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import { isCodedError, type CodedError } from "../../schemas/errors.ts";
import { launcherRevision, runTree, type GenerationPlugin } from "../../schemas/generation.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import { dataFolderName } from "../../schemas/names.ts";
import { missingPackages } from "../../schemas/packages/missing-packages.ts";
import { onPlatform } from "../../schemas/formats/server-platform.ts";
import { notStarted, startLocked } from "../../schemas/launchers/start-locked.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { HostPlugin } from "../host-plugin.ts";
import type { SessionPlugin } from "./enabled-set.ts";

/** What discovering installed plugins needs of the composition root. */
export interface InstalledPluginsOptions {
  /** Folder of plugins' data folders. */
  readonly dataRoot: string;
  /** Absolute path of a tree. */
  readonly treeDirectory: (tree: Digest) => string;
  /** Throws a `CodedError` for a manifest that is missing or was changed. */
  readonly readManifest: (plugin: GenerationPlugin) => PluginManifest;
  /** Why policy forbids a plugin now; `undefined` when it does not. */
  readonly denial: (installed: SessionPlugin, manifest: PluginManifest) => string | undefined;
  /** What is wrong with the files of a plugin, as far as that is known or policy wants it known before it loads. */
  readonly problem: (plugin: GenerationPlugin) => Pick<NonNullable<HostPlugin["held"]>, "message" | "hint"> | undefined;
  /** Whether a person said yes to a closure of a plugin. */
  readonly consented: (id: string, closure: string) => boolean;
  /** Values of its `userConfig`, without secrets. */
  readonly optionsOf: (id: string, manifest: PluginManifest) => Readonly<Record<string, unknown>>;
  readonly load: (plugin: InstalledCode, crashed: (error: unknown) => void) => Promise<Plugin>;
}

/** An installed plugin with code. */
export interface InstalledCode {
  readonly info: PluginInfo;
  readonly manifest: PluginManifest;
  readonly entry: string;
}

/** The enabled plugins of a session as a host takes them; what policy or consent forbids is there, held. */
export function installedPlugins(
  session: readonly SessionPlugin[],
  options: InstalledPluginsOptions,
): readonly HostPlugin[] {
  const active = session.filter(({ state }) => state.kind === "on" || state.kind === "broken");
  const ids = new Set(active.map(({ plugin }) => plugin.id));
  return active.map((installed) => hostPlugin(installed, ids, options));
}

function hostPlugin(
  installed: SessionPlugin,
  enabled: ReadonlySet<string>,
  options: InstalledPluginsOptions,
): HostPlugin {
  const { plugin } = installed;
  const { id, version } = plugin;
  const tree = runTree(plugin);
  const reading = manifestOf(plugin, options);
  const { contributions, unstarted } = startLocked(onPlatform(reading.manifest.contributions, process.platform), {
    launchers: plugin.launchers ?? {},
    fileOf: (digest, path) => presentFile(join(options.treeDirectory(digest), path)),
  });
  const isAsRead = contributions === reading.manifest.contributions;
  const manifest = isAsRead ? reading.manifest : { ...reading.manifest, contributions };
  const info: PluginInfo = {
    id,
    name: manifest.name,
    version,
    tier: "installed",
    directory: options.treeDirectory(tree),
    dataDirectory: join(options.dataRoot, dataFolderName(id)),
  };
  const entry = manifest.plugsmith?.entry;
  const held = reading.held ?? heldBack(installed, reading.manifest, options) ?? gone(info.directory);
  return {
    info,
    revision: `${tree} ${plugin.manifest} ${plugin.disabledComponents.join(" ")}${launcherRevision(plugin)}`,
    manifest,
    dependencies: Object.keys(plugin.dependencies).filter((needed) => enabled.has(needed)),
    disabledComponents: plugin.disabledComponents,
    options: options.optionsOf(id, manifest),
    lockedTools: plugin.tools,
    ...(entry !== undefined && {
      load: (crashed: (error: unknown) => void) => options.load({ info, manifest, entry }, crashed),
    }),
    held,
    diagnostics: [...missingPackages(plugin), ...unstarted.map((one) => notStarted(one))],
  };
}

function presentFile(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : undefined;
}

/** A tree that was deleted, or that a link took the place of, is told at boot, not by whatever fails first. */
function gone(directory: string): HostPlugin["held"] {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return undefined;
  const what = found === undefined ? "are missing" : "were replaced by something else";
  const hint = "`plugin sync` fetches the plugin again";
  return { reason: "config", message: `its files ${what}: \`${directory}\``, hint };
}

/** A plugin whose manifest cannot be read stays visible, with the reason. */
function manifestOf(
  plugin: GenerationPlugin,
  { readManifest }: InstalledPluginsOptions,
): { readonly manifest: PluginManifest; readonly held: HostPlugin["held"] } {
  try {
    return { manifest: readManifest(plugin), held: undefined };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { manifest: emptyManifest(plugin), held: { reason: "config", message: error.message, hint: hintOf(error) } };
  }
}

function hintOf(error: CodedError): string {
  return error.hint ?? "run `plugin sync` to fetch the plugin again";
}

function emptyManifest({ id, version, format }: GenerationPlugin): PluginManifest {
  return {
    schema: 1,
    format,
    name: id.slice(0, id.lastIndexOf("@")),
    version,
    keywords: [],
    defaultEnabled: true,
    dependencies: [],
    userConfig: {},
    channels: [],
    settings: {},
    contributions: [],
    provenance: {},
  };
}

function heldBack(
  installed: SessionPlugin,
  manifest: PluginManifest,
  { denial, problem, consented }: InstalledPluginsOptions,
): HostPlugin["held"] {
  const { plugin, state } = installed;
  const reason = denial(installed, manifest);
  if (reason !== undefined) {
    return { reason: "policy", message: reason, hint: "ask your administrator about the rule" };
  }
  if (state.kind === "broken") {
    return { reason: "config", message: state.diagnostic.message, hint: state.diagnostic.hint };
  }
  if (plugin.consent !== "" && !consented(plugin.id, plugin.consent)) {
    const hint = "`plugin sync` shows what it runs and asks again";
    return { reason: "consent", message: "nobody said yes to what it runs", hint };
  }
  const broken = problem(plugin);
  if (broken !== undefined) return { reason: "config", ...broken };
  return undefined;
}
