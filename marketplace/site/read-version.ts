import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { tokenEstimate } from "../../schemas/formats/index.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import type { ComparedPlugin } from "../compare/plugin-facts.ts";
import { readCompared } from "../compare/read-compared.ts";
import { executablesOf } from "../install/inspect.ts";
import type { Offer } from "../sources/offer.ts";
import { componentsOf } from "./components.ts";
import type { SiteVersion } from "./model.ts";
import { visibleText } from "./visible-text.ts";

/** A version that was read, with what comparing it to another takes. */
export interface ReadVersion {
  readonly version: SiteVersion;
  readonly plugin: ComparedPlugin;
  readonly readme: string | undefined;
}

const MAX_FINDINGS = 20;

/** Reads one version as an installation would, and runs nothing of it. Throws what `scanTree` throws. */
export function readVersion(offer: Offer, entry: CatalogEntry, tree: FileTree, signal: AbortSignal): ReadVersion {
  const plugin = readCompared(offer.id, tree, { entry, source: offer.source }, signal);
  const { manifest, members, packages, diagnostics } = plugin;
  const market = offer.id.slice(offer.id.lastIndexOf("@") + 1);
  const executing = manifest === undefined ? [] : executablesOf(offer.id, manifest, members, packages);
  const findings = diagnostics.filter(({ severity }) => severity === "error");
  return {
    version: {
      version: visibleText(offer.version, 100),
      slug: slugOf(offer.version),
      current: offer.current,
      origin: originOf(offer),
      components: manifest === undefined ? [] : componentsOf(manifest),
      executables: executing.map(({ kind, name, display }) => ({
        kind,
        name: visibleText(name, 200),
        display: visibleText(display, 2_000),
      })),
      needs: (manifest?.dependencies ?? entry.dependencies).map((need) => ({
        id: visibleText(`${need.name}@${need.market ?? market}`, 260),
        range: visibleText(need.range, 100),
      })),
      tokens: manifest === undefined ? 0 : tokenEstimate(manifest),
      bytes: members.reduce((sum, member) => sum + (member.kind === "file" ? member.bytes : 0), 0),
      files: members.length,
      tree: treeDigest(members),
      findings: findings.slice(0, MAX_FINDINGS).map(({ message, file }) => visibleText(`${file ?? ""}: ${message}`)),
    },
    plugin,
    readme: readmeOf(plugin),
  };
}

function readmeOf({ members, textOf }: ComparedPlugin): string | undefined {
  const found = members.find(({ kind, path }) => kind === "file" && /^readme(?:\.md|\.markdown|\.txt)?$/iu.test(path));
  return found && textOf(found.path);
}

function originOf({ source }: Offer): string {
  if (source.kind !== "git") return "";
  return visibleText(source.tag === undefined ? `commit ${source.commit.slice(0, 12)}` : `tag ${source.tag}`, 200);
}

/** A version as one segment of a path, on every file system: `+` and what no version should hold become `_`. */
function slugOf(version: string): string {
  return version.replaceAll(/[^\w.-]/gu, "_").replace(/^\.+/u, "_");
}
