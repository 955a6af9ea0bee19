import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { ChangeReport, Interaction, Target } from "../install/change.ts";
import type { Agents } from "./agents.ts";
import type { AgentOutcome } from "./carry.ts";

/** A change of one root that other agents follow. */
export interface FollowedChange {
  readonly target: Target;
  /** The agents that the person named, to be remembered. */
  readonly asked?: readonly string[] | undefined;
  /** Whether nothing is to be changed, in agents either. */
  readonly dryRun: boolean;
  /** Carries it out; its plan says what `foresee` tells. */
  readonly change: (foresee: Interaction["foresee"]) => Promise<ChangeReport>;
  /** Called before agents are told anything, which is slow. */
  readonly onTelling: () => void;
}

/**
 * Carries out a change and brings other agents after it once it is settled; `agents` is `undefined` where there are none.
 * What fails in an agent takes nothing back: the generation stands, and `plugin sync` tries again. Throws what the change and
 * `Agents.carry` throw.
 */
export async function followed(
  agents: Agents | undefined,
  { target, asked, dryRun, change, onTelling }: FollowedChange,
): Promise<{ readonly report: ChangeReport; readonly carried: readonly AgentOutcome[] }> {
  if (agents === undefined) return { report: await change(undefined), carried: [] };
  const root = target.directory ?? "user";
  const report = await change((plugins, inspected, touched) =>
    agents.foresee(root, asked, plugins, inspected, touched),
  );
  const isSettled = report.outcome === "done" || report.outcome === "nothing";
  if (!isSettled || dryRun) return { report, carried: [] };
  onTelling();
  try {
    return { report, carried: await agents.carry(target, asked) };
  } catch (error) {
    if (!isCodedError(error) || report.outcome !== "done") throw error;
    throw new CodedError(error.code, `${error.message}; generation ${String(report.generation)} stands`, {
      cause: error,
      hint: [...(error.hint === undefined ? [] : [error.hint]), "`plugin sync` tells the agents what they miss"].join(
        "\n",
      ),
    });
  }
}
