import { readCatalog } from "../../../schemas/catalog.ts";
import { CodedError } from "../../../schemas/errors.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import { readPlugin } from "../../../schemas/formats/index.ts";
import { isRecord } from "../../../schemas/record.ts";
import { unloadable } from "../unloadable.ts";
import type { CatalogEntry } from "../../../schemas/plugin-manifest.ts";

/** The catalog of a repository. */
export const CATALOG = ".claude-plugin/marketplace.json";

/** Manifests that hold a version, the first that is there. */
export const MANIFESTS = [".claude-plugin/plugin.json", "plugin.json"] as const;

/** A plugin that lies in an author's repository. */
export interface AuthorPlugin {
  readonly name: string;
  /** POSIX, from the top of the repository; `""` is the top itself. */
  readonly folder: string;
  /** What a catalog says of it. */
  readonly entry?: CatalogEntry | undefined;
  /** Place of the entry in the list of the catalog. */
  readonly entryAt?: number | undefined;
}

/** The plugins of a repository: those that its catalog lists from itself, or the one at its top. Throws `E_MANIFEST` when there is none. */
export function authorPlugins(tree: FileTree, fallbackName: string): readonly AuthorPlugin[] {
  const text = tree.read(CATALOG);
  if (text === undefined) return [{ name: topName(tree, fallbackName), folder: "" }];
  const { entries, entryOrder } = readEntries(text);
  return entries.flatMap((entry) => {
    if (entry.source.kind !== "relative") return [];
    const folder = entry.source.path;
    return [{ name: entry.name, folder, entry, entryAt: entryOrder.indexOf(entry.name) }];
  });
}

function readEntries(text: Uint8Array) {
  const { entries } = readCatalog(text, { file: CATALOG }).value;
  const json: unknown = JSON.parse(new TextDecoder().decode(text));
  const listed = isRecord(json) && Array.isArray(json["plugins"]) ? json["plugins"] : [];
  return { entries, entryOrder: listed.map((item: unknown) => (isRecord(item) ? item["name"] : undefined)) };
}

function topName(tree: FileTree, fallbackName: string): string {
  const { manifest, diagnostics } = readPlugin(tree, { fallbackName });
  if (manifest !== undefined) return manifest.name;
  const broken = MANIFESTS.some((path) => tree.stat(path)?.kind === "file");
  if (broken) throw unloadable(diagnostics);
  throw new CodedError("E_MANIFEST", "the top of the repository is neither a plugin nor a marketplace", {
    hint: "`plugin new` starts one",
  });
}
