import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { BUNDLES_FOLDER, bundleFolder } from "../../schemas/formats/components/mcp-bundle.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import { memoryTree, type MemoryFile } from "../../schemas/formats/memory-tree.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import type { CatalogEntry, Provenance } from "../../schemas/plugin-manifest.ts";
import { isRecord } from "../../schemas/record.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import { checkPublicAddress, downloadArchive } from "../archives/download-archive.ts";
import { type ArchiveFile, PLUGIN_LIMITS } from "../archives/members.ts";
import { unpackZip } from "../archives/zip.ts";
import { requireFetch } from "../install/fetch-policy.ts";
import type { MarketOrigin } from "../install/market-origin.ts";
import { isMarketplaceRoot } from "../install/plugin-versions.ts";
import type { Services } from "../services.ts";
import { joinedTree } from "../store/joined-tree.ts";
import { DEFAULT_TREE_LIMITS } from "../store/member-rules.ts";
import { scanTree } from "../store/tree-scan.ts";

/** A plugin whose bundles are to be unpacked, as its source has it. */
export interface SourcePlugin {
  readonly id: string;
  readonly version: string;
  readonly tree: FileTree;
  readonly entry: CatalogEntry | undefined;
  readonly market: MarketOrigin | undefined;
  readonly listed?: boolean | undefined;
  /** The tree that it has to be; one that is this already is left alone. */
  readonly locked?: string | undefined;
  readonly skip?: ((path: string) => boolean) | undefined;
}

/** What unpacking works with. */
export type BundleServices = Pick<Services, "decide" | "audit" | "offline" | "progress" | "signal" | "rewrites">;

/** Bundles beyond this size are not read. */
const MAX_BUNDLE_BYTES = 100 * 1024 * 1024;
const BUNDLE = /\.(?:mcpb|dxt)\b/i;

/**
 * The files of a plugin with its MCP bundles unpacked, each into a folder of its own, where the readers find their servers; so they are
 * part of the tree that is locked, agreed to and run. A bundle that cannot be unpacked stays one, with a finding. Throws
 * `E_SOURCE_BLOCKED`, `E_OFFLINE`, `E_NETWORK` and the like for one that cannot be fetched: what a tree is may not depend on the weather.
 */
export async function withBundles(
  plugin: SourcePlugin,
  services: BundleServices,
): Promise<{ readonly tree: FileTree; readonly findings: readonly Diagnostic[] }> {
  const { tree, locked } = plugin;
  if (!mayHaveBundles(plugin)) return { tree, findings: [] };
  if (locked !== undefined && digestOf(plugin) === locked) return { tree, findings: [] };
  // What an author's own host left there is not what the bundles hold.
  const own = joinedTree(tree, BUNDLES_FOLDER, memoryTree({}));
  const bundles = bundlesOf({ ...plugin, tree: own });
  if (bundles.size === 0) return { tree, findings: [] };
  const files: Record<string, MemoryFile> = {};
  const findings: Diagnostic[] = [];
  for (const [location, where] of bundles) {
    const isAddress = /^https:/iu.test(location);
    const bytes = isAddress ? await download(location, plugin, services) : own.read(location, MAX_BUNDLE_BYTES);
    services.signal.throwIfAborted();
    try {
      const unpacked = await unpackBundle(bytes ?? new Uint8Array(), location);
      for (const [path, file] of unpacked) files[`${bundleFolder(location)}/${path}`] = file;
    } catch (error) {
      if (!isCodedError(error)) throw error;
      findings.push(refused(error, where));
    }
  }
  return { tree: joinedTree(own, BUNDLES_FOLDER, memoryTree(files)), findings };
}

