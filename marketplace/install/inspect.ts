import { closureDigest } from "../../schemas/closure.ts";
import { executables, tokenEstimate } from "../../schemas/formats/index.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";

/** What reading alone says about a plugin: what it adds, what it can execute, what it costs. */
export function inspect(
  id: string,
  manifest: PluginManifest,
  members: readonly TreeMember[],
): Pick<InspectedPlugin, "closure" | "executables" | "provides" | "tokens"> {
  const facts = executables(manifest);
  const provides: Record<string, number> = {};
  for (const contribution of manifest.contributions) provides[contribution.kind] = (provides[contribution.kind] ?? 0) + 1;
  return {
    closure: closureDigest({ members, manifest, executables: facts, capabilities: manifest.plugsmith?.capabilities }),
    executables: facts.map(({ kind, name, display }) => ({ id, kind, name, display })),
    provides,
    tokens: tokenEstimate(manifest),
  };
}
