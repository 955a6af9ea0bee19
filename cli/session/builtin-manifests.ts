import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";

/** Manifests of the built-in plugins by the name of their folder, as the build wrote them. */
export type BuiltinManifests = Readonly<Record<string, PluginManifest>>;

/** A checkout runs the sources; the package has the built-in plugins beside the program, with one file of manifests. */
export const RUNS_SOURCES: boolean = import.meta.url.endsWith(".ts");

/** What several files of the package share lies in a folder of chunks beside the program. */
const BUILT = /\/chunks\/[^/]+$/u.test(import.meta.url) ? "../builtin-plugins" : "./builtin-plugins";

/** Folder of the built-in plugins. */
export const BUILTIN_DIRECTORY: string = fileURLToPath(
  new URL(RUNS_SOURCES ? "../../builtin-plugins" : BUILT, import.meta.url),
);

/** Reads the manifests of the built-in plugins. */
export async function builtinManifests(): Promise<BuiltinManifests> {
  if (!RUNS_SOURCES) {
    // The build wrote it, from what `readPlugin` gave.
    return JSON.parse(readFileSync(join(BUILTIN_DIRECTORY, "manifests.json"), "utf8")) as BuiltinManifests;
  }
  const { readBuiltinManifests } = await import("./read-builtin-manifests.ts");
  return readBuiltinManifests(BUILTIN_DIRECTORY);
}
