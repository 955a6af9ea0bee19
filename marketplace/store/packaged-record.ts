import { isDigest, type Digest } from "../../schemas/lockfile.ts";
import { isRecord } from "../../schemas/record.ts";

/** A tree that holds the files of a plugin and its npm packages. */
export interface PackagedTree {
  readonly tree: Digest;
  /** How many packages. */
  readonly count: number;
}

/** Bumped when the same lock would be built otherwise; what older versions built is then built anew. */
const RECORD_VERSION = 1;

/** The line of JSON that the index has of such a tree. */
export function packagedTreeText({ tree, count }: PackagedTree): string {
  return `${JSON.stringify({ version: RECORD_VERSION, tree, count })}\n`;
}

/** Reads the line; `undefined` for one that this version cannot use. */
export function readPackagedTree(text: string | undefined): PackagedTree | undefined {
  if (text === undefined) return undefined;
  try {
    const record: unknown = JSON.parse(text);
    if (!isRecord(record) || record["version"] !== RECORD_VERSION) return undefined;
    const { tree, count } = record as { readonly [key: string]: unknown };
    return typeof tree === "string" && isDigest(tree) && typeof count === "number" ? { tree, count } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
