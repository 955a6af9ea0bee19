import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import type { Home } from "../../marketplace/home.ts";
import { CodedError } from "../../schemas/errors.ts";
import { performChange } from "../change.ts";
import { homeOf } from "../home.ts";
import { defaultScope, targetOf } from "../target.ts";
import { namedAgents, TO_FLAG } from "../to-flag.ts";
import type { Verb } from "../verb.ts";

/** A project that has neither files nor a set of its own is most likely the wrong directory. */
function refuseNoProject(directory: string, home: Home): void {
  const files = ["plugins.json", "plugins.lock", ".plugsmith/local.json"].map((name) => join(directory, name));
  if (files.some((file) => existsSync(file)) || readCurrent(home)?.roots[directory] !== undefined) return;
  throw new CodedError("E_NOT_FOUND", `no \`plugins.json\` is in \`${directory}\` or above it`, {
    hint: "go to the project or give `--cwd <dir>`; `plugin add <name> --scope project` starts a new one",
  });
}

/** `plugin sync`. */
export const verb: Verb = {
  name: "sync",
  summary: "make the installed set match plugins.json and plugins.lock",
  positionals: [],
  flags: [{ name: "frozen", summary: "change neither file, fail when they disagree (implied by CI=true)" }, TO_FLAG],
  about: ["In a project with a plugins.json it acts on the project, elsewhere on the user."],
  examples: ["plugin sync", "plugin sync --frozen --accept sha256-..."],
  run: async (context, args) => {
    const home = homeOf(context.environment);
    const target = targetOf(context, context.options.scope ?? defaultScope(context, home), home);
    if (context.options.scope !== undefined && target.directory !== undefined) refuseNoProject(target.directory, home);
    const ci = context.environment["CI"];
    const frozen = args.switches.has("frozen") || ci === "true" || ci === "1";
    return performChange(context, target, { verb: "sync", frozen }, namedAgents(args));
  },
};