/** Only a manifest or an entry can name one; nearly none does, and then nothing is read twice. */
function mayHaveBundles({ tree, entry }: SourcePlugin): boolean {
  if (entry !== undefined && BUNDLE.test(JSON.stringify(entry.raw["mcpServers"] ?? ""))) return true;
  const node = tree.stat(".claude-plugin/plugin.json");
  if (node?.kind !== "file" || node.bytes > MAX_BUNDLE_BYTES) return false;
  return BUNDLE.test(new TextDecoder().decode(tree.read(".claude-plugin/plugin.json")));
}

function digestOf({ tree, skip }: SourcePlugin): Digest {
  return treeDigest(scanTree(tree, { limits: DEFAULT_TREE_LIMITS, skip, onFile: () => undefined }).members);
}

/** Location → where it is named. */
function bundlesOf({ id, tree, entry }: SourcePlugin): ReadonlyMap<string, Provenance> {
  const { manifest } = readPlugin(tree, {
    fallbackName: id,
    ...(entry === undefined ? {} : { entry, rootIsMarketplace: isMarketplaceRoot(entry) }),
  });
  return new Map(
    (manifest?.contributions ?? []).flatMap((one) =>
      one.kind === "mcp" && one.config.transport === "bundle" ? [[one.config.location, one.where] as const] : [],
    ),
  );
}

async function download(url: string, plugin: SourcePlugin, services: BundleServices): Promise<Uint8Array> {
  const { id, version, market, listed } = plugin;
  const source = { kind: "archive", url, sha256: "" } as const;
  requireFetch(services, { id, version, market, source, ...(listed === undefined ? {} : { listed }) });
  const { offline, progress, signal, rewrites } = services;
  if (offline) {
    throw new CodedError("E_OFFLINE", `the MCP bundle \`${url}\` of \`${id}\` is not on this machine`, {
      hint: "run it once without `--offline`",
    });
  }
  progress(`fetching ${url}`);
  return await downloadArchive(url, { headers: {}, checkAddress: checkPublicAddress, signal, rewrites });
}

async function unpackBundle(bytes: Uint8Array, location: string): Promise<ReadonlyMap<string, MemoryFile>> {
  const label = `the MCP bundle \`${location}\``;
  const unpacked = await unpackZip(bytes, label, PLUGIN_LIMITS);
  const manifest = unpacked.get("manifest.json");
  if (manifest === undefined) {
    throw new CodedError("E_MANIFEST", `${label} holds no \`manifest.json\` at its top`, {
      hint: "its author has to pack it again",
    });
  }
  const programs = programsOf(manifest, unpacked);
  const files = [...unpacked].map(([path, { bytes: text, executable }]) => {
    return [path, { text, executable: executable || programs.has(path) }] as const;
  });
  // What names may look like; the rest of the plugin is not to fail for them.
  scanTree(memoryTree(Object.fromEntries(files)), { limits: DEFAULT_TREE_LIMITS, onFile: () => undefined });
  return new Map(files);
}

/** Files that the manifest starts: what packs bundles does not keep that they are programs. */
function programsOf({ bytes }: ArchiveFile, files: ReadonlyMap<string, ArchiveFile>): ReadonlySet<string> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The readers tell of it.
    return new Set();
  }
  const server = memberOf(json, "server");
  const start = memberOf(server, "mcp_config");
  const overrides = memberOf(start, "platform_overrides");
  const commands = [start, ...(isRecord(overrides) ? Object.values(overrides) : [])].map((one) =>
    memberOf(one, "command"),
  );
  const entry = memberOf(server, "type") === "binary" ? [memberOf(server, "entry_point")] : [];
  const paths = [...commands, ...entry].flatMap((text) =>
    typeof text === "string" ? [text.replace(/^(?:\$\{__dirname\}|\.)\//u, "")] : [],
  );
  return new Set(paths.filter((path) => files.has(path)));
}

function memberOf(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function refused({ code, message, hint }: CodedError, { file, line, column }: Provenance): Diagnostic {
  return {
    code,
    severity: "error",
    message,
    file,
    line: line ?? 1,
    column: column ?? 1,
    ...(hint === undefined ? {} : { hint }),
    dropped: "mcp",
  };
}
