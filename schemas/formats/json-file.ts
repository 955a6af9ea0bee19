import { readJson } from "../json-text.ts";
import type { JsonDocument } from "../json-text.ts";
import type { Provenance } from "../plugin-manifest.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { isRecord } from "../record.ts";

/** Largest JSON file of a plugin that is read (attacks.md §0). */
const MAX_JSON_BYTES = 1_048_576;

/** A JSON value that knows where it was written. */
export interface Located {
  readonly value: unknown;
  /** Where the value at a path below stands. */
  where(path?: readonly (string | number)[], of?: "key" | "value"): Provenance;
}

/** Reads a JSON file of a tree; `undefined` with an error finding when it cannot be used, without one when it is absent. */
export function readJsonFile(tree: FileTree, file: string, findings: Findings, dropped: string): Located | undefined {
  try {
    const bytes = tree.read(file, MAX_JSON_BYTES);
    if (bytes === undefined) return undefined;
    const document = readJson(bytes, { file, dangerousKeys: "drop", maxBytes: MAX_JSON_BYTES });
    findings.include(document.diagnostics);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf && (dropped === "hook" || dropped === "mcp"))
      findings.warn(
        "W_JSON_MARK",
        "the file starts with a byte order mark, which other clients do not read here",
        { file },
        {
          hint: "save it as UTF-8 without the mark",
        },
      );
    return locatedDocument(document, file);
  } catch (problem) {
    findings.caught(problem, file, dropped);
    return undefined;
  }
}

function locatedDocument(document: JsonDocument, file: string): Located {
  return { value: document.value, where: (path = [], of = "value") => ({ file, ...document.locate(path, of) }) };
}

/** The part of a located value at a path. */
export function locatedAt(parent: Located, path: readonly (string | number)[]): Located {
  let value = parent.value;
  for (const step of path)
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[step] : undefined;
  return { value, where: (below = [], of = "value") => parent.where([...path, ...below], of) };
}

/** A value that stands at one place as a whole, e.g. a part of a catalog entry. */
export function locatedValue(value: unknown, at: Provenance): Located {
  return { value, where: () => at };
}
