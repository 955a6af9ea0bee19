import {
  elicitationAnswered,
  elicitationAsked,
  isObject,
  type Elicitation,
  type ElicitationAnswer,
  type PluginContext,
} from "plugsmith/plugin-api";
import type { HookReport, HookRunner } from "../hook-runner.ts";
import { raiseBy } from "./raise.ts";

/** Registers the hooks of questions that MCP servers ask. */
export function listenToQuestions(context: PluginContext, runner: HookRunner): void {
  const run = raiseBy(runner);
  context.listen(elicitationAsked, async (asked, { signal }) => {
    const { session, server, message, url, schema } = asked;
    const fields = {
      ...common(asked),
      message,
      ...(url !== undefined && { url }),
      ...(schema !== undefined && { requested_schema: schema }),
    };
    return answerOf(await run("Elicitation", session, fields, signal, server));
  });
  context.listen(elicitationAnswered, async ({ answer, ...asked }, { signal }) => {
    const { action, content } = answer;
    const fields = { ...common(asked), action, ...(content !== undefined && { content }) };
    return answerOf(await run("ElicitationResult", asked.session, fields, signal, asked.server));
  });
}

function common({ server, mode, id }: Elicitation): Readonly<Record<string, unknown>> {
  return { mcp_server_name: server, mode, ...(id !== undefined && { elicitation_id: id }) };
}

const ACTIONS = ["decline", "cancel", "accept"] as const;

/** Exit code 2 declines; of several answers the most cautious counts. */
function answerOf(reports: readonly HookReport[]): ElicitationAnswer | undefined {
  if (reports.some(({ outcome }) => outcome.blocked !== undefined)) return { action: "decline" };
  for (const action of ACTIONS) {
    const found = reports.find(({ outcome }) => outcome.output.specific["action"] === action);
    if (found === undefined) continue;
    const { content } = found.outcome.output.specific;
    return { action, ...(action === "accept" && isObject(content) && { content }) };
  }
  return undefined;
}
