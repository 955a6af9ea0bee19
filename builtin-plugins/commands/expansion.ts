import {
  agentsService,
  promptTextsService,
  type Expansion,
  type PluginContext,
  type Session,
  type TurnState,
} from "plugsmith/plugin-api";
import type { Catalog, Command } from "./catalog.ts";

/** What a person typed behind a slash. */
export interface TypedPrompt {
  readonly session: Session;
  readonly text: string;
  readonly callId: string;
  readonly signal: AbortSignal;
}

/** Expands a prompt that begins with a command's name; `undefined` when it names none (formats.md §5.1). */
export async function expandTyped(
  context: PluginContext,
  catalog: Catalog,
  prompt: TypedPrompt,
): Promise<Expansion | undefined> {
  const match = /^\/(\S+)(?:\s+([^]*))?$/u.exec(prompt.text);
  const [name = "", args = ""] = [match?.[1], match?.[2]];
  const [command, ...others] = catalog.find(name);
  if (command === undefined) return undefined;
  const base = { content: [], name: command.name, kind: "command", args } as const;
  const failed = `\`/${name}\` was not run`;
  if (others.length > 0) {
    const names = [command, ...others].map((each) => `\`/${each.name}\` of \`${each.plugin.id}\``);
    return {
      ...base,
      answer: `\`/${name}\` stands for several commands; use one of their full names: ${names.join(", ")}`,
      failed,
    };
  }
  const { fields } = command.contribution;
  if (fields["userInvocable"] === false) return { ...base, answer: `\`/${name}\` is not for people to type`, failed };
  const texts = await context.use(promptTextsService);
  const rendered = await texts.render({
    plugin: command.plugin,
    document: documentOf(command),
    session: prompt.session,
    callId: prompt.callId,
    signal: prompt.signal,
    args,
    argumentNames: textsIn(fields["arguments"]),
    allowedTools: textsIn(fields["allowedTools"]),
    shell: fields["shell"] === "powershell" ? "powershell" : "bash",
    attach: true,
  });
  const content = [{ type: "text", text: rendered.text } as const, ...rendered.attachments];
  const model = textOf(fields["model"]);
  const named = model === undefined || model === "inherit" ? {} : { model };
  if (fields["context"] === "fork") {
    const agents = await context.use(agentsService);
    const agent = textOf(fields["agent"]) ?? "general-purpose";
    const { text, isError } = await agents.run({
      parent: prompt.session,
      agent,
      prompt: content,
      ...named,
      signal: prompt.signal,
    });
    return { ...base, answer: text, ...(isError && { failed: `the agent that ran \`/${command.name}\` failed` }) };
  }
  const effort = textOf(fields["effort"]);
  const turn: Partial<TurnState> = {
    allow: rendered.allowedTools,
    deny: textsIn(fields["disallowedTools"]),
    ...named,
    ...(effort !== undefined && { effort }),
  };
  return { ...base, content, turn };
}

function documentOf({ contribution: { file, content } }: Command): { file: string } | { content: string } {
  return file === undefined ? { content: content ?? "" } : { file };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
