import { join } from "node:path";
import { launcherRevision, type RootClosure, runTree } from "../../schemas/generation.ts";
import { dataFolderName } from "../../schemas/names.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { Home } from "../home.ts";
import { componentName } from "../install/components.ts";
import { splitId } from "../install/ids.ts";
import type { AgentPlugin } from "./target.ts";

/** Grows when the same plugin is written in another way than before. */
const WRITER_VERSION = 2;

/** Where a plugin's manifest and files can be read. */
export interface PluginFiles {
  readonly manifest: PluginManifest;
  /** Absolute directory of the tree once it is in the store. */
  readonly tree: string;
  /** The catalog entry that applied, as written. */
  readonly entry: Readonly<Record<string, unknown>> | undefined;
}

/** The plugins of a root as agents get them, sorted by id; those that cannot be read are left out. */
export function agentSet(
  plugins: RootClosure["plugins"],
  filesOf: (plugin: RootClosure["plugins"][number]) => PluginFiles | undefined,
  home: Home,
): readonly AgentPlugin[] {
  return plugins.flatMap((plugin): readonly AgentPlugin[] => {
    const files = filesOf(plugin);
    if (files === undefined) return [];
    const { id, version, enabled, manifest: digest, disabledComponents } = plugin;
    const { manifest } = files;
    const contributions = manifest.contributions.filter((one) => !disabledComponents.includes(componentName(one)));
    return [
      {
        id,
        name: splitId(id).name,
        version,
        enabled,
        tree: files.tree,
        key: `${[WRITER_VERSION, runTree(plugin), digest, version, ...disabledComponents].join(" ")}${launcherRevision(plugin)}`,
        manifest,
        contributions,
        whole:
          contributions.length === manifest.contributions.length &&
          plugin.launchers === undefined &&
          !addsComponents(files.entry),
        data: join(home.data, dataFolderName(id)),
      },
    ];
  });
}

/** Members of a catalog entry that only say what it is about; any other may add to the manifest or stand for it. */
const PLAIN_MEMBERS: ReadonlySet<string> = new Set([
  "name",
  "source",
  "version",
  "description",
  "displayName",
  "author",
  "homepage",
  "repository",
  "license",
  "keywords",
  "category",
  "tags",
]);

function addsComponents(entry: Readonly<Record<string, unknown>> | undefined): boolean {
  return Object.keys(entry ?? {}).some((member) => !PLAIN_MEMBERS.has(member));
}
