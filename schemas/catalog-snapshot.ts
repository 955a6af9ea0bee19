import { CodedError } from "./errors.ts";
import type { Catalog } from "./catalog.ts";
import { isRecord } from "./record.ts";

/** Text of a catalog that was validated, for our own store; `catalogFromSnapshot` reads it back without validating again. */
export function catalogToSnapshot(catalog: Catalog): string {
  return `${JSON.stringify({ schema: 1, catalog })}\n`;
}

/** Reads what `catalogToSnapshot` wrote. Throws `E_STATE_CORRUPT`, or `E_SCHEMA_NEWER` for one of a newer Plugsmith. */
export function catalogFromSnapshot(text: string, file: string): Catalog {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, "is not JSON", cause);
  }
  if (!isRecord(root)) throw corrupt(file, "is not an object");
  const schema = root["schema"];
  if (typeof schema === "number" && schema > 1) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` was written by a newer Plugsmith`, {
      where: file,
      hint: "update Plugsmith",
    });
  }
  const catalog = root["catalog"];
  if (schema !== 1 || !isCatalog(catalog)) throw corrupt(file, "is not a catalog snapshot");
  return catalog;
}

/** Checks the outline only: the file is ours, and every entry passed `readCatalog` before it was written. */
function isCatalog(value: unknown): value is Catalog {
  if (!isRecord(value)) return false;
  return (
    typeof value["name"] === "string" &&
    typeof value["pluginRoot"] === "string" &&
    Array.isArray(value["entries"]) &&
    value["entries"].every(
      (entry) => isRecord(entry) && typeof entry["name"] === "string" && isRecord(entry["source"]),
    ) &&
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
