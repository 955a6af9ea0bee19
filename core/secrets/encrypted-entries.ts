import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from "node:crypto";
import { linkSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { replaceFile } from "../platform/durable-file.ts";
import { parseState, readStateText } from "../platform/state-file.ts";
import type { Passphrase } from "./passphrase.ts";
import type { SecretEntries, SecretOwner } from "./secret-store.ts";

const SCHEMA = 1;
const CIPHER = "aes-256-gcm";
const [KEY_BYTES, IV_BYTES, TAG_BYTES, SALT_BYTES] = [32, 12, 16, 16];
/** What OWASP recommends for passwords (2023): 128 MiB and some tenths of a second a guess. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 } as const;
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const CHECK = "plugsmith";

/**
 * Files in a folder: `key.json` with the parameters of scrypt, which makes the key of a passphrase, and one file an owner, sealed by
 * AES-256-GCM together with its name, so that nobody can exchange two. Its form is written down in docs/guides/secrets.md.
 */
export function encryptedEntries(directory: string, passphrase: Passphrase): SecretEntries {
  let opened: Promise<Buffer> | undefined;
  const key = (): Promise<Buffer> => (opened ??= openKey(directory, passphrase));
  const fileOf = ({ id, identity }: SecretOwner): string =>
    join(directory, `${createHash("sha256").update(`${id} ${identity}`).digest("hex")}.json`);
  return {
    read: async (owner) => {
      const file = fileOf(owner);
      const text = readStateText(file);
      return text === undefined ? undefined : unseal(await key(), parseState(text, file, SCHEMA), nameOf(owner), file);
    },
    write: async (owner, text) => {
      const file = fileOf(owner);
      const sealed = seal(await key(), text, nameOf(owner));
      replaceFile(file, document(sealed), { temporary: `${file}.${process.pid}.new` });
    },
    remove: async (owner) => {
      const file = fileOf(owner);
      if (readStateText(file) === undefined) return false;
      try {
        rmSync(file);
      } catch (error) {
        throw ioError("delete", file, error);
      }
      return true;
    },
  };
}

const nameOf = ({ id, identity }: SecretOwner): string => `${id} ${identity}`;
const document = (members: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ schema: SCHEMA, ...members })}\n`;

async function openKey(directory: string, passphrase: Passphrase): Promise<Buffer> {
  const file = join(directory, "key.json");
  const text = readStateText(file);
  if (text === undefined) return newKey(file, directory, passphrase);
  const parameters = parseState(text, file, SCHEMA);
  const [salt, cost] = [bytesOf(parameters?.["salt"]), parameters?.["N"]];
  if (salt?.length !== SALT_BYTES || cost !== SCRYPT.N) throw damaged(file);
  const key = await derive(await passphrase.get(false), salt);
  try {
    unseal(key, parameters, CHECK, file);
  } catch (error) {
    throw new CodedError("E_KEYCHAIN", "the passphrase is not that of the encrypted file of secrets", {
      hint: "give the passphrase that it was made with; without it the secrets are lost, and must be set again in a new one",
      where: file,
      cause: error,
    });
  }
  return key;
}

/** The first process that needs one makes it; another that does so at the same time takes that. */
async function newKey(file: string, directory: string, passphrase: Passphrase): Promise<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(await passphrase.get(true), salt);
  const made = `${file}.${process.pid}`;
  replaceFile(made, document({ kdf: "scrypt", ...SCRYPT, salt: salt.toString("base64"), ...seal(key, CHECK, CHECK) }));
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    linkSync(made, file);
    return key;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return await openKey(directory, passphrase);
    throw ioError("create", file, error);
  } finally {
    rmSync(made, { force: true });
  }
}

function derive(passphrase: string, salt: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const done = (error: Error | null, key: Buffer): void => (error === null ? resolve(key) : reject(error));
  scrypt(passphrase.normalize("NFC"), salt, KEY_BYTES, { ...SCRYPT, maxmem: MAX_MEMORY_BYTES }, done);
  return promise;
}

interface Sealed {
  readonly cipher: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

function seal(key: Buffer, text: string, name: string): Sealed & Readonly<Record<string, string>> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]).toString("base64");
  return { cipher: CIPHER, iv: iv.toString("base64"), tag: cipher.getAuthTag().toString("base64"), data };
}

function unseal(
  key: Buffer,
  sealed: Readonly<Record<string, unknown>> | undefined,
  name: string,
  file: string,
): string {
  const [iv, tag, data] = ["iv", "tag", "data"].map((member) => bytesOf(sealed?.[member]));
  if (sealed?.["cipher"] !== CIPHER || iv?.length !== IV_BYTES || tag?.length !== TAG_BYTES || data === undefined) {
    throw damaged(file);
  }
  try {
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(tag);
    return Buffer.concat([decipher.update(data), decipher.final()]).toString("utf8");
  } catch (error) {
    throw damaged(file, error);
  }
}

function bytesOf(value: unknown): Buffer | undefined {
  return typeof value === "string" ? Buffer.from(value, "base64") : undefined;
}

function damaged(file: string, cause?: unknown): CodedError {
  return new CodedError("E_KEYCHAIN", "a file of encrypted secrets is damaged, or was exchanged", {
    hint: `delete \`${file}\`, then set its secrets again`,
    where: file,
    ...(cause !== undefined && { cause }),
  });
}
