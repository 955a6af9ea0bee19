import type { Expectations, PluginCase } from "./plugin-tests.ts";

/** What happens in a case. */
export type CaseKind = "hook" | "tool" | "command" | "conversation" | "loading";

/** Tells what happens in a case by the keys that it has. */
export function caseKind({ hook, tool, command, prompt, recording }: PluginCase): CaseKind {
  if (hook !== undefined) return "hook";
  if (tool !== undefined) return "tool";
  if (command !== undefined) return "command";
  return prompt !== undefined || recording !== undefined ? "conversation" : "loading";
}

type Key = Exclude<keyof PluginCase, "name" | "expect" | "files">;

const KEYS: Readonly<Record<CaseKind, readonly Key[]>> = {
  hook: ["hook", "tool", "input", "output", "prompt"],
  tool: ["tool", "input"],
  command: ["command", "script", "allow"],
  conversation: ["prompt", "script", "recording", "touches", "allow"],
  loading: [],
};

const SESSION = ["fires", "hidden", "unlisted", "calls", "denied", "result", "prompt", "reply"] as const;

const EXPECTED: Readonly<Record<CaseKind, readonly (keyof Expectations)[]>> = {
  hook: ["decision", "reason", "context"],
  tool: ["result", "isError"],
  command: SESSION,
  conversation: SESSION,
  loading: ["loads"],
};

type Decisions = readonly NonNullable<Expectations["decision"]>[];

/** Hook events whose answer can be looked at, with the decisions that each can come to. */
const EVENTS: Readonly<Record<string, Decisions>> = {
  PreToolUse: ["allow", "ask", "deny", "none"],
  PermissionRequest: ["allow", "deny", "none"],
  PostToolUse: [],
  PostToolUseFailure: [],
  UserPromptSubmit: ["block", "none"],
  Stop: ["block", "none"],
  SessionStart: [],
};

/** Events about one tool. */
const TOOL_EVENTS: ReadonlySet<string> = new Set([
  "PreToolUse",
  "PermissionRequest",
  "PostToolUse",
  "PostToolUseFailure",
]);

/** What is wrong with a case whose shape is right, and at which key; `undefined` when nothing is. */
export function caseProblem(
  one: PluginCase,
): { readonly path: readonly string[]; readonly message: string } | undefined {
  const kind = caseKind(one);
  const key = (Object.keys(one) as readonly (keyof PluginCase)[]).find(
    (name) => !["name", "expect", "files"].includes(name) && !KEYS[kind].includes(name as Key),
  );
  if (key !== undefined) return { path: [key], message: `\`${key}\` means nothing in ${WHAT[kind]}` };
  if (one.script !== undefined && one.recording !== undefined)
    return { path: ["script"], message: "a script and a recording are two models: give one of them" };
  const wanted = (Object.keys(one.expect) as readonly (keyof Expectations)[]).find(
    (name) => name !== "loads" && !EXPECTED[kind].includes(name),
  );
  if (wanted !== undefined)
    return { path: ["expect", wanted], message: `\`${wanted}\` cannot be expected of ${WHAT[kind]}` };
  if (Object.keys(one.expect).length === 0) return { path: ["expect"], message: "nothing is expected" };
  const pattern = PATTERNS.find((name) => !isPattern(one.expect[name]));
  if (pattern !== undefined)
    return {
      path: ["expect", pattern],
      message: `\`${pattern}\` is no regular expression; without the slashes it is a text`,
    };
  return kind === "hook" ? hookProblem(one) : undefined;
}

const PATTERNS = ["reason", "context", "result", "prompt", "reply"] as const;

function isPattern(text: string | undefined): boolean {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/su.exec(text ?? "") ?? [];
  if (source === undefined) return true;
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

const WHAT: Readonly<Record<CaseKind, string>> = {
  hook: "a case about a hook",
  tool: "a case about a tool",
  command: "a case about a command",
  conversation: "a conversation",
  loading: "a case in which nothing happens",
};

function hookProblem({ hook = "", tool, prompt, expect }: PluginCase): ReturnType<typeof caseProblem> {
  const decisions = EVENTS[hook];
  if (decisions === undefined)
    return { path: ["hook"], message: `the event must be one of ${Object.keys(EVENTS).join(", ")}` };
  if (TOOL_EVENTS.has(hook) && tool === undefined) return { path: ["hook"], message: `\`${hook}\` needs a \`tool\`` };
  if (hook === "UserPromptSubmit" && typeof prompt !== "string")
    return { path: ["hook"], message: "`UserPromptSubmit` needs one `prompt`" };
  const { decision } = expect;
  if (decision === undefined || decisions.includes(decision)) return undefined;
  const can = decisions.length === 0 ? "decides nothing: expect `context`" : `comes to ${decisions.join(", ")}`;
  return { path: ["expect", "decision"], message: `\`${hook}\` ${can}` };
}
