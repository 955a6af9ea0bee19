import { EXIT } from "../exit-code.ts";
import { marketplaceArgument } from "../marketplace-argument.ts";
import { counted } from "../print/amount.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { bold, green } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin marketplace add`. */
export const verb: Verb = {
  name: "marketplace add",
  summary: "add a marketplace",
  positionals: [{ name: "source", required: true }],
  flags: [{ name: "allow-confusable", summary: "accept a name that looks like one you have" }],
  about: [
    "The source is `owner/repo[@ref]`, a git URL (https, ssh, git@host:path, file), the URL or path of a marketplace.json, or a",
    "folder. Nothing is installed; entries that cannot be used are named, the others are there.",
  ],
  examples: ["plugin marketplace add owner/repo", "plugin marketplace add ./docs/examples/marketplace"],
  run: async (context, args) => {
    const source = marketplaceArgument(args.positionals[0] ?? "", context.cwd);
    const { services, catalogs, quiet } = await context.engine();
    const { dryRun } = context.options;
    const options = { dryRun, allowConfusable: args.switches.has("allow-confusable") };
    const { market, snapshot, already } = await services.exclusively(async () => {
      const added = await catalogs.add(source, options);
      if (!dryRun && !added.already) {
        services.audit.append({
          action: "marketplace add",
          subject: added.market.identity,
          outcome: "done",
          detail: { name: added.market.name },
        });
      }
      return added;
    });
    quiet();
    const { entries, ambiguous } = snapshot.catalog;
    const words = already ? "is added already:" : dryRun ? "would be added:" : "added:";
    return {
      exit: EXIT.ok,
      data: {
        market,
        already,
        plugins: entries.map((entry) => entry.name),
        ambiguous,
        diagnostics: snapshot.diagnostics,
      },
      text: () => [
        ...snapshot.diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic)),
        `${green(words)} ${bold(market.name)} from ${market.identity}, ${counted(entries.length, "plugin")}`,
      ],
    };
  },
};
