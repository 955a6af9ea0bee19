import { executables } from "./formats/executables.ts";
import type { PluginManifest } from "./plugin-manifest.ts";
import { readExtension } from "./plugsmith-extension.ts";
import type { Capability } from "./policy-capabilities.ts";

/** One capability that a plugin makes use of. */
export interface UsedCapability {
  readonly kind: Capability;
  readonly name: string;
}

/** The capabilities that a plugin makes use of, each once, with one thing that does so. */
export function usedCapabilities(manifest: PluginManifest): readonly UsedCapability[] {
  const used = new Map<Capability, string>();
  for (const { kind, name } of executables(manifest)) if (!used.has(kind)) used.set(kind, name);
  const { entry, capabilities } = readExtension(manifest.plugsmith, manifest.name).value;
  if (entry !== undefined) {
    const { read, write, net, exec, env, secrets } = capabilities;
    const granted = { read: read.length > 0, write: write.length > 0, net, exec, env: env.length > 0, secrets };
    for (const kind of ["read", "write", "net", "exec", "env", "secrets"] as const)
      if (granted[kind]) used.set(kind, entry);
  }
  return [...used].map(([kind, name]) => ({ kind, name }));
}
