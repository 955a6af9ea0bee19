import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { CodedError } from "../../schemas/errors.ts";
import { writeDurableFile } from "../store/durable-file.ts";
import { ioError } from "../../schemas/system-error.ts";
import type { CatalogRoot, KnownMarketplace } from "./snapshot.ts";

/** What is remembered of a marketplace beside what callers see. */
export interface MarketplaceRecord extends KnownMarketplace {
  readonly root: CatalogRoot;
  /** Seconds since 1970 of the commit, for telling a rollback. */
  readonly committedAt?: number | undefined;
  readonly etag?: string | undefined;
  /** Size and modification time of a local catalog file when it was read. */
  readonly stamp?: string | undefined;
}

const FILE = "registry.json";

/** Reads `<marketplaces>/registry.json`; empty when there is none. Throws `E_STATE_CORRUPT` or `E_SCHEMA_NEWER`. */
export function readRegistry(directory: string): ReadonlyMap<string, MarketplaceRecord> {
  const file = join(directory, FILE);
  const text = readIfPresent(file);
  if (text === undefined) return new Map();
  const root = parse(text, file);
  if (typeof root["schema"] === "number" && root["schema"] > 1) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` was written by a newer Plugsmith`, {
      where: file,
      hint: "update Plugsmith",
    });
  }
  const { marketplaces } = root;
  if (root["schema"] !== 1 || !isObject(marketplaces)) throw corrupt(file, "has not the shape it was written in");
  const records = new Map<string, MarketplaceRecord>();
  for (const [name, record] of Object.entries(marketplaces)) {
    if (!isRecord(record, name)) throw corrupt(file, `has a damaged entry \`${name}\``);
    records.set(name, record);
  }
  return records;
}

/** Replaces the registry, names sorted. */
export function writeRegistry(directory: string, records: ReadonlyMap<string, MarketplaceRecord>): void {
  const sorted = [...records].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const marketplaces = Object.fromEntries(sorted);
  replaceFile(join(directory, FILE), `${JSON.stringify({ schema: 1, marketplaces }, undefined, 2)}\n`);
}

/**
 * Writes a file of ours, and the directories above it, so that it is either the old or the new one at any moment. The caller holds
 * the home. Throws `E_IO`.
 */
export function replaceFile(file: string, text: string | readonly string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw ioError("write", file, error);
  }
  writeDurableFile(file, text, { mode: 0o600 });
}

/** The text of a file; `undefined` when it does not exist. */
export function readIfPresent(file: string): string | undefined {
  return readBytesIfPresent(file)?.toString();
}

/** The content of a file; `undefined` when it does not exist. */
export function readBytesIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw ioError("read", file, error);
  }
}

function parse(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw corrupt(file, "is not JSON", cause);
  }
  throw corrupt(file, "is not an object");
}

function isRecord(value: unknown, name: string): value is MarketplaceRecord {
  if (!isObject(value) || value["name"] !== name) return false;
  const texts = ["identity", "revision", "addedAt", "fetchedAt"].every((key) => typeof value[key] === "string");
  return texts && isObject(value["source"]) && isObject(value["root"]) && typeof value["root"]["kind"] === "string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function corrupt(file: string, why: string, cause?: unknown): CodedError {
  return new CodedError("E_STATE_CORRUPT", `\`${file}\` ${why}`, {
    where: file,
    hint: "move it away and add the marketplaces again",
    cause,
  });
}
