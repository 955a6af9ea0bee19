import { readFileSync, statSync, type Stats } from "node:fs";
import { relative, sep } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import picomatch from "picomatch";
import { matchLines } from "./match-lines.ts";
import type { FoundFile, GrepRequest, SearchMessage, SearchRequest } from "./search-request.ts";
import { decodeText } from "./text-file.ts";
import { walk } from "./walk.ts";

const MAX_FOUND = 10_000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const BATCH = 64;

/** Searches in a thread of its own, so that a pattern without end can be ended from outside. */
class Search {
  readonly #request: SearchRequest;
  readonly #send: (message: SearchMessage) => void;
  #batch: FoundFile[] = [];
  #found = 0;
  #tooLarge = 0;

  constructor(request: SearchRequest, send: (message: SearchMessage) => void) {
    this.#request = request;
    this.#send = send;
  }

  run(): void {
    const complete = this.#searchAll();
    this.#flush();
    this.#send({ type: "done", tooLarge: this.#tooLarge, complete });
  }

  #searchAll(): boolean {
    const request = this.#request;
    const root = present(request.root);
    const files =
      root?.isFile() === true ? [request.root] : walk(request.root, request.kind === "grep" || request.respectIgnored);
    const look = request.kind === "glob" ? this.#named(request.root, request.pattern) : this.#containing(request);
    let sinceFlush = 0;
    for (const file of files) {
      look(file);
      if (this.#found >= MAX_FOUND) return false;
      sinceFlush += 1;
      if (sinceFlush % BATCH === 0) this.#flush();
    }
    return true;
  }

  #named(root: string, pattern: string): (file: string) => void {
    const matches = nameMatcher(root, pattern);
    return (file) => {
      if (matches(file)) this.#add({ file, matches: 1, lines: [] }, present(file));
    };
  }

  #containing(request: GrepRequest): (file: string) => void {
    const flags = `${request.ignoreCase ? "i" : ""}${request.multiline ? "gms" : ""}`;
    const pattern = new RegExp(request.pattern, flags);
    const named = request.glob === undefined ? undefined : nameMatcher(request.root, request.glob);
    const endings = request.endings?.map((ending) => `.${ending}`);
    return (file) => {
      if (endings?.some((ending) => file.endsWith(ending)) === false || named?.(file) === false) return;
      const stats = present(file);
      if (stats?.isFile() !== true) return;
      if (stats.size > MAX_FILE_BYTES) this.#tooLarge += 1;
      else this.#look(file, stats, pattern, request);
    };
  }

  #look(file: string, stats: Stats, pattern: RegExp, request: GrepRequest): void {
    const bytes = readable(() => readFileSync(file));
    const text = bytes === undefined ? undefined : decodeText(bytes)?.text;
    if (text === undefined) return;
    const found = matchLines(text, pattern, request);
    if (found.matches > 0) this.#add({ file, ...found }, stats);
  }

  #add(found: Omit<FoundFile, "modifiedMs">, stats: Stats | undefined): void {
    this.#found += Math.max(1, found.lines.length);
    this.#batch.push({ ...found, modifiedMs: stats?.mtimeMs ?? 0 });
  }

  #flush(): void {
    if (this.#batch.length > 0) this.#send({ type: "found", files: this.#batch });
    this.#batch = [];
  }
}

/** A pattern without a slash matches names in every folder. */
function nameMatcher(root: string, pattern: string): (file: string) => boolean {
  const plain = pattern.replace(/^(?:\.\/)+/u, "");
  const matches = picomatch(plain, { dot: true, nonegate: true, basename: !plain.includes("/"), maxLength: 1024 });
  return (file) => matches(relative(root, file).split(sep).join("/"));
}

function present(file: string): Stats | undefined {
  return readable(() => statSync(file));
}

/** A file that went away or is closed to us is passed over, as every search does. */
function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

// Given by `search.ts` alone.
new Search(workerData as SearchRequest, (message) => parentPort?.postMessage(message, [])).run();
