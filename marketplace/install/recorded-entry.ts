import { readCatalogEntry } from "../../schemas/catalog-entry.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { CatalogEntry, Provenance } from "../../schemas/plugin-manifest.ts";

/**
 * An entry as the lock records it: as written, but with a source that needs no `metadata.pluginRoot` to be understood, and without
 * the headers of its archive, which may be credentials.
 */
export function entryToRecord(entry: CatalogEntry): Readonly<Record<string, unknown>> {
  const { headers: _, headersHelper: __, ...raw } = entry.raw;
  return entry.source.kind === "relative" ? { ...raw, source: `./${entry.source.path}` } : raw;
}

const RECORDED_FILE = "marketplace.json";

/** A finding in a recorded entry, located where the entry is really written; without a line when that is not known. */
export function relocated(finding: Diagnostic, written: Provenance | undefined): Diagnostic {
  if (finding.file !== RECORDED_FILE) return finding;
  const { file = RECORDED_FILE, line, column } = written ?? {};
  return { ...finding, file, line, column };
}

/**
 * Reads a recorded entry. Positions are all 1:1, so that the manifest made from it has the same digest on every
 * machine and after every edit of other entries. Throws `E_ENTRY` when the record is not an entry.
 */
export function recordedEntry(record: Readonly<Record<string, unknown>>): CatalogEntry {
  const diagnostics: Diagnostic[] = [];
  const entry = readCatalogEntry(record, 0, {
    file: RECORDED_FILE,
    pluginRoot: "",
    remote: false,
    locate: () => ({ line: 1, column: 1 }),
    diagnostics,
  });
  if (entry !== undefined) return entry;
  const reason = diagnostics.find((diagnostic) => diagnostic.severity === "error")?.message ?? "it is not usable";
  throw new CodedError("E_ENTRY", `the recorded catalog entry cannot be read: ${reason}`, {
    hint: "run `plugin update` to record it anew",
  });
}
