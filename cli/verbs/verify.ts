import { verifyInstalled } from "../../marketplace/install/query.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { findInstalled, installedHere, warnAbout } from "../installed.ts";
import { counted } from "../print/amount.ts";
import { bold, green, red } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin verify`. */
export const verb: Verb = {
  name: "verify",
  summary: "compare installed files with their digests",
  positionals: [{ name: "plugin", completes: "installed", variadic: true }],
  flags: [],
  about: ["Reads every file of every installed plugin again; exit 1 when one is not what its digest says."],
  examples: ["plugin verify", "plugin verify git-facts@example --json"],
  run: async (context, args) => {
    const here = await installedHere(context);
    const wanted =
      args.positionals.length === 0
        ? here.plugins
        : (await Promise.all(args.positionals.map((word) => findInstalled(word, here.plugins)))).flat();
    const { checked, findings } = verifyInstalled(homeOf(context.environment), wanted);
    await warnAbout(context, here.diagnostics);
    const damaged = here.diagnostics.filter(({ severity }) => severity === "error");
    return {
      exit: findings.length === 0 && damaged.length === 0 ? EXIT.ok : EXIT.failed,
      data: { checked, findings, diagnostics: here.diagnostics },
      text: () => [
        ...findings.flatMap((finding) => [
          `${red("damaged")} ${bold(finding.id)}`,
          ...finding.problems.map((problem) => `  ${problem.message}`),
        ]),
        ...(findings.length === 0
          ? [`${green("ok")} ${counted(checked, "tree")} checked`]
          : ["  hint: `plugin sync` fetches damaged plugins again"]),
      ],
    };
  },
};
