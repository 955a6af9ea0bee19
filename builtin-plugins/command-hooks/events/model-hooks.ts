import {
  modelSwitched,
  modelSwitchGate,
  type GateAnswer,
  type GateDecision,
  type ModelSwitch,
  type PluginContext,
} from "plugsmith/plugin-api";
import type { HookReport, HookRunner } from "../hook-runner.ts";
import { decisionReason, raiseBy, spoken } from "./raise.ts";

/** Registers the hooks around a change of the model. */
export function listenToModels(context: PluginContext, runner: HookRunner): void {
  const run = raiseBy(runner);
  context.listen(modelSwitchGate, async (change, { signal }) =>
    decision(await run("PreModelSwitch", change.session, fieldsOf(change), signal, canonicalName(change.to))),
  );
  context.listen(modelSwitched, async (change, { signal }) => {
    const reports = await run("PostModelSwitch", change.session, fieldsOf(change), signal, canonicalName(change.to));
    runner.keepLate(change.session, spoken(reports));
  });
}

/** Without `estimated_cache_write_usd` and `pricing`: no prices are known here, and a made-up one would be believed. */
function fieldsOf(change: ModelSwitch): Readonly<Record<string, unknown>> {
  return {
    from_model: change.from,
    to_model: change.to,
    requested_model: change.requested,
    source: change.source,
    context_tokens: change.contextTokens,
    prompt_cache_warm: change.isCacheWarm,
    cache_ttl: "5m",
  };
}

/** The name that every spelling of a model shares; for one that is not known every hook runs, whatever its matcher. */
function canonicalName(model: string): string | undefined {
  return /claude-[a-z0-9]+(?:-[a-z0-9]+)*?(?=-\d{8}|-v\d|@|\[|:|$)/u.exec(model)?.[0];
}

const RANK: readonly GateDecision[] = ["pass", "allow", "ask", "deny"];

/** deny > ask > allow. A hook that does not answer in time blocks, unlike those of other events. */
function decision(reports: readonly HookReport[]): GateAnswer {
  const answers = reports.map(({ outcome }): GateAnswer => {
    const blocked = decisionReason(outcome) ?? (outcome.isLate === true ? outcome.problem : undefined);
    if (blocked !== undefined) return { decision: "deny", reason: blocked };
    const { permissionDecision: said, permissionDecisionReason: why } = outcome.output.specific;
    if (said !== "deny" && said !== "ask" && said !== "allow") return { decision: "pass" };
    return { decision: said, reason: typeof why === "string" ? why : "a hook wants it so" };
  });
  return answers.reduce<GateAnswer>(
    (strictest, answer) => (RANK.indexOf(answer.decision) > RANK.indexOf(strictest.decision) ? answer : strictest),
    { decision: "pass" },
  );
}
