import { CodedError } from "../../schemas/errors.ts";
import { performChange } from "../change.ts";
import { valueOf } from "../flags.ts";
import { homeOf } from "../home.ts";
import { targetOf } from "../target.ts";
import type { Verb } from "../verb.ts";

/** `plugin rollback`. */
export const verb: Verb = {
  name: "rollback",
  summary: "return to an earlier generation",
  positionals: [],
  flags: [{ name: "to", value: "number", summary: "the generation to return to (default: the one before)" }],
  about: [
    "Acts on one root and never touches another; `plugin generations` lists the numbers. A rollback can be rolled back.",
  ],
  examples: ["plugin rollback", "plugin rollback --to 3"],
  run: (context, args) => {
    const to = valueOf(args, "to");
    if (to !== undefined && !/^[1-9]\d{0,8}$/u.test(to)) {
      throw new CodedError("E_USAGE", `\`--to ${to}\` is not the number of a generation`, {
        hint: "`plugin generations` lists the numbers",
      });
    }
    const target = targetOf(context, context.options.scope ?? "user", homeOf(context.environment));
    return performChange(context, target, { verb: "rollback", ...(to === undefined ? {} : { to: Number(to) }) });
  },
};
