import type { Diagnostic } from "./diagnostic.ts";
import { CodedError } from "./errors.ts";
import { blankComments, findKeys, isDangerousKey, memberOffsets, scanJson } from "./json-scan.ts";
import type { MemberOffsets } from "./json-scan.ts";
import { findSyntaxFault } from "./json-syntax.ts";
import { LinePositions, type TextPosition } from "./text-position.ts";

/** A JSON text that was read; positions are looked up only when somebody asks. */
export interface JsonDocument {
  /** Free of dangerous keys; of a repeated key the last value counts. */
  readonly value: unknown;
  /** Where the key or the value (default) at a path stands; the nearest ancestor when the path does not exist. */
  locate(path: readonly (string | number)[], of?: "key" | "value"): TextPosition;
  /** `W_JSON_DANGEROUS_KEY` and `W_JSON_DUPLICATE_KEY`. */
  readonly diagnostics: readonly Diagnostic[];
}

/** How to read a JSON text. */
export interface ReadJsonOptions {
  /** Path for messages. */
  readonly file: string;
  /** Whether `__proto__`, `constructor`, `prototype` and repeated keys are dropped with a warning, or refused. */
  readonly dangerousKeys: "drop" | "refuse";
  /** Whether comments may stand in it. */
  readonly comments?: boolean | undefined;
  /** Default 1 MB. */
  readonly maxBytes?: number | undefined;
  /** Default 64. */
  readonly maxDepth?: number | undefined;
}

const MAX_BYTES = 1_000_000;
const MAX_DEPTH = 64;
const BOM = "\uFEFF";

