import { listGenerations } from "../../marketplace/generations/generations.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin generations`. */
export const verb: Verb = {
  name: "generations",
  summary: "list what can be rolled back to",
  positionals: [],
  flags: [],
  about: ["Every change that was committed is a generation; `plugin rollback --to N` returns one root to it."],
  examples: ["plugin generations", "plugin generations --json"],
  run: async (context) => {
    const diagnostics: Diagnostic[] = [];
    const generations = listGenerations(homeOf(context.environment), (diagnostic) => diagnostics.push(diagnostic));
    return {
      exit: EXIT.ok,
      data: { generations, diagnostics },
      text: () =>
        generations.length === 0
          ? ["nothing was changed yet"]
          : [
              ...columns([
                ["number", "when", "verb", "root", ""].map(dim),
                ...generations.map((one) => [
                  bold(String(one.number)),
                  one.createdAt.replace("T", " ").replace(/\.\d+Z$/u, "Z"),
                  one.verb,
                  one.root,
                  one.current ? "current" : "",
                ]),
              ]),
              ...((generations.at(-1)?.number ?? 1) > 1
                ? [dim("older ones were removed by `plugin cache gc`; nothing can return to them")]
                : []),
            ],
    };
  },
};
