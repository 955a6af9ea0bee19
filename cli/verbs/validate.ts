import { VALIDATION_FLAGS, validated } from "../validation.ts";
import type { Verb } from "../verb.ts";

/** `plugin validate`. */
export const verb: Verb = {
  name: "validate",
  summary: "check a plugin or marketplace you write",
  positionals: [{ name: "path" }],
  flags: VALIDATION_FLAGS,
  about: [
    "Reads the folder as the host would and reports everything with file, line and column; exit 1 for errors.",
    "Advice is about what works and could be better; most of it says how far from the usual something is.",
  ],
  examples: [
    "plugin validate",
    "plugin validate ./my-plugin --fix",
    "plugin validate ./my-marketplace --strict --json",
    "plugin validate . --sarif > plugin.sarif",
  ],
  run: async (context, args) => validated(context, args, "any"),
};
