import type { SessionPlugin } from "../../core/discover/enabled-set.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import type { ListedPlugin } from "../../schemas/generation-list.ts";
import { installedHere, listedHere, warnAbout } from "../installed.ts";
import { listData, listLines } from "../print/list-text.ts";
import type { Verb, VerbResult } from "../verb.ts";

/** `plugin list`. */
export const verb: Verb = {
  name: "list",
  summary: "list installed plugins",
  positionals: [],
  flags: [{ name: "check", summary: "also try whether each would load; exit 1 when one would not" }],
  about: [
    "Shows the plugins of the project you are in and your own. `--check` also names commands that start unlocked code.",
  ],
  examples: ["plugin list", "plugin list --check --json"],
  run: async (context, args) => {
    if (args.switches.has("check")) return (await import("../list-check.ts")).listCheck(context);
    return context.options.json ? documented(context) : listed(context);
  },
};

/** For people: what is only in the document is not read. */
async function listed(context: VerbContext): Promise<VerbResult> {
  const { plugins, diagnostics } = await listedHere(context);
  await warnAbout(context, [...diagnostics, ...plugins.flatMap(brokenBy)]);
  return { exit: EXIT.ok, data: {}, text: () => listLines(plugins) };
}

async function documented(context: VerbContext): Promise<VerbResult> {
  const { generation, plugins, diagnostics } = await installedHere(context);
  const findings = [...diagnostics, ...plugins.flatMap(brokenBy)];
  return {
    exit: EXIT.ok,
    data: { generation: generation?.number ?? 0, plugins: plugins.map(listData), diagnostics: findings },
    text: () => listLines(plugins),
  };
}

function brokenBy({ state }: SessionPlugin<ListedPlugin>) {
  return state.kind === "broken" ? [state.diagnostic] : [];
}
