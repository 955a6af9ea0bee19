import { VALIDATION_FLAGS, validated } from "../validation.ts";
import type { Verb } from "../verb.ts";

/** `plugin marketplace validate`. */
export const verb: Verb = {
  name: "marketplace validate",
  summary: "check a marketplace's files",
  positionals: [{ name: "path", required: true }],
  flags: VALIDATION_FLAGS,
  about: ["Checks marketplace.json and every plugin that lies beside it; plugins from elsewhere are not fetched."],
  examples: ["plugin marketplace validate ."],
  run: async (context, args) => validated(context, args, "marketplace"),
};
