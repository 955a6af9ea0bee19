import { INTEGRITY_CHECKS } from "../../marketplace/doctor/checks/index.ts";
import { verifiedTrees } from "../../marketplace/doctor/checks/trees.ts";
import { examine, mend } from "../../marketplace/doctor/examine.ts";
import type { Finding } from "../../marketplace/doctor/finding.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { runTree } from "../../schemas/generation.ts";
import type { VerbContext } from "../context.ts";
import { audit } from "../doctor/checks/audit.ts";
import { isWrong, sceneOf } from "../doctor/home.ts";
import { settled } from "../doctor/settled.ts";
import { EXIT } from "../exit-code.ts";
import { findInstalled, installedHere, warnAbout } from "../installed.ts";
import { counted } from "../print/amount.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { bold, green, red } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin verify`. */
export const verb: Verb = {
  name: "verify",
  summary: "compare installed files with their digests",
  positionals: [{ name: "plugin", completes: "installed", variadic: true }],
  flags: [{ name: "repair", summary: "fetch what is damaged again, and put damaged state aside" }],
  about: [
    "Reads every file of every plugin in the store again, and the files that say what runs: locks, generations, the index of the",
    "store, catalogs, the log; exit 1 when one is not what its digest says. With names, the files of these plugins alone.",
    "`--repair` changes no version: the very bytes that the lock names are fetched, or nothing.",
  ],
  examples: ["plugin verify", "plugin verify --repair", "plugin verify git-facts@example --json"],
  run: async (context, args) => {
    let here = await installedHere(context);
    const named = (await Promise.all(args.positionals.map((word) => findInstalled(word, here.plugins)))).flat();
    const engine = await context.engine();
    const only = new Set(named.map(({ plugin }) => runTree(plugin)));
    const look = (): Promise<Verdict> =>
      settled(
        engine.services.exclusively,
        () => verdict(context, engine, only),
        ({ damaged, state }) => isWrong([...damaged, ...state]),
      );
    let { checked, damaged, state } = await look();
    const repaired: string[] = [];
    if (args.switches.has("repair") && !context.options.dryRun && isWrong([...damaged, ...state])) {
      const mendable = [...state, ...damaged].filter(({ check }) => check !== SYNCED);
      const { done, failed } = await mend(mendable, async (_, isOurs) => isOurs);
      engine.quiet();
      await warnAbout(context, failed);
      repaired.push(...done);
      ({ checked, damaged, state } = await look());
      here = await installedHere(context);
    }
    await warnAbout(context, here.diagnostics);
    const isDamaged = here.diagnostics.some(({ severity }) => severity === "error");
    return {
      exit: isWrong([...damaged, ...state]) || isDamaged ? EXIT.failed : EXIT.ok,
      data: {
        checked,
        findings: byPlugin(damaged),
        state: [...state, ...damaged.filter(({ plugin }) => plugin === undefined)].map(plain),
        repaired,
        diagnostics: here.diagnostics,
      },
      text: () => [
        ...repaired.map((does) => `${green("done:")} ${does}`),
        ...byPlugin(damaged).flatMap(({ id, problems }) => [
          `${red("damaged")} ${bold(id)}`,
          ...problems.map((problem) => `  ${problem.message}`),
        ]),
        ...[...state, ...damaged.filter(({ plugin }) => plugin === undefined)].flatMap((finding) =>
          diagnosticLines(finding),
        ),
        ...(isWrong([...damaged, ...state])
          ? ["  hint: `plugin verify --repair` fetches damaged plugins again"]
          : [`${green("ok")} ${counted(checked, "tree")} checked`]),
      ],
    };
  },
};

interface Verdict {
  readonly checked: number;
  /** About trees. */
  readonly damaged: readonly Finding[];
  /** About everything else. */
  readonly state: readonly Finding[];
}

/** The check that reads trees, which are counted. */
const TREES = "trees";
/** The check whose repair is a `plugin sync`, which can change versions. */
const SYNCED = "roots";

async function verdict(
  context: VerbContext,
  engine: Awaited<ReturnType<VerbContext["engine"]>>,
  only: ReadonlySet<string>,
): Promise<Verdict> {
  const scene = sceneOf(context, engine);
  engine.services.progress("reading every file");
  const checks = only.size > 0 ? [] : [...INTEGRITY_CHECKS.filter(({ name }) => name !== TREES), audit];
  const state = await examine(checks, scene);
  const { checked, findings } = verifiedTrees(scene, only.size > 0 ? only : undefined);
  engine.quiet();
  return { checked, damaged: findings, state };
}

function byPlugin(findings: readonly Finding[]) {
  return [...Map.groupBy(findings, ({ plugin, root }) => JSON.stringify([plugin, root])).values()].flatMap((alike) => {
    const [{ plugin: id, root } = { plugin: undefined, root: undefined }] = alike;
    return id === undefined || root === undefined ? [] : [{ id, root, problems: alike.map(diagnosticOf) }];
  });
}

/** As a document has it. */
function plain({ check, root, plugin, ...finding }: Finding) {
  return { ...diagnosticOf({ check, ...finding }), check, ...(root && { root }), ...(plugin && { plugin }) };
}

function diagnosticOf({ code, severity, message, file, line, column, hint }: Finding): Diagnostic {
  return { code, severity, message, file, line, column, hint };
}
