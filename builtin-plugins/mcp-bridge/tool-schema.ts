import { isObject, type JsonSchema } from "plugsmith/plugin-api";

const MAX_DEPTH = 64;
/** Places that a check of an input can come to when every reference is followed. */
const MAX_PLACES = 20_000;
const MAX_PATTERN = 500;
/** A repeated group that repeats inside: matching can take exponential time. */
const NESTED_REPEAT = /\([^()]*(?:[*+]|\{\d+,\d*\})[^()]*\)(?:[*+?]|\{\d+,?\d*\})/u;

/** Takes everything: the server checks its input itself. */
const ANYTHING: JsonSchema = { type: "object" };

/** A server's schema, or a laxer one with the reason when checking by it could hang or crash the host. */
export function safeSchema(schema: JsonSchema): { readonly schema: JsonSchema; readonly problem?: string | undefined } {
  const walk = new SchemaWalk(schema);
  const problem = walk.problem();
  if (problem !== undefined) return { schema: ANYTHING, problem };
  const typed = schema["type"] === undefined ? { ...schema, type: "object" } : schema;
  if (!walk.riskyPattern) return { schema: typed };
  return {
    schema: withoutRiskyPatterns(typed),
    problem: "one of its patterns cannot be checked in bounded time and was left out",
  };
}

/** Counts what a check by a schema may come to; a reference counts as much as what it names. */
class SchemaWalk {
  readonly #root: JsonSchema;
  readonly #sizes = new Map<object, number>();
  readonly #open = new Set<object>();
  #problem: string | undefined;
  riskyPattern = false;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  problem(): string | undefined {
    const size = this.#size(this.#root, 0);
    return this.#problem ?? (size > MAX_PLACES ? "it unfolds to too many places" : undefined);
  }

  #size(node: unknown, depth: number): number {
    if (typeof node !== "object" || node === null || this.#problem !== undefined) return 1;
    if (depth > MAX_DEPTH) {
      this.#problem = "it is nested too deeply";
      return 1;
    }
    const known = this.#sizes.get(node);
    if (known !== undefined) return known;
    // A schema that holds itself, as that of a tree: how often is up to the input.
    if (this.#open.has(node)) return 1;
    this.#open.add(node);
    let size = 1;
    for (const [key, value] of Object.entries(node)) {
      size += this.#referred(key, value, depth) + this.#size(value, depth + 1);
      if (key === "pattern" || key === "patternProperties") this.#checkPatterns(value);
    }
    this.#open.delete(node);
    this.#sizes.set(node, size);
    return size;
  }

  #referred(key: string, value: unknown, depth: number): number {
    if ((key !== "$ref" && key !== "$dynamicRef") || typeof value !== "string") return 0;
    if (!value.startsWith("#")) {
      this.#problem = `it refers to another document (\`${value.slice(0, 100)}\`)`;
      return 0;
    }
    if (value !== "#" && !value.startsWith("#/")) return 0;
    let target: unknown = this.#root;
    for (const part of value.split("/").slice(1)) {
      const name = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
      target = isObject(target) || Array.isArray(target) ? Reflect.get(target, name) : undefined;
    }
    if (target === undefined) this.#problem = `\`${value.slice(0, 100)}\` in it names nothing`;
    return this.#size(target, depth + 1);
  }

  #checkPatterns(value: unknown): void {
    const patterns = typeof value === "string" ? [value] : isObject(value) ? Object.keys(value) : [];
    this.riskyPattern ||= patterns.some(isRisky);
  }
}

function withoutRiskyPatterns(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => {
      if (key === "pattern" && typeof value === "string") return isRisky(value) ? [] : [[key, value]];
      if (key === "patternProperties" && isObject(value)) {
        const kept = Object.entries(withoutRiskyPatterns(value)).filter(([pattern]) => !isRisky(pattern));
        return [[key, Object.fromEntries(kept)]];
      }
      return [[key, withoutRisky(value)]];
    }),
  );
}

function withoutRisky(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRisky);
  return isObject(value) ? withoutRiskyPatterns(value) : value;
}

function isRisky(pattern: string): boolean {
  return pattern.length > MAX_PATTERN || NESTED_REPEAT.test(pattern) || !isPattern(pattern);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // No percent encoding: the text is the name.
    return part;
  }
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    // Ajv would throw at its first use.
    return false;
  }
}
