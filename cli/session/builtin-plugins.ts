import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideModules } from "../../core/load/plugin-api-hook.ts";
import { loadInProcess } from "../../core/load/module-loader.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import type { Registration } from "../../plugin-api/disposable.ts";
import { dataFolderName } from "../../schemas/names.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { BUILTIN } from "../builtin-word.ts";
import { BUILTIN_DIRECTORY, builtinManifests, RUNS_SOURCES } from "./builtin-manifests.ts";

/**
 * Makes the public name of the plugin interface mean this copy of it, wherever the package lies; a checkout finds it by the
 * package's own name.
 */
export function providePluginApi(): Registration {
  if (RUNS_SOURCES) return { dispose: () => undefined };
  return provideModules({ "plugsmith/plugin-api": fileURLToPath(new URL("./plugin-api.js", import.meta.url)) });
}

/** How built-in plugins become those of a host. */
export interface BuiltinPluginsOptions {
  /** Folder of plugins' data folders. */
  readonly dataRoot: string;
  readonly isEnabled: (id: string, isProtected: boolean) => boolean;
  /** Values of its `userConfig`, without secrets. */
  readonly optionsOf: (id: string, manifest: PluginManifest) => Readonly<Record<string, unknown>>;
}

/** The built-in plugins that are enabled. */
export async function builtinPlugins(options: BuiltinPluginsOptions): Promise<readonly HostPlugin[]> {
  const manifests = await builtinManifests();
  return Object.entries(manifests).flatMap(([folder, manifest]) => {
    const id = `${manifest.name}@${BUILTIN}`;
    if (!options.isEnabled(id, manifest.plugsmith?.protected === true)) return [];
    return [builtinPlugin(id, folder, manifest, options)];
  });
}

function builtinPlugin(
  id: string,
  folder: string,
  manifest: PluginManifest,
  { dataRoot, optionsOf }: BuiltinPluginsOptions,
): HostPlugin {
  const directory = join(BUILTIN_DIRECTORY, folder);
  const entry = manifest.plugsmith?.entry;
  return {
    info: {
      id,
      name: manifest.name,
      version: manifest.version ?? "",
      tier: "builtin",
      directory,
      dataDirectory: join(dataRoot, dataFolderName(id)),
    },
    revision: manifest.version ?? "",
    manifest,
    dependencies: manifest.dependencies.map(({ name }) => `${name}@${BUILTIN}`),
    disabledComponents: [],
    options: optionsOf(id, manifest),
    ...(entry !== undefined && { load: () => loadInProcess(id, directory, sourceOf(entry)) }),
    diagnostics: [],
  };
}

function sourceOf(entry: string): string {
  return RUNS_SOURCES ? entry.replace(/\.js$/u, ".ts") : entry;
}
