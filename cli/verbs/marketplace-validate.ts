import { validated } from "../validation.ts";
import type { Verb } from "../verb.ts";

/** `plugin marketplace validate`. */
export const verb: Verb = {
  name: "marketplace validate",
  summary: "check a marketplace's files",
  positionals: [{ name: "path", required: true }],
  flags: [{ name: "strict", summary: "warnings fail too" }],
  about: ["Checks marketplace.json and every plugin that lies beside it; plugins from elsewhere are not fetched."],
  examples: ["plugin marketplace validate ."],
  run: async (context, args) =>
    validated(context, args.positionals[0] ?? ".", "marketplace", args.switches.has("strict")),
};
