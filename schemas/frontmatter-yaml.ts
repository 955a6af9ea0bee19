import matter from "gray-matter";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { Alias, Document } from "yaml";
import { FRONT_MATTER_LIMITS } from "./frontmatter-split.ts";

/** What the YAML parser made of a block; `line` and `column` count from 1 inside the block. */
export type YamlOutcome =
  | {
      readonly kind: "ok";
      readonly fields: Record<string, unknown>;
      readonly sources: Record<string, string>;
      readonly dropped: readonly string[];
      /** Top-level keys that stand more than once; the last value counts. */
      readonly repeated: readonly string[];
    }
  /** Not YAML, or not a mapping: worth a lenient pass. */
  | { readonly kind: "broken"; readonly message: string; readonly line: number; readonly column: number }
  /** Hostile or outside the core schema: never interpreted. */
  | {
      readonly kind: "refused";
      readonly code: "E_FRONTMATTER" | "E_LIMIT_DEPTH" | "E_LIMIT_FRONTMATTER";
      readonly message: string;
      readonly line: number;
      readonly column: number;
    };

const DANGEROUS = new Set(["__proto__", "constructor", "prototype"]);

/** Parses a block by `gray-matter` with every engine replaced: YAML core schema without merge keys, everything else refused. */
export function parseYamlBlock(block: string): YamlOutcome {
  const deep = tooDeep(block);
  if (deep !== undefined)
    return {
      kind: "refused",
      code: "E_LIMIT_DEPTH",
      message: "the front matter is nested too deeply",
      line: deep,
      column: 1,
    };
  if (block.startsWith("---") || block.includes("\0") || block.includes("\n---") || isWasteful(block)) {
    return {
      kind: "broken",
      message: "the block holds a fence, a null byte, an endless gap or too many colons on one line",
      line: 1,
      column: 1,
    };
  }
  let outcome: YamlOutcome = { kind: "ok", fields: {}, sources: {}, dropped: [], repeated: [] };
  const refuse = (): never => {
    throw new TypeError("only YAML front matter is read");
  };
  const refused = { parse: refuse, stringify: refuse };
  matter(`---\n${block}\n---\n`, {
    language: "yaml",
    engines: {
      yaml: {
        parse: (source: string) => {
          outcome = parseYaml(source);
          return {};
        },
        stringify: refuse,
      },
      json: refused,
      javascript: refused,
      js: refused,
      coffee: refused,
      coffeescript: refused,
      toml: refused,
    },
  });
  return outcome;
}

function parseYaml(matterText: string): YamlOutcome {
  const source = matterText.startsWith("\n") ? matterText.slice(1) : matterText;
  const lines = new LineCounter();
  const document = parseDocument(source, {
    version: "1.2",
    schema: "core",
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    logLevel: "silent",
    lineCounter: lines,
  });
  const tag = [...document.errors, ...document.warnings].find((problem) => problem.code === "TAG_RESOLVE_FAILED");
  if (tag !== undefined)
    return {
      kind: "refused",
      code: "E_FRONTMATTER",
      message: "the front matter uses a tag outside the core schema",
      ...place(lines, tag.pos[0]),
    };
  const error = document.errors[0];
  if (error !== undefined) return { kind: "broken", message: firstLine(error.message), ...place(lines, error.pos[0]) };
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null))
    return { kind: "ok", fields: {}, sources: {}, dropped: [], repeated: [] };
  if (!isMap(root))
    return { kind: "broken", message: "the block is not a list of `key: value` fields", line: 1, column: 1 };
  const loose = looseAlias(document);
  if (loose !== undefined)
    return { kind: "broken", message: "an alias stands for nothing", ...place(lines, loose.range?.[0] ?? 0) };
  const dropped: string[] = [];
  let fields: Record<string, unknown>;
  try {
    fields = cleanMap(document.toJS({ maxAliasCount: FRONT_MATTER_LIMITS.maxAliases }), dropped, 1);
  } catch (problem) {
    const depth = problem instanceof RangeError;
    const message = depth ? "the front matter is nested too deeply" : "the front matter expands too many aliases";
    return { kind: "refused", code: depth ? "E_LIMIT_DEPTH" : "E_LIMIT_FRONTMATTER", message, line: 1, column: 1 };
  }
  const sources: Record<string, string> = {};
  const repeated: string[] = [];
  const seen = new Set<string>();
  for (const { key, value } of root.items) {
    if (!isScalar(key) || typeof key.value !== "string") continue;
    const name = key.value;
    if (seen.has(name)) repeated.push(name);
    seen.add(name);
    Reflect.deleteProperty(sources, name);
    if (isScalar(value)) {
      if (typeof value.value !== "string" && value.source !== undefined) sources[name] = value.source;
    } else if (isSeq(value) && value.flow === true && value.range)
      sources[name] = source.slice(value.range[0], value.range[1]).trim();
  }
  return { kind: "ok", fields, sources, dropped, repeated };
}

/** An alias without its anchor, such as the glob in `paths: *.ts`: the author meant text. */
function looseAlias(document: Document): Alias | undefined {
  const anchors = new Set<string>();
  let loose: Alias | undefined;
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
        return undefined;
      }
      if (anchors.has(node.source)) return undefined;
      loose = node;
      return visit.BREAK;
    },
  });
  return loose;
}

function cleanMap(value: object, dropped: string[], depth: number): Record<string, unknown> {
  if (depth > FRONT_MATTER_LIMITS.maxDepth) throw new RangeError("depth");
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (DANGEROUS.has(key)) dropped.push(key);
    else result[key] = clean(item, dropped, depth + 1);
  }
  return result;
}

function clean(value: unknown, dropped: string[], depth: number): unknown {
  if (depth > FRONT_MATTER_LIMITS.maxDepth) throw new RangeError("depth");
  if (Array.isArray(value)) return value.map((item) => clean(item, dropped, depth + 1));
  return typeof value === "object" && value !== null ? cleanMap(value, dropped, depth) : value;
}

/** The line at which brackets or list dashes nest beyond the limit, so that the parser's recursion stays shallow. */
function tooDeep(block: string): number | undefined {
  let line = 1;
  let open = 0;
  let dashes = 0;
  let atStart = true;
  for (let index = 0; index < block.length; index++) {
    const character = block[index];
    if (character === "\n") {
      line++;
      dashes = 0;
      atStart = true;
    } else if (character === "[" || character === "{") {
      if (++open > FRONT_MATTER_LIMITS.maxDepth) return line;
      atStart = false;
    } else if (character === "]" || character === "}") {
      open = Math.max(0, open - 1);
      atStart = false;
    } else if (atStart && (character === "-" || character === "?" || character === ":")) {
      if (++dashes > FRONT_MATTER_LIMITS.maxDepth) return line;
    } else if (character !== " ") atStart = false;
  }
  return undefined;
}

/** Runs of blank lines or of `: ` on one line, which cost a parser more than they are worth. */
function isWasteful(block: string): boolean {
  let blanks = 0;
  let colons = 0;
  for (let index = 0; index < block.length; index++) {
    const code = block.charCodeAt(index);
    if (code === 0x0a) {
      colons = 0;
      if (++blanks > FRONT_MATTER_LIMITS.maxBlankLines) return true;
    } else if (code > 0x20) blanks = 0;
    if (code === 0x3a && block.charCodeAt(index + 1) === 0x20 && ++colons > FRONT_MATTER_LIMITS.maxColons) return true;
  }
  return false;
}

function place(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function firstLine(message: string): string {
  const text = message.split("\n", 1)[0] ?? message;
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/[.:]\s*$/, "");
}
