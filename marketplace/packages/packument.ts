import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { strongestIntegrity } from "./content-cache.ts";
import { registryFailure } from "./registry-failure.ts";
import { requestRegistry } from "./registry-request.ts";
import type { RegistrySettings } from "./registry-settings.ts";

/** One published version of a package. */
export interface PackageRelease {
  readonly version: string;
  /** Strongest digest that the registry names, as subresource integrity; absent when it names none of SHA-256 or better. */
  readonly integrity?: string | undefined;
  /** Where the registry says that the tarball lies. */
  readonly tarball?: string | undefined;
  readonly deprecated?: string | undefined;
  /** ISO date; only in a whole document. */
  readonly publishedAt?: string | undefined;
  /** Its manifest as the registry tells it, unchecked. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** What a registry says of a package. */
export interface Packument {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly releases: ReadonlyMap<string, PackageRelease>;
}

/** How a package's document is fetched. */
export interface PackumentRequest {
  readonly registry: string;
  readonly options: RegistrySettings["options"];
  /** Directory of the client's cache, from which it asks with conditions. */
  readonly cache: string;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** Whether the times of publication are needed, which only the whole document has. */
  readonly whole: boolean;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 32 * 1024 * 1024;
const ABBREVIATED = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";

/**
 * Fetches the document of a package. Throws `E_NETWORK` (also for what is no such document), `E_AUTH`, `E_OFFLINE`, `E_TIMEOUT`, `E_LIMIT_SIZE`,
 * `E_SOURCE_BLOCKED` for a redirect, `E_PLUGIN_UNKNOWN` when the registry has no such package, and `E_INTERRUPTED`.
 */
export async function fetchPackument(name: string, request: PackumentRequest): Promise<Packument> {
  const address = `${request.registry}${name.replace("/", "%2f")}`;
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  let bytes = 0;
  try {
    const body = await requestRegistry(address, {
      options: request.options,
      signal: AbortSignal.any([request.signal, deadline]),
      timeoutMs: TIMEOUT_MS,
      accept: request.whole ? "application/json" : ABBREVIATED,
      cache: { directory: request.cache, only: request.offline },
      onAnnounced: (count) => refuseLarge(count, name, address),
      onBytes: (count) => refuseLarge((bytes += count), name, address),
    });
    return readPackument(body, name, address);
  } catch (error) {
    if (isCodedError(error)) throw error;
    if (request.signal.aborted)
      throw new CodedError("E_INTERRUPTED", `interrupted while \`${name}\` was looked up`, { cause: error });
    throw failure(error, { name, address, isLate: deadline.aborted });
  }
}

function failure(
  error: unknown,
  { name, address, isLate }: { readonly name: string; readonly address: string; readonly isLate: boolean },
): CodedError {
  const { host } = new URL(address);
  if (isLate) {
    return new CodedError("E_TIMEOUT", `\`${host}\` did not tell of \`${name}\` within ${TIMEOUT_MS / 1_000} seconds`, {
      hint: "try again later",
      cause: error,
    });
  }
  const facts: Readonly<Record<string, unknown>> = error instanceof Error ? { ...error } : {};
  if (facts["code"] === "ENOTCACHED") {
    return new CodedError("E_OFFLINE", `the versions of the package \`${name}\` were never looked up on this machine`, {
      hint: "run it once without `--offline`",
      cause: error,
    });
  }
  if (facts["statusCode"] === 404 || facts["statusCode"] === 410) {
    return new CodedError("E_PLUGIN_UNKNOWN", `\`${host}\` has no package \`${name}\``, {
      hint: "check its name, and whether your `.npmrc` names the right registry for it",
      cause: error,
    });
  }
  return registryFailure(error, address, `the package \`${name}\``);
}

/** Reads the document that a registry answered with. Throws `E_NETWORK` when it is none. */
function readPackument(body: Uint8Array, name: string, address: string): Packument {
  const document = asObject(parsed(body));
  const versions = asObject(document?.["versions"]);
  if (document === undefined || versions === undefined || document["name"] !== name) {
    throw new CodedError("E_NETWORK", `\`${address}\` answered with something that is no document of \`${name}\``, {
      hint: "is that address a registry? A sign-in page in between answers like this",
    });
  }
  const times = asObject(document["time"]) ?? {};
  const releases = new Map<string, PackageRelease>();
  for (const [version, raw] of Object.entries(versions)) {
    const one = asObject(raw);
    const dist = asObject(one?.["dist"]);
    if (one === undefined || dist === undefined) continue;
    const [deprecated, tarball, time] = [one["deprecated"], dist["tarball"], times[version]];
    releases.set(version, {
      version,
      manifest: one,
      integrity: typeof dist["integrity"] === "string" ? strongestIntegrity(dist["integrity"]) : undefined,
      ...(typeof tarball === "string" ? { tarball } : {}),
      ...(typeof deprecated === "string" && deprecated !== "" ? { deprecated: deprecated.slice(0, 500) } : {}),
      ...(typeof time === "string" ? { publishedAt: time } : {}),
    });
  }
  const tags = Object.entries(asObject(document["dist-tags"]) ?? {}).filter(
    (tag): tag is [string, string] => typeof tag[1] === "string",
  );
  return { name, tags: new Map(tags), releases };
}

function parsed(body: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function refuseLarge(bytes: number, name: string, address: string): void {
  if (bytes <= MAX_BYTES) return;
  throw new CodedError("E_LIMIT_SIZE", `\`${address}\` sends more than ${MAX_BYTES} bytes about \`${name}\``, {
    hint: "ask whoever runs the registry",
  });
}
