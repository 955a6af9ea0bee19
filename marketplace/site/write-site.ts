import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { isRecord } from "../../schemas/record.ts";
import { ioError } from "../store/io-error.ts";
import type { SiteFile } from "./render-site.ts";

/** What was written. */
export interface WrittenSite {
  readonly files: number;
  readonly bytes: number;
  /** Files of an earlier site at the same place that this one does not have any more. */
  readonly removed: number;
}

/** Lists the files of a site, so that the next one knows what is its own. */
const MANIFEST = "site.json";

/**
 * Writes a site into a folder of its own: files that are the same stay untouched, those of the last site that are gone are removed,
 * and what was put beside them stays. A dry run only counts. Throws `E_USAGE` for a folder that holds something else.
 */
export function writeSite(out: string, files: Iterable<SiteFile>, dryRun = false): WrittenSite {
  // Not `Buffer.from`: over thousands of texts it ended Node 26.10 ("lazy deopt after a fast API call").
  const encoder = new TextEncoder();
  const before = writtenBefore(out);
  const written = new Map<string, string>();
  const folders = new Set<string>();
  let bytes = 0;
  for (const { path, text } of files) {
    const content = encoder.encode(text);
    const digest = createHash("sha256").update(content).digest("hex").slice(0, 32);
    const file = join(out, path);
    bytes += content.length;
    written.set(path, digest);
    if (dryRun) continue;
    if (before.get(path) === digest && statSync(file, { throwIfNoEntry: false })?.size === content.length) continue;
    const folder = dirname(file);
    try {
      if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
      folders.add(folder);
      writeFileSync(file, content);
    } catch (error) {
      throw ioError("write", file, error);
    }
  }
  const gone = [...before.keys()].filter((path) => !written.has(path));
  if (dryRun) return { files: written.size, bytes, removed: gone.length };
  for (const path of gone) rmSync(join(out, path), { force: true });
  const manifest = { schema: 1, files: Object.fromEntries([...written].toSorted()) };
  writeFileSync(join(out, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`);
  return { files: written.size, bytes, removed: gone.length };
}

/** Path → digest of the site that lies there; none in an empty or absent folder. */
function writtenBefore(out: string): ReadonlyMap<string, string> {
  const found = statSync(out, { throwIfNoEntry: false });
  if (found === undefined) return new Map();
  if (!found.isDirectory()) throw foreign(out, "is a file");
  const names = readdirSync(out);
  if (names.length === 0) return new Map();
  if (!names.includes(MANIFEST)) throw foreign(out, "holds something that is no site of a marketplace");
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(out, MANIFEST), "utf8"));
    const files = isRecord(manifest) && manifest["schema"] === 1 ? manifest["files"] : undefined;
    if (!isRecord(files)) throw foreign(out, `has a \`${MANIFEST}\` that this program did not write`);
    return new Map(
      Object.entries(files).flatMap(([path, digest]) =>
        // A path that leaves the folder was never written by us.
        typeof digest === "string" && !path.startsWith("/") && !path.split("/").includes("..") ? [[path, digest]] : [],
      ),
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw foreign(out, `has a \`${MANIFEST}\` that is no JSON`);
    throw error;
  }
}

function foreign(out: string, why: string): CodedError {
  return new CodedError("E_USAGE", `\`${out}\` ${why}`, { hint: "name a new or empty folder, or the last site" });
}
