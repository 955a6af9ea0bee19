import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadInProcess } from "../../core/load/module-loader.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { dataFolderName } from "../../schemas/names.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";

/** Manifests of the built-in plugins by the name of their folder, as the build wrote them. */
export type BuiltinManifests = Readonly<Record<string, PluginManifest>>;

/** A checkout runs the sources; the package has them beside the program, with one file of manifests. */
const RUNS_SOURCES = import.meta.url.endsWith(".ts");
const DIRECTORY = fileURLToPath(new URL(RUNS_SOURCES ? "../../builtin-plugins" : "./builtin-plugins", import.meta.url));

/** The origin of built-in plugins in ids. */
export const BUILTIN = "builtin";

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

async function builtinManifests(): Promise<BuiltinManifests> {
  if (!RUNS_SOURCES) {
    // The build wrote it, from what `readPlugin` gave.
    return JSON.parse(readFileSync(join(DIRECTORY, "manifests.json"), "utf8")) as BuiltinManifests;
  }
  const { readBuiltinManifests } = await import("./read-builtin-manifests.ts");
  return readBuiltinManifests(DIRECTORY);
}

function builtinPlugin(folder: string, manifest: PluginManifest, dataRoot: string): HostPlugin {
  const id = `${manifest.name}@${BUILTIN}`;
  const directory = join(DIRECTORY, folder);
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
