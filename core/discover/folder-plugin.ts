import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "../../plugin-api/plugin.ts";
import type { PluginInfo, PluginTier } from "../../plugin-api/plugin-info.ts";
import { CodedError } from "../../schemas/errors.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { dataFolderName } from "../../schemas/names.ts";
import type { HostPlugin } from "../host-plugin.ts";
import { openDirectoryTree } from "../platform/disk-file-tree.ts";

/** How a plugin in a folder becomes one of a host. */
export interface FolderPluginOptions {
  /** The part of its id behind the `@`, e.g. `builtin`, `inline`. */
  readonly origin: string;
  readonly tier: PluginTier;
  /** Folder of plugins' data folders. */
  readonly dataRoot: string;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Loads the code behind an entry. */
  readonly load: (plugin: FolderEntry, crashed: (error: unknown) => void) => Promise<Plugin>;
}

/** A folder with code. */
export interface FolderEntry {
  readonly info: PluginInfo;
  readonly manifest: PluginManifest;
  /** As the manifest names it. */
  readonly entry: string;
}

/** Reads a folder as a plugin, in whatever format; without a manifest the folder's name is its. Throws `E_MANIFEST` for one that is none. */
export function folderPlugin(directory: string, options: FolderPluginOptions): HostPlugin {
  const root = realpathSync(directory);
  const { manifest, diagnostics } = readPlugin(openDirectoryTree(root), { fallbackName: basename(root) });
  if (manifest === undefined) {
    const [first] = diagnostics;
    throw new CodedError("E_MANIFEST", first?.message ?? `\`${directory}\` is no plugin`, {
      hint: first?.hint ?? "`plugin validate` shows what is wrong with it",
      where: directory,
    });
  }
  const name = manifest.name === "" ? basename(root) : manifest.name;
  const id = `${name}@${options.origin}`;
  const entry = manifest.plugsmith?.entry;
  const info: PluginInfo = {
    id,
    name,
    version: manifest.version ?? "",
    tier: options.tier,
    directory: root,
    dataDirectory: join(options.dataRoot, dataFolderName(id)),
  };
  return {
    info,
    revision: root,
    manifest,
    dependencies: manifest.dependencies.map(
      (dependency) => `${dependency.name}@${dependency.market ?? options.origin}`,
    ),
    disabledComponents: [],
    options: options.options ?? {},
    ...(entry !== undefined && {
      load: (crashed: (error: unknown) => void) => options.load({ info, manifest, entry }, crashed),
    }),
    diagnostics,
  };
}
