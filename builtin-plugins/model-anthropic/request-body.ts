import type Anthropic from "@anthropic-ai/sdk";
import type { ContentBlock, Message, ModelRequest } from "plugsmith/plugin-api";

const MAX_TOKENS = 32_000;
const CACHE = { type: "ephemeral" } as const;
/** Messages whose ends are cached: the newest, and the one that the request before ended with. */
const MARKED_MESSAGES = 2;

const EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;

/** A request in the words of the Messages API, with marks for its prompt cache: tools, system prompt, newest messages. */
export function requestBody(request: ModelRequest): Anthropic.MessageCreateParamsStreaming {
  const { model, system, messages, tools, maxTokens = MAX_TOKENS } = request;
  const effort = EFFORTS.find((one) => one === request.effort);
  const texts = system.filter((text) => text.trim() !== "");
  return {
    model,
    max_tokens: maxTokens,
    stream: true,
    ...(texts.length > 0 && {
      system: texts.map((text, at) => ({
        type: "text",
        text,
        ...(at === texts.length - 1 && { cache_control: CACHE }),
      })),
    }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, inputSchema }, at) => ({
        name,
        description,
        // The API asks for an object schema; `toolPoint` holds objects only.
        input_schema: { ...inputSchema, type: "object" },
        ...(at === tools.length - 1 && { cache_control: CACHE }),
      })),
    }),
    messages: sentMessages(messages),
    ...(effort !== undefined && { output_config: { effort } }),
  };
}

function sentMessages(messages: readonly Message[]): Anthropic.MessageParam[] {
  const users = messages.flatMap(({ role }, at) => (role === "user" ? [at] : []));
  const marked = new Set(users.slice(-MARKED_MESSAGES));
  return messages.map(({ role, content }, at) => ({
    role,
    content: content.map((block, place) => sentBlock(block, marked.has(at) && place === content.length - 1)),
  }));
}

function sentBlock(block: ContentBlock, marked: boolean): Anthropic.ContentBlockParam {
  const mark = marked ? { cache_control: CACHE } : {};
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text, ...mark };
    case "thinking":
      return { type: "thinking", thinking: block.thinking, signature: block.signature };
    case "redacted_thinking":
      return { type: "redacted_thinking", data: block.data };
    case "image":
      return { ...image(block), ...mark };
    case "tool_use":
      return { type: "tool_use", id: block.id, name: block.name, input: block.input, ...mark };
    case "tool_result":
      return {
        type: "tool_result",
        tool_use_id: block.tool_use_id,
        content: block.content.flatMap(resultBlock),
        ...(block.is_error === true && { is_error: true }),
        ...mark,
      };
  }
}

function resultBlock(block: ContentBlock): (Anthropic.TextBlockParam | Anthropic.ImageBlockParam)[] {
  if (block.type === "text") return [{ type: "text", text: block.text }];
  return block.type === "image" ? [image(block)] : [];
}

function image({ source }: Extract<ContentBlock, { type: "image" }>): Anthropic.ImageBlockParam {
  // The API names four types and refuses others itself, with a better message.
  const media_type = source.media_type as Anthropic.Base64ImageSource["media_type"];
  return { type: "image", source: { type: "base64", media_type, data: source.data } };
}
