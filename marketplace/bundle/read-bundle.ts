import { CodedError } from "../../schemas/errors.ts";
import { readCatalog, type Catalog } from "../../schemas/marketplace.ts";
import { memoryTree, type MemoryFile } from "../../schemas/formats/memory-tree.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { type Digest, type Lockfile, readLockfile } from "../../schemas/lockfile.ts";
import { type Intent, readIntent } from "../../schemas/plugins-json.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import type { ArchiveFile, ArchiveHints, ArchiveLimits } from "../archives/members.ts";
import { readPlainTarball } from "../archives/tarball.ts";
import { DEFAULT_TREE_LIMITS } from "../store/member-rules.ts";
import { scanTree } from "../store/tree-scan.ts";
import { BUNDLE, integrityOfFile, readBundleIndex, treeMember } from "./layout.ts";

/** A catalog that comes with a bundle. */
export interface BundledCatalog {
  readonly revision: string;
  readonly catalog: Catalog;
}

/** What a bundle holds, once its digests were compared. */
export interface Bundle {
  /** Of the file, for messages. */
  readonly file: string;
  readonly intent: Intent;
  /** Relative paths in it start from the root that it is brought into. */
  readonly lock: Lockfile;
  readonly trees: ReadonlyMap<Digest, FileTree>;
  readonly catalogs: ReadonlyMap<string, BundledCatalog>;
  /** Tarballs of npm packages by the digest that their names say, which whoever uses them compares. */
  readonly packages: ReadonlyMap<string, Uint8Array>;
}

/** A bundle is read in memory, and is as large as what it holds. */
const LIMITS: ArchiveLimits = {
  totalBytes: 1024 * 1024 * 1024,
  fileBytes: 1024 * 1024 * 1024,
  entries: 200_000,
  ratio: 1,
};

const HINTS: ArchiveHints = {
  refused: "do not use it: no bundle of `plugin bundle export` has such a member",
  damaged: "copy or export it again",
};

/**
 * Reads a bundle and compares every tree with the digest that names it; nothing is written. Every plugin of its lock is in it.
 * Throws `E_ARCHIVE_…`, `E_LIMIT_…`, `E_INTEGRITY`, `E_SCHEMA`, `E_SCHEMA_NEWER`, `E_STATE_CORRUPT`, and what reading a catalog throws.
 */
export function readBundle(bytes: Uint8Array, file: string, signal: AbortSignal): Bundle {
  const members = readPlainTarball(bytes, `the bundle \`${file}\``, LIMITS, HINTS);
  const textAt = (name: string): Uint8Array => {
    const found = members.get(name);
    if (found !== undefined) return found.bytes;
    throw new CodedError("E_SCHEMA", `\`${file}\` is no bundle: it has no \`${name}\``, {
      hint: "`plugin bundle export` makes one",
      where: file,
    });
  };
  const index = readBundleIndex(textAt(BUNDLE.index), `${file}:${BUNDLE.index}`);
  const decoder = new TextDecoder();
  const intent = readIntent(decoder.decode(textAt(BUNDLE.intent)), `${file}:${BUNDLE.intent}`);
  const lock = readLockfile(decoder.decode(textAt(BUNDLE.lock)), `${file}:${BUNDLE.lock}`);
  const { trees, packages, catalogs } = sorted(members, file);
  const read = new Map(
    [...trees].map(([tree, files]) => [tree, checkedTree(tree, files, index.links[tree] ?? {}, file, signal)]),
  );
  for (const [id, { tree }] of Object.entries(lock.plugins)) {
    if (read.has(tree)) continue;
    throw new CodedError("E_INTEGRITY", `\`${file}\` lacks the files of \`${id}\``, { hint: "export the bundle anew" });
  }
  return { file, intent, lock, trees: read, packages, catalogs: readCatalogs(catalogs, lock, index.catalogs, file) };
}

interface Sorted {
  readonly trees: ReadonlyMap<Digest, Record<string, MemoryFile>>;
  readonly packages: ReadonlyMap<string, Uint8Array>;
  readonly catalogs: ReadonlyMap<string, Uint8Array>;
}

/** Members by what they are; one that is nothing that a bundle has is refused. */
function sorted(members: ReadonlyMap<string, ArchiveFile>, file: string): Sorted {
  const trees = new Map<Digest, Record<string, MemoryFile>>();
  const packages = new Map<string, Uint8Array>();
  const catalogs = new Map<string, Uint8Array>();
  const own: readonly string[] = [BUNDLE.index, BUNDLE.intent, BUNDLE.lock];
  for (const [path, { bytes, executable }] of members) {
    if (own.includes(path)) continue;
    const [top] = path.split("/");
    const catalog = /^catalogs\/([^/]+)\.json$/u.exec(path)?.[1];
    if (catalog !== undefined) catalogs.set(catalog, bytes);
    else if (top === BUNDLE.packages) packages.set(integrityOfFile(path), bytes);
    else if (top === BUNDLE.trees) {
      const { tree, member } = treeMember(path);
      const files = trees.get(tree) ?? {};
      trees.set(tree, files);
      files[member] = { text: bytes, executable };
    } else {
      throw new CodedError("E_SCHEMA", `\`${file}\` holds \`${path}\`, which has no place in a bundle`, {
        hint: "do not use it: somebody made it by hand",
      });
    }
  }
  return { trees, packages, catalogs };
}

function checkedTree(
  digest: Digest,
  files: Readonly<Record<string, MemoryFile>>,
  links: Readonly<Record<string, string>>,
  file: string,
  signal: AbortSignal,
): FileTree {
  const targets = Object.fromEntries(Object.entries(links).map(([path, link]) => [path, { link }]));
  const tree = memoryTree({ ...files, ...targets });
  const { members } = scanTree(tree, { limits: DEFAULT_TREE_LIMITS, signal, onFile: () => undefined });
  const got = treeDigest(members);
  if (got === digest) return tree;
  throw new CodedError("E_INTEGRITY", `in \`${file}\` the tree \`${digest}\` has other files than its name says`, {
    hint: "do not use it: it was damaged, or somebody changed it",
    data: { expected: digest, got },
  });
}

function readCatalogs(
  texts: ReadonlyMap<string, Uint8Array>,
  { marketplaces }: Lockfile,
  revisions: Readonly<Record<string, string>>,
  file: string,
): ReadonlyMap<string, BundledCatalog> {
  const catalogs = new Map<string, BundledCatalog>();
  for (const [name, text] of texts) {
    const market = marketplaces[name];
    const revision = revisions[name];
    const where = `${file}:${BUNDLE.catalogs}/${name}.json`;
    const isLocal = market?.source.kind === "directory" || market?.source.kind === "file";
    const { value: catalog } = readCatalog(text, { file: where, remote: !isLocal });
    if (market === undefined || revision === undefined || catalog.name !== name) {
      throw new CodedError(
        "E_SCHEMA",
        `\`${where}\` is not the catalog of a marketplace that the bundle's lock names`,
        {
          hint: "export the bundle anew",
        },
      );
    }
    catalogs.set(name, { revision, catalog });
  }
  return catalogs;
}
