import { join } from "node:path";
import { isObject, type ContentBlock, type Expansion } from "plugsmith/plugin-api";
import type { Bridge } from "./bridge.ts";
import type { ListedPrompt } from "./listed.ts";
import type { SetMember } from "./server-set.ts";
import { NameBook } from "./tool-names.ts";
import { toolContent } from "./tool-result.ts";

const WORD = /"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/gu;

/** Expands `/mcp__<server>__<prompt> arguments`; `undefined` for a text that names no prompt. */
export async function expandPrompt(
  members: readonly SetMember[],
  bridge: Bridge,
  text: string,
  signal: AbortSignal,
): Promise<Expansion | undefined> {
  const [, name, args = ""] = /^\/(mcp__\S+)(?:\s+([\s\S]*))?$/u.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  const found = findPrompt(members, name);
  if (found === undefined) return undefined;
  const { member, prompt } = found;
  const given = argumentsOf(prompt, args);
  const missing = prompt.arguments.find((argument) => argument.required && given[argument.name] === undefined);
  const expansion = { content: [], name, kind: "mcp-prompt", args } as const;
  if (missing !== undefined) {
    const answer = `\`/${name}\` needs its argument \`${missing.name}\``;
    return { ...expansion, answer, failed: `\`/${name}\` was not run` };
  }
  const result = await member.server.use(
    (connection) => connection.prompt(prompt.name, given, { signal, timeoutMs: bridge.limits.callMs }),
    signal,
  );
  const messages: readonly unknown[] = Array.isArray(result["messages"]) ? result["messages"] : [];
  return {
    ...expansion,
    content: messages.flatMap((message) => contentOf(message, join(bridge.directory, "results"))),
  };
}

/** The prompt of that name, with its server. */
export function findPrompt(
  members: readonly SetMember[],
  name: string,
): { readonly member: SetMember; readonly prompt: ListedPrompt } | undefined {
  for (const member of members) {
    const prompt = namedPrompts(member).get(name);
    if (prompt !== undefined) return { member, prompt };
  }
  return undefined;
}

/** The prompts of a server by the names that people type, in the order of its list. */
export function namedPrompts({ prefix, server }: SetMember): ReadonlyMap<string, ListedPrompt> {
  const book = new NameBook(prefix);
  const seen = new Set<string>();
  const named = (server.lists?.prompts ?? []).map((prompt) => [book.enter(prompt.name, seen), prompt] as const);
  return new Map(named.flatMap(([name, prompt]) => (name === undefined ? [] : [[name, prompt] as const])));
}

/** Words go to the arguments in their order; the last one takes all that is left, `name=value` names one. */
function argumentsOf({ arguments: declared }: ListedPrompt, text: string): Record<string, string> {
  const words = [...text.matchAll(WORD)].map(
    ([, double, single, bare]) => double?.replaceAll(/\\(.)/gu, "$1") ?? single ?? bare ?? "",
  );
  const given: Record<string, string> = {};
  const free: string[] = [];
  for (const word of words) {
    const at = word.indexOf("=");
    const named = declared.find(({ name }) => at > 0 && name === word.slice(0, at));
    if (named === undefined) free.push(word);
    else given[named.name] = word.slice(at + 1);
  }
  const open = declared.filter(({ name }) => given[name] === undefined);
  for (const [index, { name }] of open.entries()) {
    const words = index === open.length - 1 ? free.slice(index) : free.slice(index, index + 1);
    if (words.length > 0) given[name] = words.join(" ");
  }
  return given;
}

function contentOf(message: unknown, directory: string): readonly ContentBlock[] {
  if (!isObject(message)) return [];
  const part = toolContent(message["content"], directory);
  if (part.type === "image") {
    return [{ type: "image", source: { type: "base64", media_type: part.mediaType, data: part.data } }];
  }
  if (part.text === "") return [];
  return [{ type: "text", text: message["role"] === "assistant" ? `Assistant: ${part.text}` : part.text }];
}
