import { closeSync, type Dirent, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { isWrittenByTest } from "./canary-places.ts";

/** What is part of every secret of a test, so that it is recognised wherever it comes to lie. */
export const CANARY = "Canary4Kept2Quiet";

/** A secret of a test. */
export function canary(of: string = "secret"): string {
  return `${CANARY}-${of}`;
}

/** A secret in the environment of every command that a test runs, which no other program and no file may ever get. */
export const CANARY_ENVIRONMENT: Readonly<Record<string, string>> = {
  PLUGSMITH_SECRET_CANARY__SUITE__TOKEN: canary("environment"),
};

/** The spellings that are looked for, by name. */
export const CANARY_FORMS: Readonly<Record<string, string>> = {
  plain: CANARY,
  ...Object.fromEntries([0, 1, 2].map((offset) => [`Base64 at ${offset}`, base64At(offset)])),
  hex: Buffer.from(CANARY).toString("hex"),
  "hex in capitals": Buffer.from(CANARY).toString("hex").toUpperCase(),
  "URL encoding": urlEncoded(CANARY),
  "URL encoding in capitals": urlEncoded(CANARY).toUpperCase(),
};

const NEEDLES = Object.entries(CANARY_FORMS).map(([name, text]) => ({ name, text, bytes: Buffer.from(text) }));

/** What stands in any Base64 of a text that holds the canary so many bytes after a multiple of three. */
function base64At(offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(CANARY)]);
  return bytes.toString("base64").slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

function urlEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join("");
}

/** Name of the spelling in which a text or bytes hold the canary. */
export function canaryForm(content: string | Buffer): string | undefined {
  return NEEDLES.find(({ text, bytes }) =>
    typeof content === "string" ? content.includes(text) : content.includes(bytes),
  )?.name;
}

/** Refuses a text that holds the canary: the output of a command, a log, the body of a request. */
export function refuseCanary(content: string, what: string): void {
  const form = canaryForm(content);
  if (form !== undefined) throw new Error(`${what} holds a secret of the test (${form}): ${content.slice(0, 2_000)}`);
}

/** Compressed by git and by V8: nothing would be found. */
const OPAQUE = /(?:^|\/)(?:objects\/(?:[0-9a-f]{2}|pack)|cache\/compile)$/u;
const MAX_BYTES = 16 * 1024 * 1024;

/** The files below a directory that hold the canary, relative to it, each with the spelling; `isOurs` chooses among its entries. */
export function canariesBelow(
  directory: string,
  isOurs: (name: string) => boolean = () => true,
): readonly (readonly [file: string, form: string])[] {
  const found: (readonly [string, string])[] = [];
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (folder === directory && !isOurs(entry.name)) continue;
      if (entry.isDirectory()) {
        if (!OPAQUE.test(path)) folders.push(path);
      } else if (entry.isFile()) {
        const form = canaryForm(contentOf(path)) ?? canaryForm(entry.name);
        if (form !== undefined) found.push([relative(directory, path), form]);
      }
    }
  }
  return found;
}

/** Nothing where a folder or file is gone by now or may not be opened: what cannot be read by a test keeps nothing from it. */
function unlessGone<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR") return otherwise;
    throw error;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  return unlessGone(() => readdirSync(folder, { withFileTypes: true }), []);
}

/** A file's first bytes, without the compression of bundles and tarballs. */
function contentOf(file: string): Buffer {
  return unlessGone(() => {
    const descriptor = openSync(file, "r");
    try {
      const length = Math.min(fstatSync(descriptor).size, MAX_BYTES);
      const bytes = Buffer.allocUnsafe(length);
      const content = bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0));
      return content[0] === 0x1f && content[1] === 0x8b ? inflated(content) : content;
    } finally {
      closeSync(descriptor);
    }
  }, Buffer.alloc(0));
}

/** Tests also make tarballs that are damaged, or bombs. */
function inflated(content: Buffer): Buffer {
  try {
    return gunzipSync(content, { maxOutputLength: MAX_BYTES });
  } catch {
    return content;
  }
}

/** Which test runs, where one does: told by `canary-setup.ts`. */
export const runningTest: { read?: () => { readonly file: string; readonly name: string } } = {};

/** Refuses that a place is taken down in which a secret lies where it should not. */
export function refuseCanaries(directory: string): void {
  const test = runningTest.read?.();
  if (test === undefined) return;
  const found = canariesBelow(directory).filter(([file]) => !isWrittenByTest(test.file, file));
  if (found.length === 0) return;
  const lines = found.map(([file, form]) => `${file} (${form})`).join(", ");
  throw new Error(`a secret of \`${test.file}\`, \`${test.name}\`, is left in ${lines}`);
}