/** Reads JSON from outside, strict but for comments where they are allowed. Throws `E_JSON`, `E_LIMIT_SIZE` and `E_LIMIT_DEPTH` with `where` = `file:line:column`. */
export function readJson(input: string | Uint8Array, options: ReadJsonOptions): JsonDocument {
  const { file, maxBytes = MAX_BYTES, maxDepth = MAX_DEPTH } = options;
  checkSize(input, file, maxBytes);
  const decoded = typeof input === "string" ? input : decode(input, file);
  const given = decoded.startsWith(BOM) ? decoded.slice(1) : decoded;
  const own = options.dangerousKeys === "refuse" ? asWeWrite(given, maxDepth) : undefined;
  if (own !== undefined) {
    let known: Positions | undefined;
    const locate: JsonDocument["locate"] = (path, of = "value") => (known ??= new Positions(given)).locate(path, of);
    return { value: own.value, diagnostics: [], locate };
  }
  const text = options.comments === true ? blankComments(given) : given;
  const scan = scanJson(text, maxDepth);
  const positions = new Positions(text, scan.ends);
  const refuse = (code: "E_JSON" | "E_LIMIT_DEPTH", message: string, offset: number, hint?: string): never => {
    throw new CodedError(code, message, { where: placeOf(file, positions.at(offset)), hint });
  };

  if (scan.tooDeepAt >= 0) {
    refuse(
      "E_LIMIT_DEPTH",
      `\`${file}\` is nested more than ${maxDepth} levels deep`,
      scan.tooDeepAt,
      "flatten the document",
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const fault = findSyntaxFault(text);
    if (fault === undefined)
      throw new CodedError("E_INTERNAL", `the two JSON readers disagree about \`${file}\``, { cause });
    refuse("E_JSON", `\`${file}\` is not valid JSON: ${fault.message}`, fault.offset, "correct the file at that place");
  }
  const unfit = findUnfitCharacter(text);
  if (unfit !== undefined) refuse("E_JSON", `\`${file}\` holds ${unfit.what}`, unfit.offset, "remove that character");

  const counted = countKeys(value);
  const diagnostics: Diagnostic[] = [];
  if (counted.dangerous || counted.keys !== scan.keys) {
    for (const key of findKeys(text)) {
      const message =
        key.kind === "duplicate"
          ? `key \`${key.name}\` stands more than once in the same object`
          : `key \`${key.name}\` is not allowed`;
      const hint = key.kind === "duplicate" ? "keep one of them" : "rename the key";
      if (options.dangerousKeys === "refuse") refuse("E_JSON", `\`${file}\`: ${message}`, key.offset, hint);
      const code = key.kind === "duplicate" ? "W_JSON_DUPLICATE_KEY" : "W_JSON_DANGEROUS_KEY";
      const dropped = key.kind === "duplicate" ? "the last one counts" : "it was dropped";
      diagnostics.push({
        code,
        severity: "warning",
        message: `${message}; ${dropped}`,
        file,
        ...positions.at(key.offset),
        hint,
      });
    }
    if (counted.dangerous) dropDangerousKeys(value);
  }
  return { value, diagnostics, locate: (path, of = "value") => positions.locate(path, of) };
}

/**
 * The value of a text that is exactly what we would write for it, which proves at native speed that no key is repeated and
 * no character unfit; its indentation shows the depth. Any other text takes the careful way.
 */
function asWeWrite(text: string, maxDepth: number): { readonly value: unknown } | undefined {
  if (text.includes("\\u") || text.includes(`\n${"  ".repeat(maxDepth)}`)) return undefined;
  if (["__proto__", "constructor", "prototype"].some((name) => text.includes(`"${name}"`))) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const written = JSON.stringify(value, null, 2);
    const isOurs = text.startsWith(written) && (text.length === written.length || text.slice(written.length) === "\n");
    return isOurs ? { value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `file:line:column`. */
export function placeOf(file: string, position: TextPosition): string {
  return `${file}:${position.line}:${position.column}`;
}

function checkSize(input: string | Uint8Array, file: string, maxBytes: number): void {
  const bytes =
    typeof input !== "string" || input.length * 3 <= maxBytes ? input.length : new TextEncoder().encode(input).length;
  if (bytes <= maxBytes) return;
  throw new CodedError("E_LIMIT_SIZE", `\`${file}\` has ${bytes} bytes, more than the ${maxBytes} that are read`, {
    where: `${file}:1:1`,
    hint: "split the file or remove what is not needed",
  });
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const loose = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const position = new Positions(loose).at(Math.max(0, loose.indexOf("\uFFFD")));
    const hint = "save the file as UTF-8";
    throw new CodedError("E_JSON", `\`${file}\` is not UTF-8`, { where: placeOf(file, position), hint, cause });
  }
}

/** Lone surrogates and NUL, raw or escaped: legal JSON that no name, path or terminal survives. */
function findUnfitCharacter(text: string): { readonly what: string; readonly offset: number } | undefined {
  if (!text.isWellFormed()) return { what: "a lone surrogate", offset: text.search(/\p{Surrogate}/u) };
  for (let at = text.indexOf("\\u"); at >= 0; at = text.indexOf("\\u", at + 2)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes += 1;
    if (slashes % 2 === 1) continue;
    const unit = Number.parseInt(text.slice(at + 2, at + 6), 16);
    if (unit === 0) return { what: "a NUL character", offset: at };
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.startsWith("\\u", at + 6) ? Number.parseInt(text.slice(at + 8, at + 12), 16) : 0;
    if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) return { what: "a lone surrogate", offset: at };
    at += 6;
  }
  return undefined;
}

function countKeys(root: unknown): { readonly keys: number; readonly dangerous: boolean } {
  let keys = 0;
  let dangerous = false;
  const visit = (value: object): void => {
    // What JSON.parse makes has no inherited members; `for in` allocates nothing.
    const members = value as Readonly<Record<string, unknown>>;
    const counts = !Array.isArray(value);
    for (const name in members) {
      if (counts) keys += 1;
      if (isDangerousKey(name)) dangerous = true;
      const member = members[name];
      if (typeof member === "object" && member !== null) visit(member);
    }
  };
  if (typeof root === "object" && root !== null) visit(root);
  return { keys, dangerous };
}

function dropDangerousKeys(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const name of Object.keys(value)) if (isDangerousKey(name)) Reflect.deleteProperty(value, name);
  for (const member of Object.values(value)) dropDangerousKeys(member);
}

/** Turns offsets and paths of one text into lines and columns, with what it computed kept. */
class Positions {
  readonly #text: string;
  readonly #lines: LinePositions;
  readonly #ends: ReadonlyMap<number, number>;
  readonly #members = new Map<number, MemberOffsets>();

  constructor(text: string, ends: ReadonlyMap<number, number> = new Map()) {
    this.#text = text;
    this.#lines = new LinePositions(text);
    this.#ends = ends;
  }

  at(offset: number): TextPosition {
    return this.#lines.at(offset);
  }

  locate(path: readonly (string | number)[], of: "key" | "value"): TextPosition {
    let offset = this.#text.search(/[^ \n\r\t]/);
    let keyOffset = offset;
    for (const segment of path) {
      let members = this.#members.get(offset);
      if (members === undefined) {
        members = memberOffsets(this.#text, offset, this.#ends);
        this.#members.set(offset, members);
      }
      const found = members.get(segment);
      if (found === undefined) break;
      [keyOffset, offset] = found;
    }
    return this.at(of === "key" ? keyOffset : offset);
  }
}
