import { CodedError } from "../../../schemas/errors.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import { memoryTree, readPlugin, validatePlugin } from "../../../schemas/formats/index.ts";
import type { Digest } from "../../../schemas/lockfile.ts";
import type { PluginManifest } from "../../../schemas/plugin-manifest.ts";
import { editJson } from "../../../schemas/settings-edit.ts";
import { digestOf, treeDigest } from "../../../schemas/tree-digest.ts";
import type { JsonEdit } from "../../../schemas/plain-json.ts";
import { archive, withFolder } from "../../archives/write-tarball.ts";
import { unloadable } from "../unloadable.ts";
import { collect } from "./collect.ts";
import { compile } from "./compile.ts";
import type { LeftOut, PackedFile } from "./packed-file.ts";
import { reasons } from "./reasons.ts";
import { refuseSecrets } from "./secrets.ts";

/** What the code of a plugin adds when it is activated. */
export interface Announced {
  readonly contributes: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly listens: readonly string[];
  readonly provides: readonly string[];
}

/** What is packed, and how. */
export interface PackRequest {
  /** Absolute. */
  readonly directory: string;
  readonly openTree: (directory: string) => FileTree;
  /** Name of the plugin when its manifest has none. */
  readonly fallbackName: string;
  /** Paths that look like a secret and are none. */
  readonly allowed: readonly string[];
  /** Activates the plugin that lies in a folder, and tells what it adds. */
  readonly announcementsOf: (directory: string, manifest: PluginManifest) => Promise<Announced>;
  /** Further files that a registry wants; what the plugin has goes before them. */
  readonly extra?: ((manifest: PluginManifest) => ReadonlyMap<string, string>) | undefined;
}

/** A plugin as one archive. */
export interface Package {
  readonly manifest: PluginManifest;
  readonly files: readonly PackedFile[];
  readonly leftOut: readonly LeftOut[];
  readonly archive: Uint8Array;
  /** Of the archive. */
  readonly digest: Digest;
  /** Of its content, which is the same however it is compressed. */
  readonly tree: Digest;
  /** Keys under `plugsmith` of the manifest that were written. */
  readonly announced: readonly string[];
}

type Files = Map<string, PackedFile>;

/**
 * Makes the package of a plugin: code compiled, what it adds written into the manifest, the rest as it is. Throws `E_SECRET`,
 * `E_COMPILE`, `E_PLUGIN_FAILED` and `E_MANIFEST`; nothing of the folder is changed.
 */
export async function pack(request: PackRequest): Promise<Package> {
  const { directory, openTree, allowed, extra } = request;
  const collected = collect(openTree(directory), directory);
  refuseSecrets(collected.files, allowed);
  const files: Files = new Map(collected.files.map((file) => [file.path, { ...file, why: "" }]));
  const compiled = compileEntry(files, manifestOf(files, request));
  const announced = await announce(files, request);
  const manifest = validManifest(files, request);
  for (const [path, text] of extra?.(manifest) ?? []) {
    if (!files.has(path)) files.set(path, textFile(path, text, "for the registry"));
  }
  const why = reasons(manifest);
  const packed = [...files.values()]
    .map((file) => ({ ...file, why: file.why === "" ? why(file.path) : file.why }))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
  const bytes = await archive(packed, { top: "package", compressed: true });
  return {
    manifest,
    files: packed,
    leftOut: [...collected.left, ...compiled].sort((left, right) => (left.path < right.path ? -1 : 1)),
    archive: bytes,
    digest: digestOf(bytes),
    tree: treeDigest(packed.map((file) => memberOf(file))),
    announced,
  };
}

function memberOf({ path, executable, bytes }: PackedFile) {
  const sha256 = digestOf(bytes).slice("sha256-".length);
  return { kind: "file", path, executable, bytes: bytes.length, sha256 } as const;
}

function treeOf(files: Files): FileTree {
  const entries = [...files.values()].map(
    ({ path, bytes, executable }) => [path, { text: bytes, executable }] as const,
  );
  return memoryTree(Object.fromEntries(entries));
}

