import { performChange } from "../change.ts";
import { homeOf } from "../home.ts";
import { defaultScope, targetOf } from "../target.ts";
import type { Verb } from "../verb.ts";

/** `plugin sync`. */
export const verb: Verb = {
  name: "sync",
  summary: "make the installed set match plugins.json and plugins.lock",
  positionals: [],
  flags: [{ name: "frozen", summary: "change neither file, fail when they disagree (implied by CI=true)" }],
  about: ["In a project with a plugins.json it acts on the project, elsewhere on the user."],
  examples: ["plugin sync", "plugin sync --frozen --accept sha256-..."],
  run: async (context, args) => {
    const home = homeOf(context.environment);
    const target = targetOf(context, context.options.scope ?? defaultScope(context, home), home);
    const ci = context.environment["CI"];
    const frozen = args.switches.has("frozen") || ci === "true" || ci === "1";
    return performChange(context, target, { verb: "sync", frozen });
  },
};
