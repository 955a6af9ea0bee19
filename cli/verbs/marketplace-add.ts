import type { CatalogSnapshot } from "../../marketplace/catalog/snapshot.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
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
    "The source is `owner/repo[@ref]`, a git URL (https, ssh, git@host:path, file), the URL or path of a marketplace.json, a",
    "folder, or `npm:name[@range]` for a package that is a marketplace. Nothing is installed; entries that cannot be used are named, the others are there.",
  ],
  examples: ["plugin marketplace add owner/repo", "plugin marketplace add ./docs/examples/marketplace"],
  run: async (context, args) => {
    const source = marketplaceArgument(args.positionals[0] ?? "", context.cwd);
    const { catalogs, quiet } = await context.engine();
    const { dryRun } = context.options;
    const options = { dryRun, allowConfusable: args.switches.has("allow-confusable") };
    const { market, snapshot, already } = await catalogs.add(source, options);
    quiet();
    const { entries, ambiguous } = snapshot.catalog;
    const words = already ? "already added:" : dryRun ? "would be added:" : "added:";
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
        `${green(words)} ${bold(market.name)} from ${market.identity}, ${plugins(snapshot)}`,
      ],
    };
  },
};

/** `3 plugins`, and how many entries are none because of the errors above. */
function plugins({ catalog, diagnostics }: CatalogSnapshot): string {
  const place = ({ line, column }: Pick<Diagnostic, "line" | "column">): string => `${String(line)}:${String(column)}`;
  const lost = new Set(diagnostics.flatMap((one) => (one.dropped === "plugin" ? place(one) : [])));
  const usable = catalog.entries.filter((entry) => !lost.has(place(entry.where)));
  const none =
    lost.size === 0 ? "" : `; ${lost.size === 1 ? "1 entry" : `${String(lost.size)} entries`} cannot be used`;
  return `${counted(usable.length, "plugin")}${none}`;
}
