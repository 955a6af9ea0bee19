import { readExtension } from "../../schemas/plugsmith-extension.ts";
import type { HostPlugin } from "../host-plugin.ts";

/** Tells the gates of guarded points among events, as the manifests of a host's plugins declare them. */
export function guardGates(plugins: readonly Pick<HostPlugin, "info" | "manifest">[]): (event: string) => boolean {
  const gates = new Set<string>();
  for (const { info, manifest } of plugins) {
    const { points } = readExtension(manifest.plugsmith, info.id).value;
    for (const { guarded } of Object.values(points)) if (guarded !== undefined) gates.add(guarded.gate);
  }
  return (event) => gates.has(event);
}
