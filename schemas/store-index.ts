import type { Digest } from "./lockfile.ts";
import type { PluginManifest } from "./plugin-manifest.ts";
import { digestOf, treeDigest, type TreeMember } from "./tree-digest.ts";

/** What the index of a store knows: canonical manifests, the files of each tree, what inspecting a tree found, the tree with a plugin's npm packages. */
export type StoreRecordKind = "manifest" | "members" | "inspection" | "packages";

/** One record as it stands in an index; `text` is its whole line. */
export interface IndexedRecord {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

const [LINE_END, SPACE] = [0x0a, 0x20];

/**
 * One record as a line of an index: `<kind> <name> <JSON>`. The name holds no space; `json` is one line with its line end,
 * for a manifest exactly the text that its digest is made of.
 */
export function storeRecord(kind: StoreRecordKind, name: string, json: string): string {
  return `${kind} ${name} ${json}`;
}

/**
 * The index of a store: one file of records that is only ever appended to, so that a program reads every manifest by opening
 * one file. Of several records with one name the last holds. A line that was torn by a crash is no record: manifests and
 * lists of files prove themselves by the digest that names them, and no inspection is half a line of JSON.
 */
export class StoreIndex {
  readonly #bytes: Buffer;
  /** `<kind> <name>` → where its JSON starts. */
  readonly #starts = new Map<string, number>();

  /** Finds the records in the bytes of an index file; an absent file has none. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    let start = 0;
    for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
      const gap = bytes.indexOf(SPACE, bytes.indexOf(SPACE, start) + 1);
      if (gap > start && gap < end) this.#starts.set(bytes.toString("latin1", start, gap), gap + 1);
      start = end + 1;
    }
  }

  /** The JSON of a record with its line end, as it was appended; `undefined` when there is none of that name. */
  text(kind: StoreRecordKind, name: string): string | undefined {
    const start = this.#starts.get(`${kind} ${name}`);
    if (start === undefined) return undefined;
    return this.#bytes.toString("utf8", start, this.#bytes.indexOf(LINE_END, start) + 1);
  }

  /** Every record that holds, in the order of the file; what was replaced or torn is not among them. */
  *records(): IterableIterator<IndexedRecord> {
    for (const [key, start] of this.#starts) {
      const gap = key.indexOf(" ");
      const text = this.#bytes.toString("utf8", start - key.length - 1, this.#bytes.indexOf(LINE_END, start) + 1);
      yield { kind: key.slice(0, gap), name: key.slice(gap + 1), text };
    }
  }

  /** The manifest of that digest; `undefined` when it is missing, `damaged` when the record is not what its name says. */
  manifest(digest: Digest): PluginManifest | "damaged" | undefined {
    const text = this.text("manifest", digest);
    if (text === undefined) return undefined;
    // The digest proves that this is the text of a manifest that a reader of ours made.
    return digestOf(text) === digest ? (JSON.parse(text) as PluginManifest) : "damaged";
  }

  /** The files and links of a tree; `undefined` when the record is missing or is not the one of this tree. */
  members(tree: Digest): readonly TreeMember[] | undefined {
    const members = parseOrUndefined(this.text("members", tree) ?? "");
    return isMembers(members) && treeDigest(members) === tree ? members : undefined;
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isMembers(value: unknown): value is readonly TreeMember[] {
  return Array.isArray(value) && value.every(isMember);
}

function isMember(value: unknown): value is TreeMember {
  if (typeof value !== "object" || value === null || !("kind" in value) || !("path" in value)) return false;
  if (typeof value.path !== "string") return false;
  if (value.kind === "link") return "target" in value && typeof value.target === "string";
  return (
    value.kind === "file" &&
    "executable" in value &&
    typeof value.executable === "boolean" &&
    "bytes" in value &&
    typeof value.bytes === "number" &&
    "sha256" in value &&
    typeof value.sha256 === "string"
  );
}
