import type { Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { PlanCollision } from "./plan.ts";

/** A plugin as far as its names matter. */
export interface NamedPlugin {
  readonly id: string;
  readonly manifest: PluginManifest;
}

/** Kinds whose bare name a person or the model can use while only one plugin has it (attacks NM07). */
const BARE_NAME_KINDS: ReadonlySet<string> = new Set(["skill", "command", "agent", "output-style"]);

/**
 * Names that several enabled plugins answer to: bare names of skills, commands and agents, servers with one
 * identity, file extensions with two language servers, equal namespaces. Deterministic: by kind, then name.
 */
export function findCollisions(
  plugins: readonly NamedPlugin[],
  touched: ReadonlySet<string>,
): readonly PlanCollision[] {
  const claims = new Map<string, { readonly kind: string; readonly name: string; readonly ids: Set<string> }>();
  const claim = (kind: string, name: string, id: string): void => {
    const key = `${kind}\0${name}`;
    const known = claims.get(key);
    if (known === undefined) claims.set(key, { kind, name, ids: new Set([id]) });
    else known.ids.add(id);
  };
  for (const { id, manifest } of plugins) {
    claim("namespace", manifest.name, id);
    for (const contribution of manifest.contributions) claimNames(contribution, id, claim);
  }
  const found: PlanCollision[] = [];
  for (const { kind, name, ids } of claims.values()) {
    if (ids.size < 2 || ![...ids].some((id) => touched.has(id))) continue;
    found.push({ kind, name, ids: [...ids].sort(), effect: EFFECTS[kind] ?? BARE_NAME_EFFECT });
  }
  return found.sort((left, right) => compare(`${left.kind} ${left.name}`, `${right.kind} ${right.name}`));
}

const BARE_NAME_EFFECT = "each stays reachable by its full name, the bare name by none";

const EFFECTS: Readonly<Record<string, string>> = {
  namespace: "both use one namespace, so equal component names hide each other",
  mcp: "the same server would start once, for the first plugin",
  lsp: "the first plugin's server handles the extension",
};

function claimNames(
  contribution: Contribution,
  id: string,
  claim: (kind: string, name: string, id: string) => void,
): void {
  if (BARE_NAME_KINDS.has(contribution.kind) && "name" in contribution) {
    // Skills and commands share one namespace of slash names.
    claim(contribution.kind === "command" ? "skill" : contribution.kind, contribution.name, id);
  } else if (contribution.kind === "mcp") {
    const identity = mcpIdentity(contribution.config);
    // A command inside the plugin's own folder is another program for every plugin.
    if (!identity.includes("PLUGIN_ROOT}")) claim("mcp", identity, id);
  } else if (contribution.kind === "lsp") {
    for (const extension of Object.keys(contribution.extensionToLanguage)) claim("lsp", extension, id);
  }
}

function mcpIdentity(config: Extract<Contribution, { kind: "mcp" }>["config"]): string {
  if (config.transport === "stdio") {
    const env = Object.entries(config.env).map(([key, value]) => `${key}=${value}`);
    return [...env.sort(), config.command, ...config.args].join(" ");
  }
  return config.transport === "bundle" ? config.location : config.url;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
