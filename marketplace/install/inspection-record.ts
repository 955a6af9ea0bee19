import type { Digest } from "../../schemas/lockfile.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { Store } from "../store/store.ts";

/**
 * What inspecting one tree under one manifest found, independent of the id it is installed as. It lies in the store's index,
 * so that an installed tree is not read and hashed again to be shown, and can be recomputed at any time.
 */
export interface InspectionRecord extends Pick<
  InspectedPlugin,
  "closure" | "executables" | "provides" | "tokens" | "bytes" | "diagnostics" | "packages"
> {
  /** Of the catalog entry that the manifest was made with; `""` without one. */
  readonly entryDigest: string;
}

/** Bumped when the record's shape or what inspection finds changes; older records are then made anew. */
const RECORD_VERSION = 8;

/** The line of JSON that a record is in the index. */
export function inspectionText({
  closure,
  executables,
  provides,
  tokens,
  bytes,
  diagnostics,
  packages,
  entryDigest,
}: InspectionRecord): string {
  const record: InspectionRecord = {
    closure,
    executables,
    provides,
    tokens,
    bytes,
    diagnostics,
    packages,
    entryDigest,
  };
  return `${JSON.stringify({ version: RECORD_VERSION, ...record })}\n`;
}

/** The record of a tree under a manifest; `undefined` when there is none that this version can use. */
export function readInspection(store: Store, tree: Digest, manifest: Digest): InspectionRecord | undefined {
  const text = store.inspection(tree, manifest);
  if (text === undefined) return undefined;
  try {
    // Written by `inspectionText`; the version number stands for the shape.
    const record = JSON.parse(text) as InspectionRecord & { readonly version: number };
    return record.version === RECORD_VERSION ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
