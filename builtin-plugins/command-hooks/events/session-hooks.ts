import {
  agentStart,
  backgroundTasksService,
  configurationGate,
  contextTexts,
  directoryChanged,
  expansionGate,
  fileChanged,
  instructionsLoaded,
  notification,
  promptGate,
  sessionEnd,
  sessionStart,
  stopGate,
  turnFailed,
  worktreeDone,
  worktreeWanted,
  type GateAnswer,
  type PluginContext,
  type Session,
} from "plugsmith/plugin-api";
import { hookInput } from "../hook-input.ts";
import { specificText, type HookOutcome } from "../hook-output.ts";
import type { HookReport, HookRunner } from "../hook-runner.ts";

/** Kinds of notifications that public hooks know (formats.md §6.5); ours own would set hooks off in a circle. */
const PUBLIC_NOTIFICATIONS: ReadonlySet<string> = new Set([
  "permission_prompt",
  "idle_prompt",
  "auth_success",
  "elicitation_dialog",
  "elicitation_url_dialog",
  "elicitation_complete",
  "elicitation_response",
  "agent_needs_input",
  "agent_completed",
]);

/** Registers the hooks of prompts, turns, agents and sessions. */
export function listenToSessions(context: PluginContext, runner: HookRunner): void {
  const run = (
    event: string,
    session: Session | undefined,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    name?: string,
  ): Promise<readonly HookReport[]> =>
    runner.run({
      event,
      session,
      input: hookInput(event, session, fields),
      ...(name !== undefined && { names: [name] }),
      signal,
    });

  context.listen(sessionStart, async (start, { signal }) => {
    const { session, source, texts } = start;
    const fields = { source, ...(session.options.model !== undefined && { model: session.options.model }) };
    return { ...start, texts: [...texts, ...spoken(await run("SessionStart", session, fields, signal, source))] };
  });
  context.listen(sessionEnd, async ({ session, reason }, { signal }) => {
    await run("SessionEnd", session, { reason }, signal, reason);
  });
  context.listen(promptGate, async ({ session, prompt }, { signal }) => {
    const answer = blocking(await run("UserPromptSubmit", session, { prompt }, signal));
    // The answer says it; what an earlier turn left unsaid is over.
    runner.takeStop(session);
    return answer;
  });
  context.listen(expansionGate, async ({ session, text, expansion }, { signal }) => {
    const fields = {
      expansion_type: expansion.kind === "mcp-prompt" ? "mcp_prompt" : "slash_command",
      command_name: expansion.name,
      command_args: expansion.args,
      command_source: expansion.kind,
      prompt: text,
    };
    return blocking(await run("UserPromptExpansion", session, fields, signal, expansion.name));
  });
  context.listen(stopGate, async ({ session, lastText, active }, { signal }) => {
    const agent = session.agentPath.at(-1);
    const fields = {
      stop_hook_active: active,
      last_assistant_message: lastText,
      background_tasks: await backgroundTasks(context, session),
      session_crons: [],
      ...(agent !== undefined && { agent_transcript_path: session.transcriptPath ?? "" }),
    };
    const event = agent === undefined ? "Stop" : "SubagentStop";
    const reports = await run(event, session, fields, signal, agent);
    // The turn ends here anyway; the next one must not.
    runner.takeStop(session);
    return goingOn(reports);
  });
  context.listen(agentStart, async (start, { signal }) => {
    const { session, agent, texts } = start;
    const reports = await run("SubagentStart", session, { agent_id: session.id, agent_type: agent }, signal, agent);
    return { ...start, texts: [...texts, ...contexts(reports)] };
  });
  context.listen(worktreeWanted, async ({ session, name }, { signal }) => {
    const reports = await run("WorktreeCreate", session, { name }, signal);
    return reports.length === 0 ? undefined : { directory: madeBy(reports) };
  });
  context.listen(worktreeDone, async ({ session, directory }, { signal }) => {
    await run("WorktreeRemove", session, { worktree_path: directory }, signal);
  });
  context.listen(turnFailed, async ({ session, failure, message }, { signal }) => {
    await run("StopFailure", session, { error: failure, error_details: message }, signal, failure);
  });
  context.listen(notification, async ({ session, kind, title, message }, { signal }) => {
    if (!PUBLIC_NOTIFICATIONS.has(kind)) return;
    const fields = { message, notification_type: kind, ...(title !== undefined && { title }) };
    await run("Notification", session, fields, signal, kind);
  });
  context.listen(instructionsLoaded, async ({ session, file, kind, reason, parent }, { signal }) => {
    const fields = {
      file_path: file,
      memory_type: kind,
      load_reason: reason,
      ...(parent !== undefined && { parent_file_path: parent }),
    };
    await run("InstructionsLoaded", session, fields, signal, reason);
  });
  context.listen(directoryChanged, async ({ session, from, to }, { signal }) => {
    await run("CwdChanged", session, { old_cwd: from, new_cwd: to }, signal);
  });
  context.listen(fileChanged, async ({ session, file, change }, { signal }) => {
    const name = file.slice(file.lastIndexOf("/") + 1);
    await run("FileChanged", session, { file_path: file, event: change }, signal, name);
  });
  context.listen(configurationGate, async ({ source, file }, { signal }) => {
    const answer = blocking(await run("ConfigChange", undefined, { source, file_path: file }, signal, source));
    return source === "policy_settings" ? { decision: "pass" } : answer;
  });
  context.listen(contextTexts, (collected) => {
    const late = runner.takeLate(collected.session);
    return late.length === 0 ? collected : { ...collected, texts: [...collected.texts, ...late] };
  });
}

