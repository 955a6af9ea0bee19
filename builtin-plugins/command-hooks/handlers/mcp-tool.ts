import { messageOf, type HookHandler } from "plugsmith/plugin-api";
import type { Hook } from "../hook.ts";
import type { HandlerResult } from "../hook-output.ts";
import type { HookRun, Surroundings } from "./surroundings.ts";

type McpToolHandler = Extract<HookHandler, { readonly type: "mcp_tool" }>;

/** Calls a tool of an MCP server, through the gate, without asking anybody; its text is read like standard output. */
export async function callMcpTool(
  { plugin }: Hook,
  handler: McpToolHandler,
  run: HookRun,
  { tools }: Surroundings,
): Promise<HandlerResult> {
  const name = toolName(handler);
  const handle = (await tools()).find((tool) => tool.descriptor.name === name);
  if (handle === undefined) return { kind: "failed", message: `no connected server has the tool \`${name}\`` };
  const { session } = run;
  const directory = session?.directory ?? plugin.directory;
  const input = filled(handler.input ?? {}, JSON.parse(run.json));
  const deadline = AbortSignal.timeout(run.timeoutMs);
  const signal = AbortSignal.any([run.signal, deadline]);
  const callId = `hook-${crypto.randomUUID()}`;
  run.ownCalls.add(callId);
  try {
    const invoked = await handle.invoke(input, {
      callId,
      signal,
      neverAsk: true,
      context: { session, directory, agentPath: session?.agentPath ?? [] },
    });
    if (invoked.kind === "denied") return { kind: "failed", message: `\`${name}\` is not allowed: ${invoked.reason}` };
    const { content, isError } = invoked.output;
    const text = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
    return isError === true ? { kind: "failed", message: `\`${name}\` failed: ${text}` } : { kind: "answer", text };
  } catch (error) {
    run.signal.throwIfAborted();
    return { kind: "failed", isLate: deadline.aborted, message: messageOf(error) };
  } finally {
    run.ownCalls.delete(callId);
  }
}

/** `plugin:<plugin>:<server>` names a server of a plugin (formats.md §6.3, §7.1). */
function toolName({ server, tool }: McpToolHandler): string {
  return `mcp__${server.replaceAll(/[^\w-]/gu, "_")}__${tool.replaceAll(/[^\w-]/gu, "_")}`;
}

/** Puts values of the hook's input in the place of `${path.to.value}`; a text that is one placeholder becomes the value itself. */
function filled(template: unknown, input: unknown): unknown {
  if (typeof template === "string") {
    const whole = /^\$\{([\w.]+)\}$/u.exec(template)?.[1];
    if (whole !== undefined) return valueAt(input, whole);
    return template.replaceAll(/\$\{([\w.]+)\}/gu, (_, path: string) => textOf(valueAt(input, path)));
  }
  if (Array.isArray(template)) return template.map((item) => filled(item, input));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, filled(value, input)]));
}

function valueAt(input: unknown, path: string): unknown {
  let value = input;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
