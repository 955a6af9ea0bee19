import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { NamedFile } from "./folders.ts";

/** Larger files are not read at once. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** The text of a file and what has to be kept when it is written again. */
export interface TextFile {
  readonly text: string;
  readonly encoding: Encoding;
  readonly bom: boolean;
  /** `crlf` only when every line ends so. */
  readonly lineEnd: "lf" | "crlf";
}

/** What new files are. */
export const PLAIN_TEXT: Omit<TextFile, "text"> = { encoding: "utf-8", bom: false, lineEnd: "lf" };

/** Reads a regular file. Throws with what to do for anything else. */
export function readBytes({ path, real, stats }: NamedFile): Buffer {
  if (stats === undefined) throw new Error(`there is no file \`${path}\``);
  if (stats.isDirectory()) throw new Error(`\`${path}\` is a folder; use Glob with \`path\` to see what is in it`);
  if (!stats.isFile()) throw new Error(`\`${path}\` is no regular file (a device, pipe or socket); it cannot be read`);
  if (stats.size > MAX_FILE_BYTES) {
    const megabytes = String(Math.round(stats.size / 1024 / 1024));
    throw new Error(`\`${path}\` is too large to read (${megabytes} MB); search it with Grep`);
  }
  // Another file may have come into its place since: a pipe must not block.
  const handle = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(handle).isFile()) throw new Error(`\`${path}\` is no regular file; it cannot be read`);
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Decodes a text; `undefined` for bytes that are none. */
export function decodeText(bytes: Buffer): TextFile | undefined {
  const [encoding, bomBytes] = encodingOf(bytes);
  const body = bytes.subarray(bomBytes);
  if (encoding === "utf-8" && body.subarray(0, 8192).includes(0)) return undefined;
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body);
    return {
      text,
      encoding,
      bom: bomBytes > 0,
      lineEnd: /\r\n/u.test(text) && !/(?<!\r)\n/u.test(text) ? "crlf" : "lf",
    };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Encodes a text as its file was. */
export function encodeText(text: string, { encoding, bom }: Omit<TextFile, "text">): Buffer {
  const marked = bom ? `\uFEFF${text}` : text;
  if (encoding === "utf-8") return Buffer.from(marked, "utf8");
  const bytes = Buffer.from(marked, "utf16le");
  return encoding === "utf-16be" ? bytes.swap16() : bytes;
}

function encodingOf(bytes: Buffer): readonly [Encoding, number] {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return ["utf-8", 3];
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return ["utf-16le", 2];
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return ["utf-16be", 2];
  return ["utf-8", 0];
}

/** Line ends of a text as a file has them. */
export function withLineEnds(text: string, lineEnd: TextFile["lineEnd"]): string {
  return lineEnd === "crlf" ? text.replaceAll(/\r?\n/gu, "\r\n") : text;
}
