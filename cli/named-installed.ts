import { CodedError } from "../schemas/errors.ts";
import type { Target } from "../marketplace/install/change.ts";
import type { VerbContext } from "./context.ts";
import { homeOf } from "./home.ts";
import { findInstalled, installedHere, splitComponent, targetHolding } from "./installed.ts";
import { targetOf } from "./target.ts";

/** Installed plugins that were named on the command line, and the root they share. */
export interface NamedInstalled {
  readonly target: Target;
  readonly ids: readonly string[];
  /** Set when the one plugin was named with a component, e.g. `mcp/notes`. */
  readonly component: string | undefined;
}

/** Finds what the words name among the installed plugins of the visible roots, or of `--scope`. */
export async function namedInstalled(context: VerbContext, words: readonly string[]): Promise<NamedInstalled> {
  const { scope } = context.options;
  const { plugins, all } = await installedHere(context);
  const parts = words.map(splitComponent);
  const component = parts.find((part) => part.component !== undefined)?.component;
  if (component !== undefined && words.length > 1) {
    throw new CodedError("E_USAGE", "a component is switched alone", { hint: "name one component a command" });
  }
  const found = [];
  for (const part of parts) found.push(await findInstalled(part.name, plugins, all));
  return {
    target: scope === undefined ? targetHolding(found) : targetOf(context, scope, homeOf(context.environment)),
    ids: [...new Set(found.flatMap((places) => places.slice(0, 1).map(({ plugin }) => plugin.id)))],
    component,
  };
}
