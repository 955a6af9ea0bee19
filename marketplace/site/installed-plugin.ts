import type { InstalledInfo } from "../install/query.ts";
import { componentsOf } from "./components.ts";
import type { SitePlugin } from "./model.ts";
import { visibleText } from "./visible-text.ts";

/** What is known about an installed plugin that no marketplace offers any more, or never did. */
export function installedAsSitePlugin({ plugin, manifest, executables }: InstalledInfo): SitePlugin {
  const name = plugin.id.slice(0, plugin.id.lastIndexOf("@"));
  const version = visibleText(plugin.version, 100);
  const title = visibleText(manifest.displayName, 120);
  return {
    name,
    id: plugin.id,
    title: title === "" ? name : title,
    description: visibleText(manifest.description, 600),
    category: "",
    tags: manifest.keywords.map((tag) => visibleText(tag, 40)).slice(0, 20),
    author: visibleText(manifest.author?.name, 120),
    license: visibleText(manifest.license, 80),
    links: [],
    version,
    versions: [
      {
        version,
        slug: "",
        current: true,
        origin: "",
        components: componentsOf(manifest),
        executables: executables.map((one) => ({
          kind: one.kind,
          name: visibleText(one.name, 200),
          display: visibleText(one.display, 2_000),
        })),
        needs: Object.entries(plugin.dependencies).map(([id, range]) => ({ id, range: visibleText(range, 100) })),
        tokens: plugin.tokens,
        bytes: plugin.bytes,
        files: 0,
        tree: plugin.tree,
        findings: [],
      },
    ],
    moreVersions: 0,
  };
}
