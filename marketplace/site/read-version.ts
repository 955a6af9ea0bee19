import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { readPlugin, tokenEstimate } from "../../schemas/formats/index.ts";
import type { CatalogEntry, PluginManifest } from "../../schemas/plugin-manifest.ts";
import { treeDigest, type TreeMember } from "../../schemas/tree-digest.ts";
import { executablesOf, lockedPackages } from "../install/inspect.ts";
import { leftOut } from "../install/materialize.ts";
import { isMarketplaceRoot } from "../install/plugin-versions.ts";
import type { Offer } from "../sources/offer.ts";
import { DEFAULT_TREE_LIMITS } from "../store/member-rules.ts";
import { scanTree } from "../store/tree-scan.ts";
import { componentsOf } from "./components.ts";
import type { SiteVersion } from "./model.ts";
import { visibleText } from "./visible-text.ts";

/** A version that was read, with what comparing it to another takes. */
export interface ReadVersion {
  readonly version: SiteVersion;
  /** Absent when it would not load. */
  readonly manifest: PluginManifest | undefined;
  readonly members: readonly TreeMember[];
  /** The content of a file that is text and not too long. */
  readonly textOf: (path: string) => string | undefined;
  readonly readme: string | undefined;
}

/** A longer file is not compared line by line, and not shown as a readme. */
const MAX_TEXT_BYTES = 200_000;
const MAX_FINDINGS = 20;

/** Reads one version as an installation would, and runs nothing of it. Throws what `scanTree` throws. */
export function readVersion(offer: Offer, entry: CatalogEntry, tree: FileTree, signal: AbortSignal): ReadVersion {
  const texts = new Map<string, Uint8Array>();
  const scan = scanTree(tree, {
    limits: DEFAULT_TREE_LIMITS,
    ...leftOut(offer.source),
    signal,
    onFile: (path, bytes) => {
      if (bytes.length <= MAX_TEXT_BYTES) texts.set(path, bytes);
    },
  });
  const { manifest, diagnostics } = readPlugin(tree, {
    entry,
    rootIsMarketplace: isMarketplaceRoot(entry),
    fallbackName: entry.name,
  });
  const market = offer.id.slice(offer.id.lastIndexOf("@") + 1);
  const executing = manifest === undefined ? [] : executablesOf(offer.id, manifest, scan.members, lockedPackages(tree));
  const findings = [...scan.diagnostics, ...diagnostics].filter(({ severity }) => severity === "error");
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
      bytes: scan.bytes,
      files: scan.members.length,
      tree: treeDigest(scan.members),
      findings: findings.slice(0, MAX_FINDINGS).map(({ message, file }) => visibleText(`${file ?? ""}: ${message}`)),
    },
    manifest,
    members: scan.members,
    textOf: (path) => decoded(texts.get(path)),
    readme: readmeOf(scan.members, (path) => decoded(texts.get(path))),
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

function readmeOf(members: readonly TreeMember[], textOf: (path: string) => string | undefined): string | undefined {
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
