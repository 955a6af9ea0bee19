import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { isRecord } from "../../schemas/record.ts";
import { makeFolders, removeEmptyFolders } from "../store/folders.ts";
import { ioError } from "../../schemas/system-error.ts";
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

/** Where files are written before they are put into their places, in the folder of the site because that is on the same disk. */
const STAGING = ".plugsmith-next";

/**
 * Writes a site into a folder of its own: files that are the same stay untouched, those of the last site that are gone are removed,
 * and what was put beside them stays. Everything is written beside first, so that a full disk changes nothing. A dry run only counts.
 * Throws `E_USAGE` for a folder that holds something else, `E_EXISTS` where somebody else's file has the name of one, `E_IO`.
 */
export function writeSite(out: string, files: Iterable<SiteFile>, dryRun = false): WrittenSite {
  // Not `Buffer.from`: over thousands of texts it ended Node 26.10 ("lazy deopt after a fast API call").
  const encoder = new TextEncoder();
  const before = writtenBefore(out);
  const digests = new Map<string, string>();
  let bytes = 0;
  using staging = dryRun ? undefined : new SiteStaging(out);
  staging?.open();
  for (const { path, text } of files) {
    const content = encoder.encode(text);
    bytes += content.length;
    digests.set(path, createHash("sha256").update(content).digest("hex").slice(0, 32));
    if (!before.has(path) && existsSync(join(out, path))) throw taken(out, path);
    staging?.write(path, content);
  }
  const gone = [...before.keys()].filter((path) => !digests.has(path));
  // While files are put into their places, those of both sites are ours.
  staging?.commit(manifestText([...before, ...digests]), manifestText([...digests]), gone);
  return { files: digests.size, bytes, removed: gone.length };
}

function manifestText(files: readonly (readonly [path: string, digest: string])[]): string {
  return `${JSON.stringify({ schema: 1, files: Object.fromEntries(files.toSorted()) }, undefined, 1)}\n`;
}

/** Files on their way into a site. Dispose it: what was not committed leaves no trace. */
class SiteStaging implements Disposable {
  readonly #out: string;
  readonly #folder: string;
  readonly #made: string[] = [];
  readonly #staged: string[] = [];

  constructor(out: string) {
    this.#out = out;
    this.#folder = join(out, STAGING);
  }

  /** Makes the folder, anew where a site that was killed has left one. */
  open(): void {
    this.#attempt(this.#out, () => {
      this.#makeFolders(this.#out);
      rmSync(this.#folder, { recursive: true, force: true });
      mkdirSync(this.#folder);
    });
  }

  /** Takes one file, unless the same lies in its place. */
  write(path: string, content: Uint8Array): void {
    const file = join(this.#out, path);
    this.#attempt(file, () => {
      if (statSync(file, { throwIfNoEntry: false })?.size === content.length && readFileSync(file).equals(content))
        return;
      this.#makeFolders(dirname(file));
      writeFileSync(this.#placeOf(this.#staged.length), content);
      this.#staged.push(path);
    });
  }

  /** Puts everything into its place; `during` lists the files of the site until that is done, `after` from then on. */
  commit(during: string, after: string, gone: readonly string[]): void {
    this.#attempt(join(this.#out, MANIFEST), () => {
      writeFileSync(join(this.#folder, "during"), during);
      writeFileSync(join(this.#folder, "after"), after);
      this.#move("during", MANIFEST);
    });
    this.#made.length = 0;
    for (const [index, path] of this.#staged.entries()) {
      this.#attempt(join(this.#out, path), () => this.#move(String(index), path));
    }
    for (const path of gone) this.#attempt(join(this.#out, path), () => rmSync(join(this.#out, path), { force: true }));
    removeEmptyFolders(
      new Set(gone.map((path) => dirname(join(this.#out, path))).filter((folder) => folder !== this.#out)),
    );
    this.#attempt(join(this.#out, MANIFEST), () => this.#move("after", MANIFEST));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
    removeEmptyFolders(this.#made.splice(0));
  }

  #placeOf(index: number): string {
    return join(this.#folder, String(index));
  }

  #move(from: string, path: string): void {
    renameSync(join(this.#folder, from), join(this.#out, path));
  }

  #makeFolders(folder: string): void {
    if (!existsSync(folder)) this.#made.push(...makeFolders(folder));
  }

  #attempt(file: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw ioError("write", file, error);
    }
  }
}

/** Path → digest of the site that lies there; none in an empty or absent folder. */
function writtenBefore(out: string): ReadonlyMap<string, string> {
  const found = statSync(out, { throwIfNoEntry: false });
  if (found === undefined) return new Map();
  if (!found.isDirectory()) throw foreign(out, "is a file");
  const names = namesIn(out);
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

/** Without what a site that was killed left of its staging. */
function namesIn(out: string): readonly string[] {
  try {
    return readdirSync(out).filter((name) => name !== STAGING);
  } catch (error) {
    throw ioError("read", out, error);
  }
}

function taken(out: string, path: string): CodedError {
  return new CodedError(
    "E_EXISTS",
    `\`${join(out, path)}\` is not of the last site, and this one has a file of that name`,
    {
      hint: "move it away, or name another folder",
    },
  );
}

function foreign(out: string, why: string): CodedError {
  return new CodedError("E_USAGE", `\`${out}\` ${why}`, { hint: "name a new or empty folder, or the last site" });
}
