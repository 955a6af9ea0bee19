import { readCurrent } from "../../marketplace/generations/generations.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { bold } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin marketplace remove`. */
export const verb: Verb = {
  name: "marketplace remove",
  summary: "forget a marketplace",
  positionals: [{ name: "name", completes: "marketplaces", required: true }],
  flags: [{ name: "keep-plugins", summary: "leave its plugins installed, without updates" }],
  about: ["Gives its name up. Refused while plugins of it are installed, unless you keep them."],
  examples: ["plugin marketplace remove example"],
  run: async (context, args) => {
    const { catalogs, quiet } = await context.engine();
    const name = args.positionals[0] ?? "";
    const market = catalogs.known(name);
    const installed = installedFrom(context, name);
    if (installed.length > 0 && !args.switches.has("keep-plugins")) {
      throw new CodedError("E_DEPENDANT", `plugins of \`${name}\` are installed: ${installed.join(", ")}`, {
        hint: `\`plugin remove ${installed.join(" ")}\` first, or give \`--keep-plugins\``,
      });
    }
    const { dryRun } = context.options;
    if (!dryRun) await catalogs.remove(name);
    quiet();
    return {
      exit: EXIT.ok,
      data: { market, kept: installed },
      text: () => [`${dryRun ? "would forget" : "forgot"} ${bold(name)} from ${market.identity}`],
    };
  },
};

/** Ids of this marketplace in any root of the machine. */
function installedFrom(context: VerbContext, market: string): readonly string[] {
  const roots = Object.values(readCurrent(homeOf(context.environment))?.roots ?? {});
  const ids = roots
    .flatMap((root) => root.plugins.map((plugin) => plugin.id))
    .filter((id) => id.endsWith(`@${market}`));
  return [...new Set(ids)].sort();
}
