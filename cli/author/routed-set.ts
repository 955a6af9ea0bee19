import { realpathSync } from "node:fs";
import { join } from "node:path";
import { enabledSet } from "../../core/discover/enabled-set.ts";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import type { RoutedPlugin } from "../../marketplace/author/routing/confusion.ts";
import { readRouting } from "../../marketplace/author/routing/test-files.ts";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import type { Home } from "../../marketplace/home.ts";
import { IndexFile } from "../../marketplace/store/index-file.ts";
import type { Subject } from "./subjects.ts";

/** What is installed and on in a directory, with the plugins under test in the place of those of their names. */
export async function routedSet(
  home: Home,
  directory: string,
  subjects: readonly Subject[],
): Promise<readonly RoutedPlugin[]> {
  const own = subjects.map(({ manifest, tests }): RoutedPlugin => ({
    id: manifest.name,
    manifest,
    routing: tests.routing,
  }));
  const names = new Set(subjects.map(({ manifest }) => manifest.name));
  const generation = readCurrent(home);
  if (generation === undefined) return own;
  const { index } = new IndexFile(home.index);
  const installed = (await enabledSet(generation, realpathSync(directory))).flatMap(
    ({ plugin, state }): readonly RoutedPlugin[] => {
      if (state.kind !== "on") return [];
      const manifest = index.manifest(plugin.manifest);
      if (manifest === undefined || manifest === "damaged" || names.has(manifest.name)) return [];
      return [{ id: plugin.id, manifest, routing: readRouting(openDirectoryTree(join(home.trees, plugin.tree))) }];
    },
  );
  return [...own, ...installed];
}
