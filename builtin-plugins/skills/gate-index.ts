import { expandBraces } from "./braces.ts";
import { Glob } from "./glob.ts";

/** What is gated, under an id, by patterns of paths. */
export interface Gated {
  readonly id: string;
  readonly paths: readonly string[];
}

interface Gate {
  readonly pattern: string;
  /** How a path that matches ends; most that do not are sorted out by it. */
  readonly tail: string;
  /** Ids that the pattern opens. */
  readonly ids: string[];
  glob: Glob | undefined;
}

/**
 * Finds what a touched file opens without trying every pattern: patterns lie in buckets by the folders that they begin with and
 * by what they say about the name of the file; equal ones are one, and what no touched file comes near is never compiled.
 */
export class GateIndex {
  readonly #buckets = new Map<string, Map<string, Gate>>();
  /** Patterns with `!` in front, by id. */
  readonly #except = new Map<string, string[]>();
  readonly #exceptions = new Map<string, Glob>();

  constructor(gated: Iterable<Gated>) {
    for (const { id, paths } of gated) {
      for (const pattern of paths.some((path) => path.includes("{")) ? expandBraces(paths) : paths) {
        if (pattern.startsWith("!")) this.#exclude(id, pattern.slice(1));
        else this.#add(id, pattern);
      }
    }
  }

  /** The ids that a file opens; its path is relative to where the patterns begin, with `/` between folders. */
  opens(path: string): ReadonlySet<string> {
    const segments = path.split("/");
    const name = segments.at(-1) ?? "";
    const keys = ["*", `.${endingOf(name)}`, ...new Set(segments.map((segment) => `~${segment}`))];
    const ids = new Set<string>();
    let prefix = "";
    for (let depth = 0; depth <= segments.length; depth += 1) {
      for (const key of keys) {
        for (const gate of this.#buckets.get(`${prefix}\n${key}`)?.values() ?? []) {
          if (!path.endsWith(gate.tail)) continue;
          gate.glob ??= new Glob(gate.pattern);
          if (gate.glob.matches(segments)) for (const id of gate.ids) ids.add(id);
        }
      }
      prefix = `${prefix}/${segments[depth] ?? ""}`;
    }
    if (this.#except.size > 0) for (const id of ids) if (this.#isExcluded(id, segments)) ids.delete(id);
    return ids;
  }

  #add(id: string, pattern: string): void {
    const { key, tail } = placeOf(pattern);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new Map();
      this.#buckets.set(key, bucket);
    }
    const gate = bucket.get(pattern);
    if (gate === undefined) bucket.set(pattern, { pattern, tail, ids: [id], glob: undefined });
    else gate.ids.push(id);
  }

  #exclude(id: string, pattern: string): void {
    const excluded = this.#except.get(id);
    if (excluded === undefined) this.#except.set(id, [pattern]);
    else excluded.push(pattern);
  }

  #isExcluded(id: string, segments: readonly string[]): boolean {
    return (this.#except.get(id) ?? []).some((pattern) => {
      let glob = this.#exceptions.get(pattern);
      if (glob === undefined) {
        glob = new Glob(pattern);
        this.#exceptions.set(pattern, glob);
      }
      return glob.matches(segments);
    });
  }
}

const LEADING = /^(?:\.?\/)+/u;

/**
 * The bucket of a pattern: the folders that it begins with, and a folder or file (`~`) or an ending (`.`) that it names behind its
 * first star, or nothing (`*`); and how whatever it matches ends.
 */
function placeOf(pattern: string): { readonly key: string; readonly tail: string } {
  const start = pattern.startsWith("/") || pattern.startsWith("./") ? pattern.replace(LEADING, "") : pattern;
  const path = start.includes("//") ? start.replaceAll(/\/{2,}/gu, "/") : start;
  const magic = firstMagic(path);
  // Without a star it names a file, or a folder with all that is in it.
  if (magic === -1) return { key: `/${path.endsWith("/") ? path.slice(0, -1) : path}\n*`, tail: "" };
  const slash = path.lastIndexOf("/", magic);
  const prefix = slash <= 0 ? "" : `/${path.slice(0, slash)}`;
  const end = path.endsWith("/") ? path.slice(0, -1) : path;
  const last = end.slice(end.lastIndexOf("/") + 1);
  if (firstMagic(last) === -1) return { key: `${prefix}\n~${last}`, tail: "" };
  let at = last.length;
  while (at > 0 && !isMagic(last.charCodeAt(at - 1))) at -= 1;
  const tail = end === path ? last.slice(at) : "";
  const plain = !last.includes("[") && !last.includes("]") && !last.includes("\\");
  const dot = plain ? tail.lastIndexOf(".") : -1;
  return { key: `${prefix}\n${dot === -1 ? "*" : tail.slice(dot)}`, tail: plain ? tail : "" };
}

/** Whether a character means more than itself: `*`, `?`, `[`, `]`, a backslash. */
function isMagic(code: number): boolean {
  return code === 0x2a || code === 0x3f || (code >= 0x5b && code <= 0x5d);
}

function firstMagic(text: string): number {
  for (let at = 0; at < text.length; at += 1) if (isMagic(text.charCodeAt(at))) return at;
  return -1;
}

function endingOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
