import { CodedError } from "../../schemas/errors.ts";
import type { PluginState, Transition } from "../lifecycle.ts";

/** A plugin as far as it needs others. */
export interface Needing {
  readonly id: string;
  readonly plugin: { readonly dependencies: readonly string[] };
  readonly extension: { readonly uses: readonly string[] };
}

/** What a plugin needs and does not have: a plugin that takes no part, or a service, with who would provide it. */
export type Lack =
  | { readonly kind: "plugin"; readonly id: string }
  | { readonly kind: "service"; readonly key: string; readonly provider: string | undefined };

/** Who provides services. */
export interface Providers {
  isHostService(key: string): boolean;
  providerOf(key: string): string | undefined;
}

/** The plugins among `nodes` that cannot work without those that are `out`, also by way of each other, each with its reason. */
export function dependentsOf<Node extends Needing>(
  nodes: readonly Node[],
  out: Iterable<string>,
  providers: Providers,
): ReadonlyMap<Node, Lack> {
  const gone = new Set(out);
  const found = new Map<Node, Lack>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const node of nodes) {
      const lack = gone.has(node.id) ? undefined : lackOf(node, gone, providers);
      if (lack === undefined) continue;
      gone.add(node.id);
      found.set(node, lack);
    }
  }
  return found;
}

function lackOf({ plugin, extension }: Needing, gone: ReadonlySet<string>, providers: Providers): Lack | undefined {
  const id = plugin.dependencies.find((dependency) => gone.has(dependency));
  if (id !== undefined) return { kind: "plugin", id };
  for (const key of extension.uses) {
    if (providers.isHostService(key)) continue;
    const provider = providers.providerOf(key);
    if (provider === undefined || gone.has(provider)) return { kind: "service", key, provider };
  }
  return undefined;
}

/** Why a plugin takes no part that needs another one, which is in `state`, or not there at all. */
export function withoutPlugin(id: string, needed: string, state: PluginState | undefined): CodedError {
  const isHeld = state?.kind === "held";
  const why = state === undefined ? "is not enabled here" : isHeld ? `is held back: ${state.message}` : "does not load";
  return new CodedError("E_PLUGIN_FAILED", `plugin \`${id}\` needs \`${needed}\`, which ${why}`, {
    hint: isHeld ? state.hint : undefined,
  });
}

/** What becomes of a plugin that uses a service which nobody provides. */
export function withoutService({ key, provider }: Extract<Lack, { readonly kind: "service" }>): Transition {
  const message =
    provider === undefined
      ? `no enabled plugin provides \`${key}\``
      : `\`${provider}\`, which provides \`${key}\`, takes no part`;
  return { to: "held", reason: "config", message, hint: "enable a plugin that provides it" };
}
