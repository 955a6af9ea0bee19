import { CodedError } from "../../schemas/errors.ts";
import { tarballAddress } from "../../schemas/packages/bun-lock.ts";
import { isPrivateHost } from "../sources/private-host.ts";
import { PUBLIC_REGISTRY } from "../../schemas/public-registry.ts";
import type { RegistrySettings } from "./registry-settings.ts";

/**
 * The registry that is asked for a package, absolute with a slash at its end. A scope that the person bound to a registry is asked
 * for nowhere else (attacks NP07), and what is meant for the public one goes to the person's own. Throws `E_SOURCE_BLOCKED` for another
 * registry of a bound scope, and for one inside a private network or without TLS that is not the person's.
 */
export function registryOf(name: string, asked: string | undefined, settings: RegistrySettings): string {
  const wanted = asked === undefined ? PUBLIC_REGISTRY : withSlash(asked);
  const isPublic = new URL(wanted).host === new URL(PUBLIC_REGISTRY).host;
  const scope = name.startsWith("@") ? name.slice(0, name.indexOf("/")) : undefined;
  const bound = scope === undefined ? undefined : settings.scopes[scope];
  if (bound !== undefined) {
    if (isPublic || wanted === bound) return bound;
    throw new CodedError(
      "E_SOURCE_BLOCKED",
      `\`${name}\` is asked for from \`${wanted}\`, and your npm settings bind its scope to another registry`,
      { hint: `its registry here is \`${bound}\`` },
    );
  }
  if (isPublic) return settings.registry;
  if (ownRegistries(settings).has(wanted)) return wanted;
  const url = new URL(wanted);
  if (url.protocol === "https:" && !isPrivateHost(url.hostname)) return wanted;
  throw new CodedError(
    "E_SOURCE_BLOCKED",
    `\`${name}\` is asked for from \`${wanted}\`, which is ${url.protocol === "https:" ? "inside a private network" : "not https"}`,
    { hint: "if it is your registry, name it in your own `.npmrc`" },
  );
}

/** The registries that a person's settings name. */
export function ownRegistries({ registry, scopes }: RegistrySettings): ReadonlySet<string> {
  return new Set([registry, ...Object.values(scopes)]);
}

/** What a lock says of a registry: nothing when it is the public one. */
export function lockedRegistry(registry: string): { readonly registry?: string } {
  return registry === PUBLIC_REGISTRY ? {} : { registry };
}

/**
 * Where a tarball is fetched from, given what its registry says. Throws `E_SOURCE_BLOCKED` for an address inside a private network
 * that is not the registry's own.
 */
export function tarballUrl(
  {
    name,
    version,
    tarball,
  }: { readonly name: string; readonly version: string; readonly tarball?: string | undefined },
  registry: string,
): string {
  const home = new URL(registry);
  const url = tarball === undefined ? null : URL.parse(tarball, registry);
  if (url === null) return tarballAddress(registry, name, version);
  if (url.host === home.host) return `${home.origin}${url.pathname}${url.search}`;
  if (url.host === new URL(PUBLIC_REGISTRY).host)
    return new URL(`${url.pathname.slice(1)}${url.search}`, registry).href;
  if (url.protocol === "https:" && url.username === "" && url.password === "" && !isPrivateHost(url.hostname))
    return url.href;
  throw new CodedError(
    "E_SOURCE_BLOCKED",
    `\`${home.host}\` says that \`${name}@${version}\` lies at \`${url.host}\`, an address that is not allowed`,
    { hint: "ask whoever runs the registry: a tarball lies on it or at a public https address" },
  );
}

function withSlash(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}
