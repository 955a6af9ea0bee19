import type { ContentBlock, Message } from "../../plugin-api/message.ts";
import { turnsService } from "../../plugin-api/services/agent.ts";
import type { TurnResult } from "../../plugin-api/turn.ts";
import type { PluginCase } from "../../schemas/plugin-tests.ts";
import type { Placed } from "../../schemas/read-plugin-tests.ts";
import { required } from "../session/missing-service.ts";
import type { CaseHost } from "./case-host.ts";
import { scriptFor, type ScriptContext } from "./case-script.ts";
import type { Observed } from "./outcome.ts";

/** A real model may try a few things. */
const MAX_STEPS = 20;

/** Runs a conversation or a command to its end, and tells what happened. */
export async function observeConversation(
  one: Placed<PluginCase>,
  opened: CaseHost,
  context: ScriptContext,
  signal: AbortSignal,
): Promise<Observed> {
  const { prompts, model } = scriptFor(one, promptsOf(one, context.manifest.name), context);
  const session = await opened.open({ model, allow: one.allow ?? [] });
  try {
    let last: TurnResult | undefined;
    for (const prompt of prompts) {
      const turns = await required(turnsService.key, () => opened.host.frontend.use(turnsService));
      const turn = turns.run({ session, prompt, maxTurns: MAX_STEPS, signal });
      for (let step = await turn.next(); ; step = await turn.next()) {
        if (step.done !== true) continue;
        last = step.value;
        break;
      }
      if (last.reason === "failed" || last.reason === "aborted") break;
    }
    return observed(session.messages, last);
  } finally {
    await session.close();
  }
}

function promptsOf({ command, prompt = [] }: PluginCase, plugin: string): readonly string[] {
  if (command === undefined) return typeof prompt === "string" ? [prompt] : prompt;
  const [name = ""] = command.split(/\s/u);
  return [`/${name.includes(":") ? "" : `${plugin}:`}${command}`];
}

function observed(messages: readonly Message[], last: TurnResult | undefined): Observed {
  const blocks = messages.flatMap(({ role, content }) => content.map((block) => ({ role, block })));
  const results = new Map(
    blocks.flatMap(({ block }) => (block.type === "tool_result" ? [[block.tool_use_id, block] as const] : [])),
  );
  const called = blocks.flatMap(({ block }) => {
    if (block.type !== "tool_use") return [];
    const result = results.get(block.id);
    const text = result === undefined ? "" : textOf(result.content);
    const failed = result?.is_error === true;
    return [{ name: block.name, input: block.input, failed, text, denied: failed && text.startsWith("denied: ") }];
  });
  const failure = last?.reason === "failed" ? (last.message ?? "the turn failed") : undefined;
  return {
    fired: called.flatMap(({ name, input, failed }) =>
      name === "Skill" && !failed && isSkillInput(input) ? [input.skill] : [],
    ),
    sent: blocks.flatMap(({ role, block }) => (role === "user" && block.type === "text" ? [block.text] : [])),
    called,
    results: called.map(({ text }) => text),
    reply: last?.text ?? "",
    failure: last?.reason === "blocked" ? undefined : failure,
  };
}

function isSkillInput(input: unknown): input is { readonly skill: string } {
  return typeof input === "object" && input !== null && "skill" in input && typeof input.skill === "string";
}

function textOf(content: readonly ContentBlock[]): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}
