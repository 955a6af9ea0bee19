import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publish } from "libnpmpublish";
import { CodedError } from "../../../schemas/errors.ts";
import {
  parseRegistrySettings,
  personalRegistrySettings,
  type RegistrySettings,
} from "../../packages/registry-settings.ts";
import { ioError, isSystemError } from "../../../schemas/system-error.ts";

/** Where and as whom to publish. */
export interface RegistryAccount {
  /** With a `/` at its end. */
  readonly registry: string;
  /** Credentials, certificates and proxies, as `npm-registry-fetch` takes them. Holds secrets. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * The registry to publish to, and what npm's own settings say about it: the `.npmrc` of the repository goes before that of the
 * person, and a token in `NODE_AUTH_TOKEN` or `NPM_TOKEN` before both. Throws `E_AUTH` without credentials, `E_USAGE` for an
 * address that is none.
 */
export function registryAccount(
  wanted: string | undefined,
  top: string,
  environment: Readonly<Record<string, string | undefined>>,
): RegistryAccount {
  const person = personalRegistrySettings(environment);
  const own = repositorySettings(join(top, ".npmrc"), environment);
  const text = wanted ?? own?.registry ?? person.registry;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw new CodedError("E_USAGE", `\`${text}\` is no address of a registry`, {
      hint: "e.g. `--registry https://npm.example.com/`",
    });
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  const place = `//${url.host}${url.pathname}:`;
  const token = environment["NODE_AUTH_TOKEN"] ?? environment["NPM_TOKEN"] ?? "";
  const given = token === "" ? {} : { [`${place}_authToken`]: token };
  const options = { ...person.options, ...own?.options, ...given };
  if (Object.keys(options).some((key) => key.startsWith(place))) return { registry: url.href, options };
  throw new CodedError("E_AUTH", `there are no credentials for \`${url.href}\``, {
    hint: `\`npm login --registry ${url.href}\`, or set \`NODE_AUTH_TOKEN\``,
  });
}

function repositorySettings(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Partial<RegistrySettings> | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
    throw ioError("read", file, error);
  }
  const { registry, options } = parseRegistrySettings(text, file, environment);
  return /^\s*registry\s*=/mu.test(text) ? { registry, options } : { options };
}

/** What a registry is given of a package. */
export interface PublishRequest {
  /** The content of its `package.json`. */
  readonly manifest: { readonly name: string; readonly version: string };
  readonly archive: Uint8Array;
  readonly account: RegistryAccount;
}

/** Publishes an archive. A version that is there already is `E_EXISTS`; a refusal `E_AUTH`; everything else `E_NETWORK`. */
export async function publishArchive({ manifest, archive, account }: PublishRequest): Promise<void> {
  const name = `${manifest.name}@${manifest.version}`;
  const { registry, options } = account;
  try {
    await publish(manifest, Buffer.from(archive), {
      ...options,
      registry,
      access: "public",
      npmVersion: "plugsmith",
      fetchRetries: 1,
      // Without these the client computes with nothing and Node warns of it.
      fetchRetryFactor: 2,
      fetchRetryMintimeout: 1_000,
      fetchRetryMaxtimeout: 10_000,
    });
  } catch (cause) {
    throw refusal(name, registry, cause);
  }
}

function refusal(name: string, registry: string, cause: unknown): CodedError {
  const { code = "", statusCode = 0, message = String(cause) } = facts(cause);
  if (code === "EPUBLISHCONFLICT" || statusCode === 409 || /previously published|cannot publish over/iu.test(message)) {
    return new CodedError("E_EXISTS", `\`${name}\` is in \`${registry}\` already`, {
      cause,
      hint: "raise the version; if it is this one, `git tag` it by hand",
    });
  }
  if (code === "EOTP" || statusCode === 401 || statusCode === 403) {
    const hint =
      code === "EOTP" ? "use a token that needs no one-time password" : "see whether the token may publish this name";
    return new CodedError("E_AUTH", `\`${registry}\` refused to publish \`${name}\`: ${message}`, { cause, hint });
  }
  return new CodedError("E_NETWORK", `\`${name}\` could not be published to \`${registry}\`: ${message}`, {
    cause,
    hint: "the release is committed and has no tag yet: `git push`, then release again; what is published already is not published twice",
  });
}

function facts(error: unknown): { readonly code?: string; readonly statusCode?: number; readonly message?: string } {
  return error instanceof Error ? error : {};
}
