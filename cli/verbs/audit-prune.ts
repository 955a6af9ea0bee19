import { openAudit, pruneAudit, verifyAudit } from "../../core/audit/index.ts";
import { readableGenerations } from "../../marketplace/doctor/readable.ts";
import { CodedError } from "../../schemas/errors.ts";
import { generationAnchors } from "../audit/generation-anchors.ts";
import { timeFlag } from "../audit/time-flag.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf } from "../flags.ts";
import { bytesText, counted } from "../print/amount.ts";
import { dim, green } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin audit prune`. */
export const verb: Verb = {
  name: "audit prune",
  summary: "remove old segments of the log, on the record",
  positionals: [],
  flags: [
    { name: "before", value: "time", summary: "what ended before a date (2026-03-01), or so long ago: 90d, 12w" },
    { name: "damaged", summary: "also when the log does not verify: the record says how many errors were accepted" },
  ],
  about: [
    "A record of the removal stays in the log, and the log verifies as before. Segments of processes that run stay.",
    "Nothing removes records by itself. Keep a copy first where somebody may ask for them: `plugin audit export --until 90d --output FILE`.",
  ],
  examples: ["plugin audit prune --before 90d --dry-run", "plugin audit prune --before 2026-01-01"],
  run: async (context, args) => {
    const text = valueOf(args, "before");
    if (text === undefined) {
      throw new CodedError("E_USAGE", "`plugin audit prune` needs `--before`", {
        hint: "`--before 90d` keeps three months",
      });
    }
    const now = new Date();
    const before = timeFlag("before", text, now);
    // It would account for whatever goes until then.
    if (before > now)
      throw new CodedError("E_USAGE", `\`--before ${text}\` lies in the future`, { hint: "`--before 0m` is now" });
    const { dryRun } = context.options;
    const { services } = await context.engine();
    const { home, exclusively } = services;
    const pruned = await exclusively(() => {
      const { diagnostics } = verifyAudit(home.audit, generationAnchors(readableGenerations(home)));
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      const [first] = errors;
      if (first !== undefined && !args.switches.has("damaged")) {
        throw new CodedError("E_INTEGRITY", `the log does not verify: ${first.message}`, {
          where: first.file,
          hint: "`plugin audit verify` lists everything; keep a copy, and then `--damaged` prunes it all the same",
        });
      }
      return pruneAudit(home.audit, {
        before,
        problems: errors.length,
        log: dryRun ? undefined : openAudit(home.audit, services.now),
      });
    });
    const { segments, records, bytes, digest } = pruned;
    const outcome = dryRun ? "dry-run" : segments === 0 ? "nothing" : "done";
    const what = `${counted(segments, "segment")} with ${counted(records, "record")}, ${bytesText(bytes)}`;
    return {
      exit: EXIT.ok,
      data: { outcome, before: before.toISOString(), segments, records, bytes, digest },
      text: () => {
        if (segments === 0) return ["nothing to remove"];
        return [
          dryRun ? `${what} would go ${dim("(dry run, nothing was removed)")}` : `${green("done:")} ${what} removed`,
        ];
      },
    };
  },
};
