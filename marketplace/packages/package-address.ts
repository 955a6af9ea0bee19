import { CodedError } from "../../schemas/errors.ts";
import { tarballAddress } from "../../schemas/packages/bun-lock.ts";
import type { LockedPackage } from "../../schemas/packages/package-lock.ts";
import { isPrivateHost } from "../sources/private-host.ts";
import { ownRegistries } from "./package-registry.ts";
import { PUBLIC_REGISTRY } from "../../schemas/public-registry.ts";
import type { RegistrySettings } from "./registry-settings.ts";

/**
 * Where a locked package is fetched from. What the lock has of the public registry comes from the one that the person set, and a scope
 * that is bound to a registry is asked for nowhere else. Throws `E_PACKAGE_LOCK` for an address inside a private network
 * that is no registry of the person's.
 */
export function packageAddress({ name, version, resolved }: LockedPackage, settings: RegistrySettings): string {
  const scope = name.startsWith("@") ? name.slice(0, name.indexOf("/")) : undefined;
  const bound = scope === undefined ? undefined : settings.scopes[scope];
  const registry = bound ?? settings.registry;
  if (resolved === undefined) return tarballAddress(registry, name, version);
  const url = new URL(resolved);
  if (url.host === new URL(PUBLIC_REGISTRY).host)
    return new URL(`${url.pathname.slice(1)}${url.search}`, registry).href;
  const isOwn = [...ownRegistries(settings)].some((own) => new URL(own).host === url.host);
  if (bound !== undefined && new URL(bound).host !== url.host) {
    throw new CodedError(
      "E_PACKAGE_LOCK",
      `\`${name}\` is locked from \`${url.host}\`, and your npm settings bind its scope to another registry`,
      {
        hint: `its registry here is \`${bound}\``,
      },
    );
  }
  if (isOwn || !isPrivateHost(url.hostname)) return url.href;
  throw new CodedError(
    "E_PACKAGE_LOCK",
    `\`${name}\` is locked from \`${url.host}\`, which is inside a private network`,
    {
      hint: "if it is your registry, name it in your own `.npmrc`",
    },
  );
}
