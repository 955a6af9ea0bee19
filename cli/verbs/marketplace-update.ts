import type { UpdateResult } from "../../marketplace/catalog/catalogs.ts";
import { EXIT, exitCodeOf, worstExit } from "../exit-code.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { errorData, errorLines, reportOf } from "../print/error-report.ts";
import { NO_MARKETPLACE } from "../print/list-text.ts";
import { bold } from "../print/style.ts";
import type { Verb } from "../verb.ts";

const short = (revision: string): string => revision.replace(/^sha256-/u, "").slice(0, 12);

/** `plugin marketplace update`. */
export const verb: Verb = {
  name: "marketplace update",
  summary: "refresh catalogs",
  positionals: [{ name: "name", completes: "marketplaces" }],
  flags: [{ name: "allow-rollback", summary: "accept an older catalog than the one on disk" }],
  about: [
    "Without a name: all. One that fails keeps its last good copy and does not hinder the others; the exit code says so.",
    "A repository that was created anew, without the history that was seen there before, is held: you are asked, or say yes with `--accept`.",
  ],
  examples: ["plugin marketplace update", "plugin marketplace update example"],
  run: async (context, args) => {
    const { catalogs, quiet } = await context.engine();
    const allowRollback = args.switches.has("allow-rollback");
    const results = await catalogs.update(args.positionals[0], { allowRollback });
    quiet();
    const failed = results.flatMap((result) => (result.outcome === "failed" ? [result.error] : []));
    const reports = await Promise.all(failed.map((error) => reportOf(error)));
    if (!context.options.json) {
      context.writer.err(reports.flatMap((report) => errorLines(report, context.options.verbose)));
    }
    return {
      exit: failed.length === 0 ? EXIT.ok : worstExit(failed.map((error) => exitCodeOf(error))),
      data: {
        results: await Promise.all(
          results.map(async (result) =>
            result.outcome === "failed" ? { ...result, error: errorData(await reportOf(result.error)) } : result,
          ),
        ),
      },
      text: () => (results.length === 0 ? NO_MARKETPLACE : results.flatMap(resultLines)),
    };
  },
};

function resultLines(result: UpdateResult): readonly string[] {
  switch (result.outcome) {
    case "unchanged":
      return [`${bold(result.name)} is up to date (${short(result.revision)})`];
    case "updated":
      return [
        ...result.diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic)),
        `${bold(result.name)} updated, ${short(result.from)} -> ${short(result.to)}`,
      ];
    case "failed":
      return [`${bold(result.name)} could not be refreshed; its copy ${short(result.revision)} stays in use`];
  }
}
