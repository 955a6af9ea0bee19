import type { SessionPlugin } from "../../core/discover/enabled-set.ts";
import type { ListedPlugin } from "../../schemas/generation-list.ts";
import { provisionText } from "./amount.ts";
import { bold, columns, dim } from "./style.ts";

/** One plugin of `list --json`. */
export function listData({ root, plugin, state }: SessionPlugin): Readonly<Record<string, unknown>> {
  const { id, version, scope, enabled, requested, provides, tokens, bytes, tree, disabledComponents } = plugin;
  return {
    id,
    version,
    scope,
    root,
    state: state.kind,
    enabled,
    requested,
    provides,
    tokens,
    bytes,
    tree,
    disabledComponents,
  };
}

/** What verbs about marketplaces say before the first one. */
export const NO_MARKETPLACE: readonly string[] = [
  "no marketplace was added",
  "  hint: `plugin marketplace add <source>`; `plugin marketplace add --help` shows what a source is",
];

/** What verbs about installed plugins say when there is none. */
export const NO_PLUGIN: readonly string[] = [
  "no plugins are installed here",
  "  hint: `plugin marketplace add <source>`, then `plugin add <name>`",
];

/** The table of `list`. */
export function listLines(plugins: readonly SessionPlugin<ListedPlugin>[]): readonly string[] {
  if (plugins.length === 0) return NO_PLUGIN;
  const texts = new Map<ListedPlugin["provides"], string>();
  const provided = ({ provides }: ListedPlugin): string => {
    const text = texts.get(provides) ?? dim(provisionText(provides));
    texts.set(provides, text);
    return text;
  };
  const rows = plugins.map((installed) => [
    bold(installed.plugin.id),
    installed.plugin.version,
    installed.plugin.scope,
    stateText(installed),
    provided(installed.plugin),
  ]);
  return columns([["plugin", "version", "scope", "state", "provides"].map(dim), ...rows]);
}

/** Whether a session here uses it, in words. */
export function stateText({ plugin, state }: SessionPlugin<ListedPlugin>): string {
  const without = plugin.disabledComponents.length === 0 ? "" : ` without ${plugin.disabledComponents.join(", ")}`;
  const dependency = plugin.requested ? "" : " (dependency)";
  switch (state.kind) {
    case "on":
      return `enabled${without}${dependency}`;
    case "disabled":
      return `disabled${dependency}`;
    case "shadowed":
      return `shadowed by ${state.by}${dependency}`;
    case "broken":
      return `off here${dependency}`;
  }
}