/** What runs beside the turn, as hooks are told of it. */
async function backgroundTasks(context: PluginContext, session: Session): Promise<readonly unknown[]> {
  const tasks = (await context.find(backgroundTasksService))?.running(session) ?? [];
  return tasks.map(({ id, kind, description, command, agent }) => ({
    id,
    type: kind === "bash" ? "shell" : "subagent",
    status: "running",
    description,
    ...(command !== undefined && { command }),
    ...(agent !== undefined && { agent_type: agent }),
  }));
}

/** The folder that hooks made: the last line that one printed. Throws where one failed, or none names a folder. */
function madeBy(reports: readonly HookReport[]): string {
  for (const { outcome } of reports) {
    const problem = outcome.problem ?? blockReason(outcome);
    if (problem !== undefined) throw new Error(`the WorktreeCreate hook failed: ${problem}`);
  }
  const named = reports.map(
    ({ outcome }) => specificText(outcome, "worktreePath") ?? outcome.text?.trim().split("\n").at(-1)?.trim(),
  );
  const directory = named.find((line) => line !== undefined && line !== "");
  if (directory === undefined) throw new Error("the WorktreeCreate hook printed no path of a folder");
  return directory;
}

/** Events that take plain output as context. */
function spoken(reports: readonly HookReport[]): readonly string[] {
  return reports.flatMap(({ outcome }) => specificText(outcome, "additionalContext") ?? outcome.text ?? []);
}

function contexts(reports: readonly HookReport[]): readonly string[] {
  return reports.flatMap(({ outcome }) => specificText(outcome, "additionalContext") ?? []);
}

function blocking(reports: readonly HookReport[]): GateAnswer {
  const context = spoken(reports);
  const reason = reports.map(({ outcome }) => blockReason(outcome)).find((text) => text !== undefined);
  return reason === undefined ? { decision: "pass", context } : { decision: "deny", reason, context };
}

/** A hook keeps a turn going by blocking its end, or by telling the model something; one that stops everything wins. */
function goingOn(reports: readonly HookReport[]): GateAnswer {
  if (reports.some(({ outcome }) => outcome.output.continue === false)) return { decision: "pass" };
  const reason = reports.map(({ outcome }) => blockReason(outcome)).find((text) => text !== undefined);
  const [first] = contexts(reports);
  const text = reason ?? first;
  return text === undefined ? { decision: "pass" } : { decision: "deny", reason: text };
}

function blockReason({ blocked, output }: HookOutcome): string | undefined {
  if (output.continue === false) return output.stopReason ?? "a hook stopped it";
  return blocked ?? (output.decision === "block" ? (output.reason ?? "a hook blocked it") : undefined);
}
