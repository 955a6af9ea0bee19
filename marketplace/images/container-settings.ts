import { join } from "node:path";
import { readJson } from "../../schemas/json-text.ts";
import { DEFAULT_REGISTRY } from "../../schemas/launchers/image-reference.ts";
import { isRecord } from "../../schemas/record.ts";
import { readTextIfPresent } from "../generations/state-files.ts";

/** What a person's own container settings say of registries. */
export interface ContainerSettings {
  /** Host, with a port where one is named, → base64 of `user:password`; `undefined` when a helper program keeps it. */
  readonly registries: ReadonlyMap<string, string | undefined>;
}

const DEFAULT_NAMES: ReadonlySet<string> = new Set([DEFAULT_REGISTRY, "index.docker.io", "registry-1.docker.io"]);

/**
 * Reads `auths` of the person's `config.json` of docker. No helper program is started, so what one keeps is not known. Throws what
 * reading JSON throws, and `E_IO`.
 */
export function containerSettings(environment: Readonly<Record<string, string | undefined>>): ContainerSettings {
  const { HOME: home, DOCKER_CONFIG: own } = environment;
  const directory = own !== undefined && own !== "" ? own : home === undefined ? undefined : join(home, ".docker");
  const text = directory === undefined ? undefined : readTextIfPresent(join(directory, "config.json"));
  if (directory === undefined || text === undefined) return { registries: new Map() };
  const { value } = readJson(text, { file: join(directory, "config.json"), dangerousKeys: "drop" });
  const auths = isRecord(value) ? value["auths"] : undefined;
  const registries = Object.entries(isRecord(auths) ? auths : {}).map(
    ([address, entry]) => [hostOf(address), isRecord(entry) ? credentialsOf(entry) : undefined] as const,
  );
  return { registries: new Map(registries) };
}

/** An address as `docker login` wrote it over the years: with and without `https://` and a path. */
function hostOf(address: string): string {
  const host = address.replace(/^https?:\/\//u, "").replace(/\/.*$/u, "");
  return DEFAULT_NAMES.has(host) ? DEFAULT_REGISTRY : host;
}

function credentialsOf({ auth, username, password }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof auth === "string" && /^[A-Za-z0-9+/]+={0,2}$/u.test(auth)) return auth;
  if (typeof username !== "string" || typeof password !== "string") return undefined;
  return Buffer.from(`${username}:${password}`).toString("base64");
}
