import { get, put } from "cacache";
import { checkData, parse } from "ssri";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/** What a cache has under a digest (subresource integrity), whole; `undefined` when it has not. Throws `E_IO`. */
export async function keptContent(cache: string, integrity: string): Promise<Buffer | undefined> {
  try {
    return await get.byDigest(cache, integrity);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR") || isDamage(error)) return undefined;
    throw ioError("read", cache, error);
  }
}

/** What the cache itself says of content that is not what its name is; no system call failed. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EINTEGRITY" || error.code === "EBADSIZE");
}

/** Keeps content under its digest; `name` is for people who look into the cache. Throws `E_IO`. */
export async function keepContent(cache: string, name: string, bytes: Uint8Array, integrity: string): Promise<void> {
  try {
    // Without the algorithm it would be kept under its SHA-512, whatever it is asked for by.
    await put(cache, name, bytes, { integrity, algorithms: [integrity.slice(0, integrity.indexOf("-"))] });
  } catch (error) {
    throw ioError("write to", cache, error);
  }
}

/** Whether bytes have a digest. */
export function hasIntegrity(bytes: Uint8Array, integrity: string): boolean {
  return checkData(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), integrity) !== false;
}

/** The strongest digest of an integrity text; `undefined` when it has none that can be relied upon. */
export function strongestIntegrity(text: string): string | undefined {
  const hashes = parse(text, { strict: true });
  for (const algorithm of ["sha512", "sha384", "sha256"]) {
    const hash = hashes?.[algorithm]?.[0];
    if (hash !== undefined) return `${algorithm}-${hash.digest}`;
  }
  return undefined;
}
