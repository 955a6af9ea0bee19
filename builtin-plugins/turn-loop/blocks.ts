import type { ContentBlock, Message, ModelResponse, ToolResult, Usage } from "plugsmith/plugin-api";

/** A call of a tool as the model wrote it. */
export type ToolUseBlock = Extract<ContentBlock, { readonly type: "tool_use" }>;

/** Nothing was billed. */
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

const NO_ANSWER = "(no answer)";
const NO_OUTPUT = "(no output)";

/** A text as a block. */
export function textBlock(text: string): ContentBlock {
  return { type: "text", text };
}

/** Texts that the host, not the person, says to the model; blank ones are left out. */
export function reminders(texts: readonly string[]): readonly ContentBlock[] {
  return texts
    .filter((text) => text.trim() !== "")
    .map((text) => textBlock(`<system-reminder>\n${text}\n</system-reminder>`));
}

/** All texts of some blocks, one under the other. */
export function textOf(content: readonly ContentBlock[]): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}

/** The calls in a message. */
export function callsOf(message: Message | undefined): readonly ToolUseBlock[] {
  return (message?.content ?? []).filter((block) => block.type === "tool_use");
}

/** What may be kept of an answer: no blank text, no call that a refusal left behind, and something that is not only thought. */
export function keptContent({ content, stopReason }: ModelResponse): readonly ContentBlock[] {
  const kept = content.filter(
    (block) =>
      !(block.type === "text" && block.text.trim() === "") && !(block.type === "tool_use" && stopReason === "refusal"),
  );
  const said = kept.some(({ type }) => type === "text" || type === "tool_use");
  return said ? kept : [...kept, textBlock(NO_ANSWER)];
}

/** A result as the model gets it; never empty. */
export function resultBlock(callId: string, { content, isError }: ToolResult): ContentBlock {
  const blocks = content.flatMap((part): ContentBlock[] => {
    if (part.type === "image") {
      return [{ type: "image", source: { type: "base64", media_type: part.mediaType, data: part.data } }];
    }
    return part.text.trim() === "" ? [] : [textBlock(part.text)];
  });
  return {
    type: "tool_result",
    tool_use_id: callId,
    // Copied to its size: lists that grew keep room for more, and these are kept as long as the session.
    content: blocks.length > 0 ? [...blocks] : [textBlock(NO_OUTPUT)],
    ...(isError === true && { is_error: true }),
  };
}

/** A result that says only what went wrong. */
export function failure(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

/** Two bills together. */
export function sum(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
  };
}
