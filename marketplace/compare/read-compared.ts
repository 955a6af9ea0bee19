import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import type { Digest, LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import { lockedPackages } from "../install/inspect.ts";
import { leftOut } from "../install/materialize.ts";
import { isMarketplaceRoot } from "../install/plugin-versions.ts";
import { splitId } from "../install/ids.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import { readTreeMembers } from "../store/disk-tree.ts";
import { DEFAULT_TREE_LIMITS } from "../store/member-rules.ts";
import type { Store } from "../store/store.ts";
import { scanTree } from "../store/tree-scan.ts";
import type { TextOf } from "./file-differences.ts";
import type { ComparedPlugin } from "./plugin-facts.ts";

/** A longer file is not compared line by line. */
const MAX_TEXT_BYTES = 200_000;

/** A plugin that was read from wherever it lies, with what the readers found. */
export interface ReadPlugin extends ComparedPlugin {
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the files of a plugin under the rules of an installation and keeps its texts; runs nothing. Throws what `scanTree` throws. */
export function readCompared(
  id: string,
  tree: FileTree,
  { entry, source }: { readonly entry: CatalogEntry | undefined; readonly source: LockedSource },
  signal: AbortSignal,
): ReadPlugin {
  const texts = new Map<string, Uint8Array>();
  const scan = scanTree(tree, {
    limits: DEFAULT_TREE_LIMITS,
    ...leftOut(source),
    signal,
    onFile: (path, bytes) => {
      if (bytes.length <= MAX_TEXT_BYTES) texts.set(path, bytes);
    },
  });
  const { manifest, diagnostics } = readPlugin(tree, {
    fallbackName: splitId(id).name,
    ...(entry === undefined ? {} : { entry, rootIsMarketplace: isMarketplaceRoot(entry) }),
  });
  return {
    id,
    manifest,
    members: scan.members,
    textOf: (path) => decoded(texts.get(path)),
    packages: lockedPackages(tree),
    diagnostics: [...scan.diagnostics, ...diagnostics],
  };
}

/** A plugin whose tree lies in the store. Throws `E_STATE_CORRUPT` when its manifest is not there any more. */
export function storedPlugin(
  store: Store,
  { id, tree, manifest }: { readonly id: string; readonly tree: Digest; readonly manifest: Digest },
  openTree: (directory: string) => FileTree,
): ComparedPlugin {
  const directory = store.directory(tree);
  return {
    id,
    manifest: store.readManifest(manifest),
    members: store.members(tree) ?? readTreeMembers(directory).members,
    textOf: textsOf(openTree(directory)),
    packages: lockedPackages(openTree(directory)),
  };
}

/** A plugin that was fetched and read, and lies in staging or in the store. */
export function inspectedPlugin(
  { id, manifest, directory, packages }: InspectedPlugin,
  openTree: (directory: string) => FileTree,
): ComparedPlugin {
  const { members } = readTreeMembers(directory);
  return { id, manifest, members, textOf: textsOf(openTree(directory)), packages };
}

/** The texts of a tree as comparing takes them. */
export function textsOf(tree: FileTree): TextOf {
  return (path) => {
    const node = tree.stat(path);
    return node?.kind === "file" && node.bytes <= MAX_TEXT_BYTES ? decoded(tree.read(path)) : undefined;
  };
}

function decoded(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