function manifestOf(files: Files, { fallbackName }: PackRequest): PluginManifest {
  const { manifest, diagnostics } = readPlugin(treeOf(files), { fallbackName });
  if (manifest !== undefined) return manifest;
  throw unloadable(diagnostics);
}

/** Replaces the entry and what it reaches by JavaScript; returns the sources. */
function compileEntry(files: Files, manifest: PluginManifest): readonly LeftOut[] {
  const entry = entryPath(manifest);
  if (entry === undefined) return [];
  if (!files.has(entry)) throw missingEntry(entry);
  const sources = new Map([...files].map(([path, { bytes }]) => [path, bytes]));
  const { entry: compiled, written, replaced } = compile(sources, entry);
  for (const [path, { text, from }] of written) {
    const { executable } = files.get(from) ?? { executable: false };
    const why = path === from ? "" : `compiled from ${from}`;
    files.set(path, { ...textFile(path, text, why), executable });
  }
  for (const path of replaced) files.delete(path);
  if (compiled !== entry) editManifest(files, manifest, [{ path: ["plugsmith", "entry"], value: `./${compiled}` }]);
  return [...replaced].map((path) => ({ path, why: "compiled" }));
}

function entryPath(manifest: PluginManifest): string | undefined {
  return manifest.plugsmith?.entry?.replace(/^\.\//u, "");
}

function missingEntry(entry: string): CodedError {
  return new CodedError("E_NOT_FOUND", `the entry \`${entry}\` is not in the package`, {
    hint: "write it, or see whether `.gitignore` or `.pluginignore` leaves it out",
    where: entry,
  });
}

/** Writes what the code adds into the manifest; returns the keys. */
async function announce(files: Files, request: PackRequest): Promise<readonly string[]> {
  const manifest = manifestOf(files, request);
  if (entryPath(manifest) === undefined) return [];
  const added = await withFolder([...files.values()], (directory) => request.announcementsOf(directory, manifest));
  const written = manifest.plugsmith ?? {};
  const edits: JsonEdit[] = [];
  const change = (key: "contributes" | "listens" | "provides", value: unknown, isNone: boolean): void => {
    if (isNone ? written[key] === undefined : JSON.stringify(value) === JSON.stringify(written[key])) return;
    edits.push({ path: ["plugsmith", key], value: isNone ? undefined : value });
  };
  const contributes = { ...added.contributes, ...openLists(written.contributes) };
  change("contributes", contributes, Object.keys(contributes).length === 0);
  change("listens", added.listens, added.listens.length === 0);
  change("provides", added.provides, added.provides.length === 0);
  if (edits.length > 0) editManifest(files, manifest, edits);
  return edits.map(({ path }) => String(path[1]));
}

/** An empty list says that only the code knows what comes, and stays. */
function openLists(contributes: unknown): Readonly<Record<string, readonly never[]>> {
  if (typeof contributes !== "object" || contributes === null) return {};
  const open = Object.entries(contributes).filter(([, list]) => Array.isArray(list) && list.length === 0);
  return Object.fromEntries(open.map(([key]) => [key, []]));
}

function editManifest(files: Files, manifest: PluginManifest, edits: readonly JsonEdit[]): void {
  const file = manifest.provenance["plugsmith.entry"]?.file ?? ".claude-plugin/plugin.json";
  const text = new TextDecoder().decode(files.get(file)?.bytes);
  files.set(file, textFile(file, editJson(text, edits, file), ""));
}

function textFile(path: string, text: string, why: string): PackedFile {
  return { path, bytes: new TextEncoder().encode(text), executable: false, why };
}

/** The manifest of what is packed. Throws `E_MANIFEST` for what `validate` calls an error. */
function validManifest(files: Files, { fallbackName }: PackRequest): PluginManifest {
  const { manifest, diagnostics } = validatePlugin(treeOf(files), { fallbackName });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (manifest !== undefined && first === undefined) return manifest;
  if (errors.length < 2) throw unloadable(errors);
  const lines = errors.map(
    ({ message, file, line }) => `${message}${file === undefined ? "" : ` (${file}:${line ?? 1})`}`,
  );
  throw new CodedError("E_MANIFEST", lines.join("\n"), {
    hint: first?.hint ?? "`plugin validate` shows what is wrong with it",
    where: first?.file,
  });
}
