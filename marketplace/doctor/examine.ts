import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { type Check, type Finding, findingOf, type Scene } from "./finding.ts";

/** Lets every check look; one that cannot says so as a finding and hinders no other. Throws `E_INTERRUPTED`. */
export async function examine(checks: readonly Check[], scene: Scene): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { name, find } of checks) {
    try {
      findings.push(...(await find(scene)));
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
      findings.push(findingOf(name, error));
    }
  }
  return findings;
}

/** A yes to a repair; `isOurs` says whether it touches only what Plugsmith made. */
export type AskRepair = (question: string, isOurs: boolean) => Promise<boolean>;

/** What was mended, and what was tried in vain. */
export interface Mending {
  /** What was done, as it was asked about. */
  readonly done: readonly string[];
  readonly failed: readonly Diagnostic[];
}

/** Carries out the repairs that are said yes to, each question once. Throws `E_INTERRUPTED`. */
export async function mend(findings: readonly Finding[], ask: AskRepair): Promise<Mending> {
  const done: string[] = [];
  const failed: Diagnostic[] = [];
  for (const [does, alike] of Map.groupBy(findings, ({ repair }) => repair?.does)) {
    const [first] = alike;
    if (does === undefined || first?.repair === undefined) continue;
    if (!(await ask(`${does}?`, first.repair.isOurs))) continue;
    try {
      // One question stands for several repairs of one kind, or for one repair that several findings name.
      const runs = first.root === undefined ? alike : [first];
      for (const { repair } of runs) await repair?.run();
      done.push(does);
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
      const { check: _, ...diagnostic } = findingOf("repair", error);
      failed.push({ ...diagnostic, message: `could not ${does}: ${diagnostic.message}` });
    }
  }
  return { done, failed };
}
