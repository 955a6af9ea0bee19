import { CodedError } from "./errors.ts";
import type { Catalog } from "./catalog.ts";
import type { CatalogEntry } from "./plugin-manifest.ts";
import { isRecord } from "./record.ts";
import { digestOf, digestOfParts } from "./tree-digest.ts";

const SCHEMA = 2;
const NEWLINE = 0x0a;
/** Spread before an entry, so that its name is what is written first. */
const NAME_FIRST = { name: "" };
const LINES_AT_ONCE = 500;

/**
 * A catalog that was validated, for our own store; `catalogFromSnapshot` reads it back without validating again. The first line
 * holds all but the entries, and their digest; each further line is an entry that starts with its name. The parts make up one text, which
 * a large catalog is not held as.
 */
export function catalogToSnapshot(catalog: Catalog): readonly string[] {
  const { entries, ...rest } = catalog;
  const parts: string[] = [];
  for (let start = 0; start < entries.length; start += LINES_AT_ONCE) {
    const lines = entries.slice(start, start + LINES_AT_ONCE);
    parts.push(lines.map((entry) => `${JSON.stringify({ ...NAME_FIRST, ...entry })}\n`).join(""));
  }
  const head = JSON.stringify({ schema: SCHEMA, digest: digestOfParts(parts), catalog: rest });
  return [`${head}\n${parts[0] ?? ""}`, ...parts.slice(1)];
}

/**
 * Reads what `catalogToSnapshot` wrote; entries are parsed one by one as they are asked for by name, or all when `entries` is read.
 * Throws `E_STATE_CORRUPT`, or `E_SCHEMA_NEWER` for one of a newer Plugsmith.
 */
export function catalogFromSnapshot(bytes: Uint8Array, file: string): Catalog {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = text.indexOf(NEWLINE) + 1;
  const head = parsed(text.toString("utf8", 0, end === 0 ? text.length : end), file);
  if (!isRecord(head)) throw corrupt(file, "is not an object");
  const { schema, catalog, digest } = head;
  if (typeof schema === "number" && schema > SCHEMA) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` was written by a newer Plugsmith`, {
      where: file,
      hint: "update Plugsmith",
    });
  }
  if (schema !== SCHEMA || !isOutline(catalog)) throw corrupt(file, "is not a catalog snapshot");
  // From the end of the first line on, so that every entry follows a line end.
  const lines = text.subarray(end - 1);
  if (digestOf(lines.subarray(1)) !== digest) throw corrupt(file, "is not as it was written");
  return withEntries(catalog, lines, file);
}

/** An entry of a catalog by its exact name. */
export function entryNamed(catalog: Catalog, name: string): CatalogEntry | undefined {
  return catalog.entryNamed === undefined
    ? catalog.entries.find((entry) => entry.name === name)
    : catalog.entryNamed(name);
}

type Outline = Omit<Catalog, "entries" | "entryNamed">;

function withEntries(outline: Outline, lines: Buffer, file: string): Catalog {
  let entries: readonly CatalogEntry[] | undefined;
  const named = new Map<string, CatalogEntry | undefined>();
  const catalog: Catalog = {
    ...outline,
    get entries() {
      entries ??= entriesOf(parsed(`[${lines.toString().trim().replaceAll("\n", ",")}]`, file), file);
      return entries;
    },
  };
  const find = (name: string): CatalogEntry | undefined => {
    if (!named.has(name)) named.set(name, lineOf(lines, name, file));
    return named.get(name);
  };
  // Not enumerable: a copy of the catalog with other entries must not go on answering with these.
  return Object.defineProperty(catalog, "entryNamed", { value: find });
}

/** JSON text has no line ends inside, so only a line can start like this. */
function lineOf(lines: Buffer, name: string, file: string): CatalogEntry | undefined {
  const found = lines.indexOf(`\n{"name":${JSON.stringify(name)},`);
  if (found === -1) return undefined;
  return entriesOf([parsed(lines.toString("utf8", found + 1, lines.indexOf(NEWLINE, found + 1)), file)], file)[0];
}

function entriesOf(value: unknown, file: string): readonly CatalogEntry[] {
  if (areEntries(value)) return value;
  throw corrupt(file, "is not a catalog snapshot");
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, "is not JSON", cause);
  }
}

/** Checks the outline only: the file is ours, and every entry passed `readCatalog` before it was written. */
function areEntries(value: unknown): value is readonly CatalogEntry[] {
  return (
    Array.isArray(value) &&
    value.every((entry) => isRecord(entry) && typeof entry["name"] === "string" && isRecord(entry["source"]))
  );
}

/** Like `areEntries`, of all that is not an entry. */
function isOutline(value: unknown): value is Outline & Readonly<Record<string, unknown>> {
  return (
    isRecord(value) &&
    typeof value["name"] === "string" &&
    typeof value["pluginRoot"] === "string" &&
    Array.isArray(value["ambiguous"]) &&
    isRecord(value["renames"]) &&
    Array.isArray(value["allowCrossMarketplaceDependenciesOn"]) &&
    typeof value["forceRemoveDeletedPlugins"] === "boolean"
  );
}

function corrupt(file: string, why: string, cause?: unknown): CodedError {
  return new CodedError("E_STATE_CORRUPT", `\`${file}\` ${why}`, {
    where: file,
    hint: "run `plugin market update` to fetch the catalog again",
    cause,
  });
}
