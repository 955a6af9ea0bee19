/** What came out of a handler. */
export type HandlerResult =
  | { readonly kind: "exit"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** An HTTP answer or the text of an MCP tool: read like stdout, it cannot block by a status. */
  | { readonly kind: "answer"; readonly text: string }
  /** A model's verdict. */
  | { readonly kind: "verdict"; readonly ok: boolean; readonly reason: string }
  /** It did not come to an end; gives no decision. */
  | { readonly kind: "failed"; readonly message: string; readonly isLate?: boolean | undefined };

/** A handler's result as events read it (formats.md §6.6). */
export interface HookOutcome {
  /** Blocked by exit code 2, or by a verdict, with the text for the model. */
  readonly blocked?: string | undefined;
  /** Standard output that is no JSON; context on some events. */
  readonly text?: string | undefined;
  readonly output: HookOutput;
  /** For the person: the hook did not work as its author meant. */
  readonly problem?: string | undefined;
  /** It did not answer in its time. */
  readonly isLate?: boolean | undefined;
}

/** The JSON of a hook; every field is optional and unknown ones are passed over. */
export interface HookOutput {
  readonly continue?: boolean | undefined;
  readonly stopReason?: string | undefined;
  readonly systemMessage?: string | undefined;
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
  /** `hookSpecificOutput` where it names this event. */
  readonly specific: Readonly<Record<string, unknown>>;
}

const NONE: HookOutput = { specific: {} };
const MAX_TEXT = 10_000;
const DECISIONS: ReadonlySet<string> = new Set(["allow", "approve", "ask", "block", "defer", "deny"]);

/** Reads a result. What cannot be read is a problem and gives no decision; exit code 2 blocks whatever else is printed. */
export function readOutcome(result: HandlerResult, event: string): HookOutcome {
  const outcome = readResult(result, event);
  return outcome.problem === undefined ? { ...outcome, ...unknownDecision(outcome.output) } : outcome;
}

function readResult(result: HandlerResult, event: string): HookOutcome {
  switch (result.kind) {
    case "failed":
      return { output: NONE, problem: result.message, isLate: result.isLate };
    case "verdict":
      return result.ok ? { output: NONE } : { output: NONE, blocked: result.reason };
    case "answer":
      return readText(result.text, event);
    case "exit":
      return readExit(result, event);
  }
}

function readExit({ code, stdout, stderr }: Extract<HandlerResult, { kind: "exit" }>, event: string): HookOutcome {
  const read = readText(stdout, event);
  if (code === 0) return read;
  if (code === 2) {
    return { ...read, text: undefined, blocked: capped(read.output.reason ?? stderr.trim()), problem: undefined };
  }
  // Any other code is a defect of the hook, unless it printed an answer: then that alone counts.
  if (read.problem === undefined && read.text === undefined && stdout.trim() !== "") return read;
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return { output: NONE, problem: `it ended with ${String(code)}${last === "" ? "" : `: ${last.slice(0, 300)}`}` };
}

function readText(stdout: string, event: string): HookOutcome {
  const trimmed = stdout.trim();
  if (!trimmed.startsWith("{")) return trimmed === "" ? { output: NONE } : { output: NONE, text: capped(trimmed) };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return { output: NONE, problem: "it printed what begins like JSON and is none" };
  }
  const problem = shapeProblem(value, event);
  // `shapeProblem` has looked at every field that is used.
  return problem === undefined ? { output: outputOf(value as Written) } : { output: NONE, problem };
}

interface Written {
  readonly continue?: boolean;
  readonly stopReason?: string;
  readonly systemMessage?: string;
  readonly decision?: string;
  readonly reason?: string;
  readonly hookSpecificOutput?: Readonly<Record<string, unknown>>;
}

function outputOf(written: Written): HookOutput {
  return {
    continue: written.continue,
    stopReason: written.stopReason,
    systemMessage: written.systemMessage,
    decision: written.decision,
    reason: written.reason === undefined ? undefined : capped(written.reason),
    specific: written.hookSpecificOutput ?? {},
  };
}

const TYPES: Readonly<Record<string, string>> = {
  continue: "boolean",
  stopReason: "string",
  systemMessage: "string",
  decision: "string",
  reason: "string",
  hookSpecificOutput: "object",
};

function shapeProblem(value: unknown, event: string): string | undefined {
  const record = value as Readonly<Record<string, unknown>>;
  for (const [key, type] of Object.entries(TYPES)) {
    const field = record[key];
    if (field !== undefined && (typeof field !== type || field === null)) return `its \`${key}\` is no ${type}`;
  }
  const specific = record["hookSpecificOutput"];
  if (typeof specific !== "object" || specific === null) return undefined;
  const named = "hookEventName" in specific ? specific.hookEventName : undefined;
  return named === event ? undefined : `its \`hookSpecificOutput.hookEventName\` is not \`${event}\``;
}

/** Gives no decision either, but its author meant one. */
function unknownDecision({ decision, specific }: HookOutput): Pick<HookOutcome, "problem"> {
  const given = specific["permissionDecision"] ?? decision;
  if (given === undefined || (typeof given === "string" && DECISIONS.has(given))) return {};
  return { problem: `its decision ${JSON.stringify(given).slice(0, 100)} is none that is known` };
}

/** Long texts would push everything else out of the model's sight. */
function capped(text: string): string {
  return text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT)}\n… (${String(text.length - MAX_TEXT)} more characters)`;
}

/** A text of `hookSpecificOutput`, capped; `undefined` when it is absent or no text. */
export function specificText({ output }: HookOutcome, key: string): string | undefined {
  const value = output.specific[key];
  return typeof value === "string" && value !== "" ? capped(value) : undefined;
}
