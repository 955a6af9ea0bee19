import { join } from "node:path";
import { enabledSet } from "../../core/discover/enabled-set.ts";
import { installedPlugins } from "../../core/discover/installed-plugins.ts";
import { homeAt } from "../../marketplace/home.ts";
import { Store } from "../../marketplace/store/store.ts";
import { dataFolderName } from "../../schemas/names.ts";
import type { Place } from "./machine.ts";
import { mcpHost, type McpHost, type McpHostOptions } from "./mcp-host.ts";

/** Boots a host of the bridge with what a home has installed for a project, on the bridge's own files in that home. */
export async function installedSession(
  at: Place,
  { home, project, ...more }: { readonly home: string; readonly project: string } & Pick<McpHostOptions, "person">,
): Promise<McpHost> {
  const place = homeAt(at.path(home));
  const store = new Store(place);
  const generation = at.generation(home);
  if (generation === undefined) throw new Error(`nothing is installed in \`${home}\``);
  const plugins = installedPlugins(await enabledSet(generation, at.path(project)), {
    dataRoot: place.data,
    treeDirectory: (tree) => store.directory(tree),
    readManifest: ({ manifest }) => store.readManifest(manifest),
    denial: () => undefined,
    problem: () => undefined,
    consented: () => true,
    optionsOf: () => ({}),
    load: async ({ info }) => {
      throw new Error(`\`${info.id}\` has code`);
    },
  });
  const bridgeData = join(place.data, dataFolderName("mcp-bridge@builtin"));
  return mcpHost({ plugins, bridgeData, project: at.path(project), ...more });
}
