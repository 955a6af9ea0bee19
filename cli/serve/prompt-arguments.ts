import type { PromptArgument } from "@modelcontextprotocol/sdk/types.js";
import type { ServedText } from "./served-texts.ts";

/** The name of the one argument of a text whose author names none. */
const ALL = "arguments";

/** The arguments that a client asks the person for. */
export function promptArguments({ argumentNames, argumentHint }: ServedText): PromptArgument[] {
  if (argumentNames.length > 0) return argumentNames.map((name) => ({ name, required: false }));
  return [{ name: ALL, description: argumentHint ?? "what would stand behind its name", required: false }];
}

/** What a person would type behind the name; values of named arguments stay one word each. */
export function typedArguments({ argumentNames }: ServedText, given: Readonly<Record<string, string>>): string {
  if (argumentNames.length === 0) return given[ALL] ?? "";
  const values = argumentNames.map((name) => given[name] ?? "");
  const last = values.findLastIndex((value) => value !== "");
  return values
    .slice(0, last + 1)
    .map(word)
    .join(" ");
}

function word(value: string): string {
  return /^[\w@%+=:,./-]+$/u.test(value) ? value : `"${value.replaceAll(/["\\$`]/gu, "\\$&")}"`;
}
