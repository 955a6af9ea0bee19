import { performChange } from "../change.ts";
import { namedInstalled } from "../named-installed.ts";
import type { Verb } from "../verb.ts";

/** `plugin disable`. */
export const verb: Verb = {
  name: "disable",
  summary: "switch plugins or one component off",
  positionals: [{ name: "plugin", completes: "installed", required: true, variadic: true }],
  flags: [],
  about: [
    "Refused while an enabled plugin depends on it. A component is named `plugin@market:kind/name`.",
    "A built-in plugin (`name@builtin`) is switched in your own settings.",
  ],
  examples: ["plugin disable deploy@example", "plugin disable deploy@example:mcp/notes"],
  run: async (context, args) => {
    const { target, ids, component } = await namedInstalled(context, args.positionals);
    return performChange(context, target, { verb: "disable", ids, ...(component === undefined ? {} : { component }) });
  },
};
