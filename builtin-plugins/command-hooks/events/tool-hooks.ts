import {
  isObject,
  permissionAnswer,
  permissionDenied,
  toolBatch,
  toolDone,
  toolFailed,
  toolOpinion,
  type GateAnswer,
  type GateDecision,
  type PluginContext,
  type ToolOutcome,
  type ToolResult,
  type ToolUse,
} from "plugsmith/plugin-api";
import { hookInput, toolFields } from "../hook-input.ts";
import { specificText } from "../hook-output.ts";
import type { HookReport, HookRunner, Occasion } from "../hook-runner.ts";
import { ruleHolds } from "../rule.ts";

/** Registers the hooks around calls of tools. */
export function listenToTools(context: PluginContext, runner: HookRunner): void {
  context.listen(toolOpinion, async (use, { signal }) =>
    opinion(await runner.run(occasion("PreToolUse", use, signal))),
  );
  context.listen(permissionAnswer, async (use, { signal }) =>
    answer(await runner.run(occasion("PermissionRequest", use, signal))),
  );
  context.listen(permissionDenied, async ({ reason, ...use }, { signal }) => {
    await runner.run(occasion("PermissionDenied", use, signal, { reason }));
  });
  context.listen(toolDone, async (outcome, { signal }) => {
    const fields = { tool_response: response(outcome.result), duration_ms: outcome.durationMs };
    return after(outcome, await runner.run(occasion("PostToolUse", outcome, signal, fields)));
  });
  context.listen(toolFailed, async (outcome, { signal }) => {
    const fields = { error: textOf(outcome.result), is_interrupt: false, duration_ms: outcome.durationMs };
    return after(outcome, await runner.run(occasion("PostToolUseFailure", outcome, signal, fields)));
  });
  context.listen(toolBatch, async (batch, { signal }) => {
    const { session, outcomes } = batch;
    const calls = outcomes.map((each) => ({ ...toolFields(each), tool_response: textOf(each.result) }));
    const input = hookInput("PostToolBatch", session, { tool_calls: calls });
    const reports = await runner.run({ event: "PostToolBatch", session, input, signal });
    const blocked = reports.map(blockReason).find((reason) => reason !== undefined);
    const texts = [...batch.texts, ...contexts(reports), ...runner.takeLate(session)];
    const wanted = runner.takeStop(session);
    return { ...batch, texts, stop: batch.stop ?? wanted ?? blocked };
  });
}

function occasion(
  event: string,
  use: ToolUse,
  signal: AbortSignal,
  fields: Readonly<Record<string, unknown>> = {},
): Occasion {
  return {
    event,
    session: use.session,
    input: hookInput(event, use.session, { ...toolFields(use), ...fields }),
    names: [use.name, ...(use.aliases ?? [])],
    holds: async (rule) => ruleHolds(rule, use),
    signal,
  };
}

const RANK: readonly GateDecision[] = ["pass", "allow", "ask", "deny"];

/** deny > defer > ask > allow; what defers waits for a person, as what asks does. */
function opinion(reports: readonly HookReport[]): GateAnswer {
  let strictest: GateAnswer = { decision: "pass" };
  let input: unknown;
  for (const report of reports) {
    const one = opinionOf(report);
    if (RANK.indexOf(one.decision) > RANK.indexOf(strictest.decision)) strictest = one;
    input = report.outcome.output.specific["updatedInput"] ?? input;
  }
  const context = contexts(reports);
  return {
    ...strictest,
    ...(isObject(input) && strictest.decision !== "deny" && { input }),
    ...(context.length > 0 && { context }),
  };
}

function opinionOf({ outcome }: HookReport): GateAnswer {
  const { blocked, output } = outcome;
  if (blocked !== undefined) return { decision: "deny", reason: blocked };
  if (output.continue === false) return { decision: "deny", reason: output.stopReason ?? "a hook stopped it" };
  const reason = specificText(outcome, "permissionDecisionReason") ?? output.reason;
  switch (output.specific["permissionDecision"] ?? output.decision) {
    case "deny":
    case "block":
      return { decision: "deny", reason: reason ?? "a hook denied it" };
    case "ask":
    case "defer":
      return { decision: "ask", reason };
    case "allow":
    case "approve":
      return { decision: "allow", reason };
    default:
      return { decision: "pass" };
  }
}

/** The first hook that answers in the person's place; exit code 2 is no answer here. */
function answer(reports: readonly HookReport[]) {
  for (const { outcome } of reports) {
    const decision = outcome.output.specific["decision"];
    if (!isObject(decision) || (decision["behavior"] !== "allow" && decision["behavior"] !== "deny")) continue;
    const { behavior, message, updatedInput } = decision;
    return {
      allow: behavior === "allow",
      message: typeof message === "string" ? message : undefined,
      ...(isObject(updatedInput) && { input: updatedInput }),
    };
  }
  return undefined;
}

function after(outcome: ToolOutcome, reports: readonly HookReport[]): ToolOutcome {
  const blocks = reports.map(blockReason).filter((reason) => reason !== undefined);
  let { result } = outcome;
  for (const { outcome: one } of reports) {
    const { updatedToolOutput, updatedMCPToolOutput } = one.output.specific;
    const updated = updatedToolOutput ?? (outcome.name.startsWith("mcp__") ? updatedMCPToolOutput : undefined);
    if (updated !== undefined) result = replaced(result, updated);
  }
  return { ...outcome, result, texts: [...outcome.texts, ...blocks, ...contexts(reports)] };
}

function replaced(result: ToolResult, updated: unknown): ToolResult {
  const text = typeof updated === "string" ? updated : JSON.stringify(updated);
  return { ...result, content: [{ type: "text", text }], structured: updated };
}

function blockReason({ outcome }: HookReport): string | undefined {
  const { blocked, output } = outcome;
  return blocked ?? (output.decision === "block" ? (output.reason ?? "a hook objects") : undefined);
}

function contexts(reports: readonly HookReport[]): readonly string[] {
  return reports.map(({ outcome }) => specificText(outcome, "additionalContext")).filter((text) => text !== undefined);
}

/** What public hooks see of a result: the structured form where there is one. */
function response(result: ToolResult): unknown {
  return result.structured ?? { content: textOf(result) };
}

function textOf({ content }: ToolResult): string {
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
