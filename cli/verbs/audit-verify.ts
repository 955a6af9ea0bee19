import { verifyAudit, type Pruning } from "../../core/audit/index.ts";
import { readableGenerations } from "../../marketplace/doctor/readable.ts";
import { generationAnchors } from "../audit/generation-anchors.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { counted } from "../print/amount.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { dim, green, red, yellow } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin audit verify`. */
export const verb: Verb = {
  name: "audit verify",
  summary: "find out whether somebody changed the log",
  positionals: [],
  flags: [],
  about: [
    "Checks that every record still is what was written and follows the one before it, and that every record that a generation or an anchor names is there. Exit code 1 when it is not.",
    "Records after the last anchor of their segment can be cut off without a trace, and are counted. Whoever can write the whole home can write a log that verifies: hand it on with `plugin audit export` where that matters.",
  ],
  examples: ["plugin audit verify", "plugin audit verify --json"],
  run: async (context) => {
    const home = homeOf(context.environment);
    const anchors = generationAnchors(readableGenerations(home));
    const { segments, records, unanchored, prunings, diagnostics } = verifyAudit(home.audit, anchors);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const unsealed = diagnostics.length - errors.length;
    return {
      exit: errors.length === 0 ? EXIT.ok : EXIT.failed,
      data: { segments, records, unanchored, generations: anchors.length, prunings, diagnostics },
      text: () => [
        ...errors.flatMap((one) => diagnosticLines(one)),
        `${errors.length === 0 ? green("ok") : red("changed")} ${counted(records, "record")} in ${counted(segments, "segment")}, held against ${counted(anchors.length, "generation")}`,
        ...prunings.map(pruningLine),
        ...(unsealed === 0 ? [] : [dim(`${counted(unsealed, "segment")} without an end: their processes were killed`)]),
        ...(unanchored === 0
          ? []
          : [dim(`${counted(unanchored, "record")} after the last anchor: a cut there would leave no trace`)]),
      ],
    };
  },
};

function pruningLine({ at, before, segments, problems, anchored }: Pruning): string {
  const accepted = problems === 0 ? "" : `, and ${counted(problems, "error")} accepted`;
  const line = `pruned ${at}: ${counted(segments, "segment")} before ${before}${accepted}`;
  return anchored ? dim(line) : yellow(`${line} (not anchored yet: the next change of what is installed does)`);
}
