import { whyInstalled } from "../../marketplace/install/query.ts";
import type { WhyStep } from "../../marketplace/plan/graph.ts";
import { EXIT } from "../exit-code.ts";
import { findInstalled, installedHere, warnAbout } from "../installed.ts";
import { bold } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin why`. */
export const verb: Verb = {
  name: "why",
  summary: "explain why a plugin is installed",
  positionals: [{ name: "plugin", completes: "installed", required: true }],
  flags: [],
  about: ["Prints every chain from a plugin that somebody asked for, with the range that leads to the next."],
  examples: ["plugin why git-facts@example"],
  run: async (context, args) => {
    const { plugins, diagnostics } = await installedHere(context);
    await warnAbout(context, diagnostics);
    const places = await findInstalled(args.positionals[0] ?? "", plugins);
    const answers = places.map(({ root, plugin }) => ({
      id: plugin.id,
      version: plugin.version,
      root,
      scope: plugin.scope,
      requested: plugin.requested,
      chains: whyInstalled(
        plugins.filter((other) => other.root === root).map((other) => other.plugin),
        plugin.id,
      ),
    }));
    return {
      exit: EXIT.ok,
      data: { answers, diagnostics },
      text: () =>
        answers.flatMap((answer) => [
          `${bold(answer.id)} ${answer.version} is installed ${answer.root === "user" ? "for you" : `in ${answer.root}`}`,
          ...(answer.requested ? ["  because it was asked for"] : []),
          ...answer.chains.filter((chain) => chain.length > 1).map((chain) => `  because ${chainText(chain)}`),
        ]),
    };
  },
};

/** `a needs b (^1.0), which needs c (^2.0)`. */
function chainText(chain: readonly WhyStep[]): string {
  return chain
    .slice(1)
    .map(({ id }, at) => {
      const upper = chain[at];
      return `${at === 0 ? (upper?.id ?? "") : "which"} needs ${id} (${upper?.range ?? "*"})`;
    })
    .join(", ");
}
