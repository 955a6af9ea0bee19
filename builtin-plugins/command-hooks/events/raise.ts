import type { GateAnswer, Session } from "plugsmith/plugin-api";
import { hookInput } from "../hook-input.ts";
import { specificText, type HookOutcome } from "../hook-output.ts";
import type { HookReport, HookRunner } from "../hook-runner.ts";

/** Runs the hooks of an event; `name` is what matchers select by, absent where all are meant. */
export type Raise = (
  event: string,
  session: Session | undefined,
  fields: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  name?: string,
) => Promise<readonly HookReport[]>;

/** Runs hooks of events that are no calls of tools. */
export function raiseBy(runner: HookRunner): Raise {
  return (event, session, fields, signal, name) =>
    runner.run({
      event,
      session,
      input: hookInput(event, session, fields),
      ...(name !== undefined && { names: [name] }),
      signal,
    });
}

/** Texts for the model, of events that take plain output as such. */
export function spoken(reports: readonly HookReport[]): readonly string[] {
  return reports.flatMap(({ outcome }) => specificText(outcome, "additionalContext") ?? outcome.text ?? []);
}

/** Texts for the model. */
export function contexts(reports: readonly HookReport[]): readonly string[] {
  return reports.flatMap(({ outcome }) => specificText(outcome, "additionalContext") ?? []);
}

/** The answer of hooks that can block. */
export function blocking(reports: readonly HookReport[]): GateAnswer {
  const context = spoken(reports);
  const reason = reports.map(({ outcome }) => blockReason(outcome)).find((text) => text !== undefined);
  return reason === undefined ? { decision: "pass", context } : { decision: "deny", reason, context };
}

/** Why a hook blocks; one that stops everything does too. */
export function blockReason(outcome: HookOutcome): string | undefined {
  const { output } = outcome;
  return output.continue === false ? (output.stopReason ?? "a hook stopped it") : decisionReason(outcome);
}

/** Why a hook blocks, by its exit code or its `decision`. */
export function decisionReason({ blocked, output }: HookOutcome): string | undefined {
  return blocked ?? (output.decision === "block" ? (output.reason ?? "a hook blocked it") : undefined);
}
