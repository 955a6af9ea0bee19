import type { Session, ToolUse } from "plugsmith/plugin-api";
import type { HookInput } from "./hook.ts";

/** The fields that every hook of a session is told, and those of its event. */
export function hookInput(
  event: string,
  session: Session | undefined,
  fields: Readonly<Record<string, unknown>>,
): HookInput {
  const { agentPath = [], options, transcriptPath = "" } = session ?? {};
  const agent = agentPath.at(-1);
  return {
    ...(session !== undefined && {
      session_id: session.id,
      transcript_path: transcriptPath,
      cwd: session.directory,
      permission_mode: options?.permissionMode,
    }),
    ...(options?.effort !== undefined && { effort: { level: options.effort } }),
    ...(agent !== undefined && { agent_id: session?.id, agent_type: agent }),
    hook_event_name: event,
    ...fields,
  };
}

/** What hooks of tool events are told of a call. */
export function toolFields({ name, input, callId }: ToolUse): Readonly<Record<string, unknown>> {
  return { tool_name: name, tool_input: input, tool_use_id: callId };
}
