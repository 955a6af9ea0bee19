import { HOME_CHECKS } from "../../marketplace/doctor/checks/index.ts";
import { examine, mend, type Mending } from "../../marketplace/doctor/examine.ts";
import type { Check, Finding, Scene } from "../../marketplace/doctor/finding.ts";
import { newestReadable } from "../../marketplace/doctor/readable.ts";
import type { Target } from "../../marketplace/install/change.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { performChange } from "../change.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { counted } from "../print/amount.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { green, red } from "../print/style.ts";
import type { TerminalEngine } from "../terminal.ts";
import type { VerbResult } from "../verb.ts";
import { audit } from "./checks/audit.ts";
import { keychain } from "./checks/keychain.ts";
import { programs } from "./checks/programs.ts";
import { settings, stateFiles } from "./checks/settings.ts";
import { settled } from "./settled.ts";

/** One repair can bring to light what another one mends. */
const MAX_ROUNDS = 4;

/** `plugin doctor`: everything that can be wrong with a home, and its repairs. Exit 1 while something is wrong. */
export async function homeExamination(context: VerbContext, fix: boolean): Promise<VerbResult> {
  const engine = await context.engine();
  const { options, writer } = context;
  const inside = [...HOME_CHECKS, stateFiles, settings, audit];
  const around = [programs, keychain(context), markets(engine), agents(engine)];
  const checks = [...inside, ...around];
  const look = async (): Promise<readonly Finding[]> => {
    engine.services.progress("examining the home");
    const own = await settled(engine.services.exclusively, () => examine(inside, sceneOf(context, engine)), isWrong);
    const others = await examine(around, sceneOf(context, engine));
    engine.quiet();
    return [...own, ...others];
  };
  let findings = await look();
  const done: string[] = [];
  let failed: Mending["failed"] = [];
  const rounds = fix && !options.dryRun ? MAX_ROUNDS : 0;
  for (let round = 0; round < rounds && isWrong(findings); round += 1) {
    if (engine.interactive && !options.json) writer.err(findings.flatMap((finding) => diagnosticLines(finding)));
    const mending = await mend(findings, async (question, isOurs) =>
      options.yes && isOurs ? true : engine.interactive && (await engine.ask(question)),
    );
    failed = mending.failed;
    done.push(...mending.done);
    if (mending.done.length === 0) break;
    findings = await look();
  }
  return {
    exit: isWrong(findings) || failed.length > 0 ? EXIT.failed : EXIT.ok,
    data: {
      checks: checks.map(({ name }) => name),
      findings: findings.map(({ repair, ...finding }) => ({ ...finding, ...(repair && { repair: repair.does }) })),
      mended: done,
      failed,
    },
    text: () => [
      ...done.map((does) => `${green("done:")} ${does}`),
      ...failed.flatMap((diagnostic) => diagnosticLines(diagnostic)),
      ...findings.flatMap((finding) => lines(finding)),
      ...summary(findings, checks.length, fix, engine.interactive || options.yes),
    ],
  };
}

/** What checks look at and mend with; a root is mended as `plugin sync` there would. */
export function sceneOf(context: VerbContext, engine: TerminalEngine): Scene {
  const { services, catalogs } = engine;
  return {
    services,
    generation: newestReadable(services.home),
    mendRoot: async (root, what) => {
      const target: Target = root === "user" ? { scope: "user" } : { scope: "project", directory: root };
      await performChange(context, target, { verb: "sync", frozen: what === "trees", thorough: true });
    },
    mendCatalog: async (name) => {
      const [result] = await catalogs.update(name);
      if (result?.outcome === "failed") throw result.error;
    },
  };
}

/** Whether something is wrong, as opposed to good to know. */
export function isWrong(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === "error" || severity === "warning");
}

/** Asks every marketplace that lies elsewhere. */
function markets({ catalogs, catalogAt, services: { offline } }: TerminalEngine): Check {
  return {
    name: "marketplaces",
    find: async () => {
      const findings: Finding[] = [];
      for (const { name, source } of offline ? [] : catalogs.list()) {
        if (source.kind === "directory" || source.kind === "file") continue;
        try {
          await catalogAt(source);
        } catch (error) {
          if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
          findings.push({
            check: "marketplaces",
            code: "W_MARKETPLACE_UNREACHABLE",
            severity: "warning",
            message: `marketplace \`${name}\` cannot be read now: ${error.message}`,
            hint: error.hint ?? `\`plugin marketplace remove ${name}\` forgets it; what is installed stays`,
          });
        }
      }
      return findings;
    },
  };
}

/** What other agents hold of what is locked; `--agents` says more and mends it. */
function agents({ agents: open }: TerminalEngine): Check {
  return {
    name: "agents",
    find: async () =>
      ((await (await open())?.examine()) ?? []).map(({ agent, root, message, path }) => ({
        check: "agents",
        code: "W_AGENT_DRIFT",
        severity: "warning",
        message: `${agent}: ${message}`,
        root,
        ...(path !== undefined && { file: path }),
        hint: "`plugin doctor --agents --fix` mends it",
      })),
  };
}

function lines({ root, plugin, repair, ...finding }: Finding): readonly string[] {
  const id = plugin ?? (root === "user" ? undefined : root);
  const shown = diagnosticLines({ ...finding, id });
  return repair === undefined ? shown : [...shown, `  --fix: ${repair.does}`];
}

function summary(findings: readonly Finding[], checks: number, fix: boolean, isAnswered: boolean): readonly string[] {
  const wrong = findings.filter((finding) => isWrong([finding]));
  if (wrong.length === 0) return [`${green("ok")} ${counted(checks, "check")}, nothing is wrong`];
  const mendable = wrong.filter(({ repair }) => repair !== undefined).length;
  const hint = !fix
    ? "`plugin doctor --fix` mends what it can"
    : isAnswered
      ? "what is left needs a person"
      : "nobody can be asked; `--yes` says yes to mending what is ours";
  const of = `${counted(mendable, "finding")} can be mended`;
  return [
    `${red("not ok")} ${counted(wrong.length, "finding")} in ${counted(checks, "check")}, ${of}`,
    `  hint: ${hint}`,
  ];
}
