import { performChange } from "../change.ts";
import { homeOf } from "../home.ts";
import { namedInstalled } from "../named-installed.ts";
import { namedReports, SARIF_FLAG } from "../sarif-flag.ts";
import { TRUST_FLAG } from "../strange-places.ts";
import { targetOf } from "../target.ts";
import type { Verb } from "../verb.ts";

/** `plugin update`. */
export const verb: Verb = {
  name: "update",
  summary: "move plugins to the newest versions allowed",
  positionals: [{ name: "plugin", completes: "installed", variadic: true }],
  flags: [SARIF_FLAG, TRUST_FLAG],
  about: [
    "Without a name: everything of the user, or of `--scope`. Ranges in plugins.json stay; `plugin add x@market@range` changes one. What `npx` and its like start moves too.",
  ],
  examples: ["plugin update", "plugin update deploy@example --dry-run"],
  run: async (context, args) => {
    const reports = await namedReports(args, context);
    if (args.positionals.length === 0) {
      const target = targetOf(context, context.options.scope ?? "user", homeOf(context.environment));
      return performChange(context, target, { verb: "update", ids: [] }, { reports, args });
    }
    const { target, ids } = await namedInstalled(context, args.positionals);
    return performChange(context, target, { verb: "update", ids }, { reports, args });
  },
};
