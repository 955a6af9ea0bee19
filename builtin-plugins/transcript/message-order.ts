import { isObject, type ContentBlock, type Message } from "plugsmith/plugin-api";

/**
 * Why a message cannot follow another (`undefined`: the first), in one sentence; `undefined` when it can. Roles alternate from the
 * user on, nothing is empty, and every call is answered at the start of the next message, in the order of the calls, once.
 */
export function orderProblem(
  before: Message | undefined,
  message: Message,
  knownCalls: ReadonlySet<string>,
): string | undefined {
  const role = before?.role === "user" ? "assistant" : "user";
  if (message.role !== role) return `the next message must be of the ${role}`;
  if (message.content.length === 0) return "a message must not be empty";
  const calls = new Set<string>();
  for (const block of message.content) {
    const problem = blockProblem(message.role, block);
    if (problem !== undefined) return problem;
    if (block.type !== "tool_use") continue;
    if (knownCalls.has(block.id) || calls.has(block.id)) return `the call \`${block.id}\` exists already`;
    calls.add(block.id);
  }
  return answersProblem(before, message);
}

/** The ids of the calls in a message. */
export function callsOf(message: Message | undefined): readonly string[] {
  return (message?.content ?? []).flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
}

function blockProblem(role: Message["role"], block: ContentBlock): string | undefined {
  switch (block.type) {
    case "text":
      return isBlank(block) ? "a text must not be empty" : undefined;
    case "image":
      return role === "user" ? undefined : "a model sends no `image`";
    case "tool_result":
      if (role === "assistant") return "a model sends no `tool_result`";
      return block.content.length === 0 || block.content.some(isBlank) ? "a result must not be empty" : undefined;
    case "tool_use":
      if (role === "user") return "only a model sends `tool_use`";
      return isObject(block.input) ? undefined : "the input of a call must be an object";
    default:
      return role === "assistant" ? undefined : `only a model sends \`${block.type}\``;
  }
}

function isBlank(block: ContentBlock): boolean {
  return block.type === "text" && block.text.trim() === "";
}

function answersProblem(before: Message | undefined, message: Message): string | undefined {
  const calls = callsOf(before);
  const answers = message.content.flatMap((block) => (block.type === "tool_result" ? [block.tool_use_id] : []));
  if (calls.length !== answers.length || calls.some((id, at) => answers[at] !== id)) {
    return "every call of the message before needs its one result, in the same order";
  }
  return message.content.slice(0, answers.length).every(({ type }) => type === "tool_result")
    ? undefined
    : "results of calls come before other content";
}
