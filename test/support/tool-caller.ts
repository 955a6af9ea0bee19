import { toolPermission, toolPoint, type Invoked, type Session, type ToolResult } from "../../plugin-api/index.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import type { Host } from "../../core/host.ts";
import { codePlugin } from "./test-host.ts";

/** Owns the point of tools as `turn-loop` does. */
export function toolPointOwner(): HostPlugin {
  const guarded = { gate: toolPermission.key, unanswered: "deny", audited: true, input: "inputSchema" };
  return codePlugin("loop", { points: { [toolPoint.key]: { guarded } } }, () => undefined);
}

/** Answers every question of the tool gate with yes. */
export function allowAll(): HostPlugin {
  return codePlugin("allow-all", { listens: [toolPermission.key] }, (context) => {
    context.listen(toolPermission, () => ({ decision: "allow" }));
  });
}

/** Calls a tool of a session as `turn-loop` does. */
export async function callTool(
  host: Host,
  session: Session,
  name: string,
  input: unknown,
  signal?: AbortSignal,
): Promise<Invoked<ToolResult>> {
  const handle = (await host.frontend.read(toolPoint)).all().find((tool) => tool.name === name);
  if (handle === undefined) throw new Error(`there is no tool \`${name}\``);
  const { directory, agentPath } = session;
  return handle.invoke(input, { callId: "call", agentPath, context: { session, directory, agentPath }, signal });
}

/** The texts of a result. */
export function textOf(invoked: Invoked<ToolResult>): string {
  if (invoked.kind === "denied") return `denied: ${invoked.reason}`;
  return invoked.output.content.map((part) => (part.type === "text" ? part.text : `[${part.mediaType}]`)).join("\n");
}
