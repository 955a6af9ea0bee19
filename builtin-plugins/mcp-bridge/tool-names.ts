import { createHash } from "node:crypto";

/** The longest name that models take. */
const MAX_NAME = 128;

/**
 * The part of a tool's name that names the server. It never holds `__` and neither begins nor ends with `_`, so that the tools of one
 * server cannot take the names of another's: `mcp__a__b__c` is always tool `b__c` of server `a`.
 */
export function serverPart(name: string): string {
  const part = safe(name).replaceAll(/_{2,}/gu, "_").replaceAll(/^_|_$/gu, "");
  return part === "" ? `server_${hash(name)}` : part;
}

/** Gives every tool or prompt of a server a name that models take, in the order of the list. */
export class NameBook {
  readonly #prefix: string;
  readonly #taken = new Set<string>();

  constructor(server: string) {
    this.#prefix = `mcp__${server}__`;
  }

  /** `undefined` for a name that the server used before. Names that differ only in odd characters get a digest at their end. */
  enter(original: string, seen: Set<string>): string | undefined {
    if (seen.has(original)) return undefined;
    seen.add(original);
    const plain = shortened(`${this.#prefix}${safe(original)}`, original);
    const name = this.#taken.has(plain) ? withDigest(plain, original) : plain;
    this.#taken.add(name);
    return name;
  }
}

function safe(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/gu, "_");
}

function shortened(name: string, original: string): string {
  return name.length <= MAX_NAME ? name : withDigest(name, original);
}

function withDigest(name: string, original: string): string {
  const digest = hash(original);
  return `${name.slice(0, MAX_NAME - digest.length - 1)}_${digest}`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
