import type { HostPlugin } from "../../core/host-plugin.ts";
import {
  sessionsService,
  systemPrompt,
  systemPromptTexts,
  toolOpinion,
  toolPoint,
  turnsService,
  type PluginContext,
  type Session,
  type TurnEvent,
  type TurnRequest,
  type TurnResult,
} from "../../plugin-api/index.ts";
import { MemorySessions } from "./memory-sessions.ts";
import { codePlugin } from "./test-host.ts";

/** What a scripted model does in one turn; a text that names a result says `{0}`, `{1}` … */
export type Step = { readonly call: string; readonly input: unknown } | { readonly say: string };

/** Decides by the session and its prompt. */
export type Script = (session: Session, prompt: string) => readonly Step[];

const USAGE = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** Sessions in memory, and turns whose model is a script: tools run through opinion and gate like those of the real loop. */
export function scriptedTurns(script: Script, sessions: MemorySessions = new MemorySessions()): HostPlugin {
  return codePlugin("scripted", { provides: [sessionsService.key, turnsService.key] }, (context) => {
    context.provide(sessionsService, sessions);
    context.provide(turnsService, { run: (request) => runTurn(context, request, script) });
  });
}

async function* runTurn(
  context: PluginContext,
  { session, prompt, maxTurns = Infinity, signal }: TurnRequest,
  script: Script,
): AsyncGenerator<TurnEvent, TurnResult> {
  const text =
    typeof prompt === "string" ? prompt : prompt.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  if (session.system === undefined) {
    const { parts } = await context.emit(systemPrompt, {
      session,
      parts: [{ order: 1, text: "You code.", topic: "coding" }],
    });
    session.setSystem(systemPromptTexts(parts));
  }
  session.append({ role: "user", content: [{ type: "text", text }] });
  const results: string[] = [];
  let said = "";
  let steps = 0;
  for (const step of script(session, text)) {
    if (signal?.aborted === true) return { reason: "aborted", text: said, steps, usage: USAGE };
    if (steps >= maxTurns) return { reason: "max-turns", text: said, steps, usage: USAGE };
    steps += 1;
    if ("say" in step) {
      said = step.say.replaceAll(/\{(\d)\}/gu, (_match, index: string) => results[Number(index)] ?? "");
      const message = { role: "assistant", content: [{ type: "text", text: said }] } as const;
      session.append(message);
      yield { type: "assistant", message, usage: USAGE };
      continue;
    }
    const callId = `${session.id}-${String(steps)}`;
    yield { type: "tool-start", callId, name: step.call, input: step.input };
    const lines: string[] = [];
    results.push(await call(context, session, step, callId, signal, (line) => lines.push(line)));
    for (const line of lines) yield { type: "tool-progress", callId, text: line };
    yield { type: "tool-end", callId, name: step.call, isError: false, ms: 0 };
  }
  return { reason: "done", text: said, steps, usage: USAGE };
}

async function call(
  context: PluginContext,
  session: Session,
  { call: name, input }: Extract<Step, { call: string }>,
  callId: string,
  signal: AbortSignal | undefined,
  onProgress: (line: string) => void,
): Promise<string> {
  const opinion = await context.emit(toolOpinion, { session, callId, name, input, readOnly: false });
  if (opinion.decision === "deny") return `denied: ${opinion.reason ?? ""}`;
  const { directory, agentPath } = session;
  const tool = (await context.read(toolPoint)).all().find((each) => each.name === name);
  if (tool === undefined) return `no tool ${name}`;
  try {
    const options = { callId, signal, agentPath, onProgress, context: { session, directory, agentPath } };
    const invoked = await tool.invoke(input, options);
    if (invoked.kind === "denied") return `denied: ${invoked.reason}`;
    return invoked.output.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}
