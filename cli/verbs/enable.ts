import { performChange } from "../change.ts";
import { namedInstalled } from "../named-installed.ts";
import type { Verb } from "../verb.ts";

/** `plugin enable`. */
export const verb: Verb = {
  name: "enable",
  summary: "switch plugins or one component on",
  positionals: [{ name: "plugin", completes: "installed", required: true, variadic: true }],
  flags: [],
  about: [
    "What it depends on is switched on with it. A component is named `plugin@market:kind/name`.",
    "A built-in plugin (`name@builtin`) is switched in your own settings.",
  ],
  examples: ["plugin enable deploy@example", "plugin enable deploy@example:mcp/notes"],
  run: async (context, args) => {
    const { target, ids, component } = await namedInstalled(context, args.positionals);
    return performChange(context, target, { verb: "enable", ids, ...(component === undefined ? {} : { component }) });
  },
};
