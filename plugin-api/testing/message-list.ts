import type { ContentBlock, Message } from "../message.ts";
import { check, checkSame } from "./conformance-case.ts";

/** A text as a block. */
export function text(words: string): ContentBlock {
  return { type: "text", text: words };
}

/** A message of the person. */
export function said(words: string): Message {
  return { role: "user", content: [text(words)] };
}

/** A message of the model. */
export function answered(words: string): Message {
  return { role: "assistant", content: [text(words)] };
}

/** A message of the model that calls tools. */
export function calling(...ids: readonly string[]): Message {
  return { role: "assistant", content: ids.map((id) => ({ type: "tool_use", id, name: "look", input: {} })) };
}

/** The message that answers calls. */
export function results(...ids: readonly string[]): Message {
  return {
    role: "user",
    content: ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: [text(`result of ${id}`)] })),
  };
}

/** The ids of the calls in a message. */
export function callsOf(message: Message | undefined): readonly string[] {
  return (message?.content ?? []).flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
}

/** The ids of the calls that a message answers. */
export function answersOf(message: Message | undefined): readonly string[] {
  return (message?.content ?? []).flatMap((block) => (block.type === "tool_result" ? [block.tool_use_id] : []));
}

/** Throws for a list that no model takes, or that does not end as it should: a prompt follows the model, the model the user. */
export function checkMessages(messages: readonly Message[], end: "user" | "assistant" = "assistant"): void {
  for (const [at, message] of messages.entries()) {
    const number = `message ${String(at + 1)}`;
    checkSame(message.role, at % 2 === 0 ? "user" : "assistant", `the role of ${number}`);
    check(message.content.length > 0, `${number} is empty`);
    const blank = message.content.some((block) => block.type === "text" && block.text.trim() === "");
    check(!blank, `${number} has a blank text`);
    checkSame(
      answersOf(message),
      callsOf(messages[at - 1]),
      `the calls that ${number} answers, in the order of the calls`,
    );
    const last = message.content.findLastIndex(({ type }) => type === "tool_result");
    const first = message.content.slice(0, last + 1).every(({ type }) => type === "tool_result");
    check(first, `in ${number} something stands before a result`);
  }
  if (messages.length > 0) checkSame(messages.at(-1)?.role, end, "the role of the last message");
  if (end === "assistant") checkSame(callsOf(messages.at(-1)), [], "calls that are left open");
}
