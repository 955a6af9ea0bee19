import { blocksOf, type SentBlock, type SentMessage, type SentRequest } from "./request.ts";

const NAME = /^[a-zA-Z0-9_-]{1,128}$/u;
const MAX_CACHE_MARKS = 4;
const BLOCKS: Readonly<Record<string, ReadonlySet<string>>> = {
  user: new Set(["text", "image", "tool_result"]),
  assistant: new Set(["text", "thinking", "redacted_thinking", "tool_use"]),
};

/** What is wrong with a request, in one sentence; `undefined` when nothing is. Stricter than the real service. */
export function requestProblem(request: SentRequest): string | undefined {
  if (typeof request.model !== "string" || request.model === "") return "model: missing";
  if (!Number.isInteger(request.max_tokens) || request.max_tokens < 1) return "max_tokens: must be a positive integer";
  if (request.stream !== true) return "stream: only streaming is served here";
  return systemProblem(request) ?? toolsProblem(request) ?? messagesProblem(request) ?? cacheProblem(request);
}

function systemProblem({ system }: SentRequest): string | undefined {
  return blocksOf(system).some((block) => block.type !== "text" || isBlank(block.text))
    ? "system: text blocks must hold text"
    : undefined;
}

function toolsProblem({ tools = [] }: SentRequest): string | undefined {
  const names = new Set<string>();
  for (const [at, { name, input_schema: schema }] of tools.entries()) {
    if (!NAME.test(name)) return `tools.${String(at)}.name: \`${name}\` does not fit ${String(NAME)}`;
    if (names.has(name)) return `tools: tool names must be unique, \`${name}\` is not`;
    names.add(name);
    if (schema?.["type"] !== "object") return `tools.${String(at)}.input_schema: must be a schema of type object`;
  }
  return undefined;
}

function messagesProblem({ messages }: SentRequest): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return "messages: at least one message is required";
  const ids = new Set<string>();
  for (const [at, message] of messages.entries()) {
    const problem =
      roleProblem(message, at) ??
      blockProblem(message, ids) ??
      answersProblem(message, at === 0 ? undefined : messages[at - 1]);
    if (problem !== undefined) return `messages.${String(at)}: ${problem}`;
  }
  return messages.at(-1)?.role === "user" ? undefined : "messages: the last one must be of the user";
}

function roleProblem({ role, content }: SentMessage, at: number): string | undefined {
  const wanted = at % 2 === 0 ? "user" : "assistant";
  if (role !== wanted) return `role must be \`${wanted}\`, is \`${role}\``;
  return blocksOf(content).length === 0 ? "content must not be empty" : undefined;
}

function blockProblem({ role, content }: SentMessage, ids: Set<string>): string | undefined {
  for (const block of blocksOf(content)) {
    if (BLOCKS[role]?.has(block.type) !== true) return `a \`${block.type}\` block has no place in a message of ${role}`;
    if (block.type === "text" && isBlank(block.text)) return "text blocks must hold text";
    if (block.type === "thinking" && (block.signature ?? "") === "") return "a thinking block needs its signature";
    if (block.type === "tool_result" && resultIsEmpty(block)) return "a tool result must not be empty";
    if (block.type !== "tool_use") continue;
    const { id = "", name = "", input } = block;
    if (id === "" || ids.has(id)) return `tool_use ids must be unique, \`${id}\` is not`;
    if (!NAME.test(name)) return `the name \`${name}\` of a tool_use is not valid`;
    if (typeof input !== "object" || input === null || Array.isArray(input))
      return "the input of a tool_use must be an object";
    ids.add(id);
  }
  return undefined;
}

/** Every call is answered in the next message, before anything else there, in the order of the calls, once. */
function answersProblem(message: SentMessage, before: SentMessage | undefined): string | undefined {
  const calls = blocksOf(before?.content).flatMap(({ type, id }) => (type === "tool_use" ? [id] : []));
  const blocks = blocksOf(message.content);
  const answers = blocks.flatMap(({ type, tool_use_id: id }) => (type === "tool_result" ? [id] : []));
  if (answers.some((id) => !calls.includes(id))) return "a tool_result answers no tool_use of the message before";
  if (calls.some((id) => !answers.includes(id))) return "a tool_use of the message before has no tool_result";
  if (calls.join("\n") !== answers.join("\n")) return "tool results must stand in the order of the calls, once each";
  return blocks.slice(0, answers.length).some(({ type }) => type !== "tool_result")
    ? "tool results must stand before other content"
    : undefined;
}

function cacheProblem({ system, tools = [], messages }: SentRequest): string | undefined {
  const blocks = [...blocksOf(system), ...messages.flatMap(({ content }) => blocksOf(content))];
  const marks = [...tools, ...blocks].filter((item) => item.cache_control !== undefined).length;
  return marks > MAX_CACHE_MARKS
    ? `at most ${String(MAX_CACHE_MARKS)} blocks may have cache_control, found ${String(marks)}`
    : undefined;
}

function resultIsEmpty({ content }: SentBlock): boolean {
  const parts = blocksOf(content);
  return parts.length === 0 || parts.some(({ type, text }) => type === "text" && isBlank(text));
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === "";
}
