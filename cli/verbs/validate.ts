import { validated } from "../validation.ts";
import type { Verb } from "../verb.ts";

/** `plugin validate`. */
export const verb: Verb = {
  name: "validate",
  summary: "check a plugin or marketplace you write",
  positionals: [{ name: "path", required: true }],
  flags: [{ name: "strict", summary: "warnings fail too" }],
  about: ["Reads the folder as the host would and reports everything with file, line and column; exit 1 for errors."],
  examples: ["plugin validate .", "plugin validate ./my-marketplace --strict --json"],
  run: async (context, args) => validated(context, args.positionals[0] ?? ".", "any", args.switches.has("strict")),
};
