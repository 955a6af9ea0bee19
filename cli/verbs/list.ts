import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { installedIn, visibleRoots, type InstalledPlugin } from "../installed.ts";
import { provisionText } from "../print/amount.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb, VerbResult } from "../verb.ts";

/** `plugin list`. */
export const verb: Verb = {
  name: "list",
  summary: "list installed plugins",
  positionals: [],
  flags: [{ name: "check", summary: "also try whether each would load; exit 1 when one would not" }],
  about: ["Shows the plugins of the project you are in and your own."],
  examples: ["plugin list", "plugin list --check --json"],
  run: async (context, args) => {
    if (args.switches.has("check")) return (await import("../list-check.ts")).listCheck(context);
    return listed(context);
  },
};

async function listed(context: VerbContext): Promise<VerbResult> {
  const home = homeOf(context.environment);
  const { scope } = context.options;
  const damage: Diagnostic[] = [];
  const generation = readCurrent(home, (diagnostic) => damage.push(diagnostic));
  if (damage.length > 0) {
    const { diagnosticLines } = await import("../print/diagnostic-lines.ts");
    context.writer.err(damage.flatMap((diagnostic) => diagnosticLines(diagnostic)));
  }
  const installed = installedIn(visibleRoots(generation, context.cwd, home.directory, scope), scope);
  return {
    exit: EXIT.ok,
    data: { generation: generation?.number ?? 0, plugins: installed.map(listData), diagnostics: damage },
    text: () => listLines(installed),
  };
}

/** One plugin of `list --json`. */
export function listData({ root, plugin }: InstalledPlugin): Readonly<Record<string, unknown>> {
  const { id, version, scope, enabled, requested, provides, tokens, bytes, tree, disabledComponents } = plugin;
  return { id, version, scope, root, enabled, requested, provides, tokens, bytes, tree, disabledComponents };
}

/** The table of `list`. */
export function listLines(installed: readonly InstalledPlugin[]): readonly string[] {
  if (installed.length === 0) {
    return ["no plugins are installed here", "  hint: `plugin marketplace add <source>`, then `plugin add <name>`"];
  }
  const rows = installed.map(({ plugin }) => [
    bold(plugin.id),
    plugin.version,
    plugin.scope,
    stateText(plugin),
    dim(provisionText(plugin.provides)),
  ]);
  return columns([["plugin", "version", "scope", "state", "provides"].map(dim), ...rows]);
}

function stateText({ enabled, requested, disabledComponents }: InstalledPlugin["plugin"]): string {
  const state = enabled ? "enabled" : "disabled";
  const without = disabledComponents.length === 0 ? "" : ` without ${disabledComponents.join(", ")}`;
  return `${state}${without}${requested ? "" : " (dependency)"}`;
}
