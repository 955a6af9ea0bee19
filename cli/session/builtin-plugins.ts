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

/** The built-in plugins that `isEnabled` admits by id. */
export async function builtinPlugins(
  dataRoot: string,
  isEnabled: (id: string, isProtected: boolean) => boolean,
): Promise<readonly HostPlugin[]> {
  const manifests = await builtinManifests();
  return Object.entries(manifests)
    .map(([folder, manifest]) => builtinPlugin(folder, manifest, dataRoot))
    .filter(({ info, manifest }) => isEnabled(info.id, manifest.plugsmith?.protected === true));
}

function builtinPlugin(folder: string, manifest: PluginManifest, dataRoot: string): HostPlugin {
  const id = `${manifest.name}@${BUILTIN}`;
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
    options: {},
    ...(entry !== undefined && { load: () => loadInProcess(id, directory, sourceOf(entry)) }),
    diagnostics: [],
  };
}

function sourceOf(entry: string): string {
  return RUNS_SOURCES ? entry.replace(/\.js$/u, ".ts") : entry;
}
