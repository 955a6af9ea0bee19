import { expandBraces } from "./braces.ts";
import { Glob, isLiteral } from "./glob.ts";

/** What is gated, under an id, by patterns of paths. */
export interface Gated {
  readonly id: string;
  readonly paths: readonly string[];
}

interface Gate {
  readonly glob: Glob;
  /** Ids that the pattern opens. */
  readonly ids: string[];
}

/**
 * Finds what a touched file opens without trying every pattern: patterns lie in buckets by the folders that they begin with and
 * by what they say about the name of the file; equal ones are one.
 */
export class GateIndex {
  readonly #buckets = new Map<string, Map<string, Gate>>();
  /** Patterns with `!` in front, by id. */
  readonly #except = new Map<string, Glob[]>();

  constructor(gated: Iterable<Gated>) {
    for (const { id, paths } of gated) {
      for (const pattern of expandBraces(paths)) {
        if (pattern.startsWith("!"))
          this.#except.set(id, [...(this.#except.get(id) ?? []), new Glob(pattern.slice(1))]);
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
        for (const { glob, ids: opened } of this.#buckets.get(`${prefix}\n${key}`)?.values() ?? []) {
          if (glob.matches(segments)) for (const id of opened) ids.add(id);
        }
      }
      prefix = `${prefix}/${segments[depth] ?? ""}`;
    }
    for (const id of this.#except.size === 0 ? [] : ids) {
      if (this.#except.get(id)?.some((glob) => glob.matches(segments)) === true) ids.delete(id);
    }
    return ids;
  }

  #add(id: string, pattern: string): void {
    const key = bucketOf(pattern);
    const bucket = this.#buckets.get(key) ?? new Map<string, Gate>();
    this.#buckets.set(key, bucket);
    const gate = bucket.get(pattern);
    if (gate !== undefined) gate.ids.push(id);
    else bucket.set(pattern, { glob: new Glob(pattern), ids: [id] });
  }
}

/** The folders that a pattern begins with, and what it names behind its first star: a folder or file (`~`), an ending (`.`), or nothing. */
function bucketOf(pattern: string): string {
  const { segments } = new Glob(pattern);
  const magic = segments.findIndex((segment) => !isLiteral(segment));
  const prefix = segments
    .slice(0, Math.max(magic, 0))
    .map((folder) => `/${folder}`)
    .join("");
  const last = segments.at(-1) ?? "";
  const named = last === "**" && segments.length - 2 > magic ? segments.at(-2) : undefined;
  if (named !== undefined && isLiteral(named)) return `${prefix}\n~${named}`;
  const ending = /^[^[\]\\]*[*?][^*?[\]\\]*\.([^*?.[\]\\]*)$/u.exec(last)?.[1];
  return `${prefix}\n${ending === undefined ? "*" : `.${ending}`}`;
}

function endingOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
