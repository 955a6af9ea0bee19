import { messageOf, type HookHandler } from "plugsmith/plugin-api";
import type { HandlerResult } from "../hook-output.ts";
import type { HookRun, Surroundings } from "./surroundings.ts";

type PromptHandler = Extract<HookHandler, { readonly type: "prompt" }>;
type AgentHandler = Extract<HookHandler, { readonly type: "agent" }>;

const SYSTEM =
  "You decide for a hook of a coding agent. Answer with one JSON object and nothing else: " +
  '{"ok": true} to let it go on, or {"ok": false, "reason": "what is wrong and what to do"}.';
const AGENT_TURNS = 50;

/** Asks a model for a verdict. */
export async function askModel(handler: PromptHandler, run: HookRun, { models }: Surroundings): Promise<HandlerResult> {
  const service = await models();
  if (service === undefined) return { kind: "failed", message: "no plugin provides models" };
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(run.timeoutMs)]);
  return verdict(run, () =>
    service.ask({
      model: handler.model,
      system: SYSTEM,
      messages: [{ role: "user", content: [{ type: "text", text: promptText(handler.prompt, run.json) }] }],
      session: run.session,
      signal,
    }),
  );
}

/** Asks an agent with tools for a verdict. */
export async function askAgent(handler: AgentHandler, run: HookRun, { agents }: Surroundings): Promise<HandlerResult> {
  const service = await agents();
  const { session } = run;
  if (service === undefined || session === undefined) {
    return { kind: "failed", message: "no plugin provides agents, or there is no session" };
  }
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(run.timeoutMs)]);
  return verdict(run, async () => {
    const { text, isError } = await service.run({
      parent: session,
      agent: "general-purpose",
      model: handler.model,
      maxTurns: AGENT_TURNS,
      prompt: `${SYSTEM}\n\n${promptText(handler.prompt, run.json)}`,
      signal,
    });
    if (isError) throw new Error(text);
    return text;
  });
}

/** `$ARGUMENTS` stands for the input; without it the input is appended. */
function promptText(prompt: string, json: string): string {
  return prompt.includes("$ARGUMENTS") ? prompt.replaceAll("$ARGUMENTS", () => json) : `${prompt}\n\n${json}`;
}

async function verdict(run: HookRun, ask: () => Promise<string>): Promise<HandlerResult> {
  try {
    const text = await ask();
    const json = /\{[\s\S]*\}/u.exec(text)?.[0];
    const value: unknown = json === undefined ? undefined : JSON.parse(json);
    if (typeof value !== "object" || value === null || !("ok" in value) || typeof value.ok !== "boolean") {
      return { kind: "failed", message: "the model gave no verdict" };
    }
    const reason = "reason" in value && typeof value.reason === "string" ? value.reason : "the model said no";
    return { kind: "verdict", ok: value.ok, reason };
  } catch (error) {
    run.signal.throwIfAborted();
    return { kind: "failed", message: messageOf(error) };
  }
}
