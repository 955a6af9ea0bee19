import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "ini";
import { CodedError } from "../../schemas/errors.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { PUBLIC_REGISTRY } from "../../schemas/public-registry.ts";

/** Where a person's npm settings say that packages come from. */
export interface RegistrySettings {
  /** Absolute, with a slash at its end. */
  readonly registry: string;
  /** `@scope` → its registry, likewise. */
  readonly scopes: Readonly<Record<string, string>>;
  /** Credentials, certificates and proxies, as `npm-registry-fetch` takes them. Holds secrets. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Settings of npm and their names as options; all others say nothing about fetching. */
const OPTIONS: Readonly<Record<string, string>> = {
  "strict-ssl": "strictSSL",
  proxy: "proxy",
  "https-proxy": "httpsProxy",
  noproxy: "noProxy",
  ca: "ca",
};
const CREDENTIAL = /^\/\/.+:(?:_authToken|_auth|username|_password|certfile|keyfile)$/;

/**
 * Reads the person's own `.npmrc`; never that of a project or plugin, and no `npm_config_…` variables, because `npm run` fills them
 * from a project's. Throws `E_IO` and `E_SCHEMA`.
 */
export function personalRegistrySettings(environment: Readonly<Record<string, string | undefined>>): RegistrySettings {
  const home = environment["HOME"] ?? environment["USERPROFILE"] ?? homedir();
  const file = environment["NPM_CONFIG_USERCONFIG"] ?? environment["npm_config_userconfig"] ?? join(home, ".npmrc");
  return parseRegistrySettings(readIfPresent(file) ?? "", file, environment);
}

/** The `.npmrc` nearest to a directory that would name another registry, and is never read; `undefined` when there is none. */
export function ignoredSettings(
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const home = environment["HOME"] ?? environment["USERPROFILE"] ?? homedir();
  for (let at = directory; at !== home; at = dirname(at)) {
    const file = join(at, ".npmrc");
    if (/^\s*(?:@[^/\s]+:)?registry\s*=/mu.test(readIfPresent(file) ?? "")) return file;
    if (at === dirname(at)) return undefined;
  }
  return undefined;
}

/** Reads the text of an `.npmrc`. Throws `E_SCHEMA` for a registry that is no web address, and `E_IO` for a missing `cafile`. */
export function parseRegistrySettings(
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): RegistrySettings {
  const scopes: Record<string, string> = {};
  const options: Record<string, unknown> = {};
  let registry = PUBLIC_REGISTRY;
  for (const [name, written] of Object.entries(parse(text))) {
    const key = expanded(name, environment);
    const value: unknown = typeof written === "string" ? expanded(written, environment) : written;
    const option = OPTIONS[key];
    if (key === "registry") registry = registryAt(value, key, file);
    else if (/^@[^/]+:registry$/.test(key)) scopes[key.slice(0, key.indexOf(":"))] = registryAt(value, key, file);
    else if (option !== undefined) options[option] = value;
    else if (CREDENTIAL.test(key)) options[key] = value;
    else if (key === "cafile" && typeof value === "string")
      options["ca"] = readCertificates(resolve(dirname(file), value));
  }
  return { registry, scopes, options };
}

function registryAt(value: unknown, key: string, file: string): string {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (url !== null && (url.protocol === "https:" || url.protocol === "http:"))
    return url.href.endsWith("/") ? url.href : `${url.href}/`;
  throw new CodedError("E_SCHEMA", `\`${key}\` in \`${file}\` is not the address of a registry`, {
    where: file,
    hint: "write e.g. `registry=https://registry.npmjs.org/`",
  });
}

/** `${NAME}` is a variable of the environment; one that is not set stays as it stands. */
function expanded(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$\{([^${}?]+)(\?)?\}/g, (whole: string, name: string, mayLack: string | undefined) => {
    return environment[name] ?? (mayLack === undefined ? whole : "");
  });
}

function readCertificates(file: string): readonly string[] {
  const text = readIfPresent(file) ?? "";
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
    throw ioError("read", file, error);
  }
}
