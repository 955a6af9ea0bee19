import type { PluginManifest, Provenance } from "../../schemas/plugin-manifest.ts";
import type { HostPlugin } from "../host-plugin.ts";
import { isReservedService } from "../isolate/crossing-services.ts";

/** What the author of such a plugin does. */
export const RESERVED_HINT = "its author has to give the service a name without a `/`, which is then the plugin's own";

/** A service of Plugsmith's own names that a manifest announces, and where. */
export interface ReservedService {
  readonly key: string;
  readonly where: Provenance | undefined;
}

/** The first service of Plugsmith's own names that a manifest announces: whoever provides it speaks for the host. */
export function reservedServiceOf({ plugsmith, provenance }: PluginManifest): ReservedService | undefined {
  const provides: unknown = plugsmith?.provides;
  if (!Array.isArray(provides)) return undefined;
  const key = provides.find((item): item is string => typeof item === "string" && isReservedService(item));
  return key === undefined ? undefined : { key, where: provenance["plugsmith"] };
}

/**
 * A plugin whose code runs in a process of its own, held back where it announces such a service: the border of its process would
 * refuse it at its first use, and until then everybody who wants the host's service would be sent to it.
 */
export function withoutReserved(plugin: HostPlugin): HostPlugin {
  const reserved = plugin.held === undefined ? reservedServiceOf(plugin.manifest) : undefined;
  if (reserved === undefined) return plugin;
  const { key, where } = reserved;
  const place = where === undefined ? "its manifest" : [where.file, where.line, where.column].join(":");
  return {
    ...plugin,
    held: {
      reason: "policy",
      message: `it provides \`${key}\` (${place}), which speaks for the host: only code in the host's own process may`,
      hint: RESERVED_HINT,
    },
  };
}
