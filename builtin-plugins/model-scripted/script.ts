import { statSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { ModelFailure, ModelRequest, StopReason } from "plugsmith/plugin-api";

/** What a script answers. */
export interface ScriptReply {
  readonly thinking?: string | undefined;
  readonly text?: string | undefined;
  readonly calls?: readonly { readonly name: string; readonly input?: unknown }[] | undefined;
  readonly stopReason?: StopReason | undefined;
  /** Fails instead, in the words of `ModelFailure`. */
  readonly error?: ModelFailure | undefined;
}

/** Texts that are searched for as they stand, or `/expression/flags`. */
export type Pattern = string;

/** What a request must look like; everything that is written must hold. */
export interface ScriptCondition {
  /** In the newest message, when that is a prompt and not the results of tools. */
  readonly prompt?: Pattern | undefined;
  /** In a result in the newest message: of any tool, or of the one that is named. */
  readonly result?: Pattern | undefined;
  readonly tool?: string | undefined;
  readonly isError?: boolean | undefined;
  /** In the system prompt. */
  readonly system?: Pattern | undefined;
  /** In any message of the person or the host so far, e.g. a listing of skills. */
  readonly context?: Pattern | undefined;
  /** Tools that the model may call. */
  readonly tools?: readonly string[] | undefined;
}

/** One rule of a script. */
export interface ScriptStep {
  readonly when?: ScriptCondition | undefined;
  readonly reply: ScriptReply;
}

/** A script: rules, or a function of the request. */
export type Script =
  | { readonly kind: "steps"; readonly steps: readonly ScriptStep[] }
  | { readonly kind: "function"; readonly answer: (request: ModelRequest) => unknown };

const CODE: ReadonlySet<string> = new Set([".js", ".mjs", ".ts", ".mts"]);
const CONDITIONS: ReadonlySet<string> = new Set(["prompt", "result", "tool", "isError", "system", "context", "tools"]);
const STEP_KEYS: ReadonlySet<string> = new Set(["when", "reply"]);
const REPLIES: ReadonlySet<string> = new Set(["thinking", "text", "calls", "stopReason", "error"]);

/** Reads scripts, each once as long as its file does not change. */
export class Scripts {
  readonly #read = new Map<string, { readonly changedMs: number; readonly script: Script }>();

  /** Throws an `Error` that names the file and what is wrong with it. */
  async read(file: string): Promise<Script> {
    const changedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (changedMs === undefined) throw new Error(`there is no script \`${file}\``);
    const known = this.#read.get(file);
    if (known?.changedMs === changedMs) return known.script;
    const script = CODE.has(extname(file)) ? await importScript(file, changedMs) : await parseScript(file);
    this.#read.set(file, { changedMs, script });
    return script;
  }
}

async function importScript(file: string, changedMs: number): Promise<Script> {
  // A module namespace can hold anything; the default export is looked at below.
  const namespace = (await import(`${pathToFileURL(file).href}?${String(changedMs)}`)) as Readonly<
    Record<string, unknown>
  >;
  const answer = namespace["default"];
  if (typeof answer !== "function") throw new Error(`the script \`${file}\` has no function as its default export`);
  return { kind: "function", answer: (request) => (answer as (request: ModelRequest) => unknown)(request) };
}

async function parseScript(file: string): Promise<Script> {
  const { parseYaml } = await import("./yaml-text.ts");
  const fail = (why: string): never => {
    throw new Error(`the script \`${file}\` cannot be used: ${why}`);
  };
  let document: unknown;
  try {
    document = parseYaml(readFileSync(file, "utf8"));
  } catch (error) {
    return fail(String(error));
  }
  const steps = fieldsOf(document)?.["steps"];
  if (!Array.isArray(steps)) return fail("it needs a list `steps`");
  for (const [at, step] of steps.entries()) {
    const problem = stepProblem(step);
    if (problem !== undefined) return fail(`step ${String(at + 1)} ${problem}`);
  }
  // Every step was looked at.
  return { kind: "steps", steps: steps as readonly ScriptStep[] };
}

function stepProblem(step: unknown): string | undefined {
  const fields = fieldsOf(step);
  if (fields === undefined) return "is no object";
  const unknown = unknownKey(fields, STEP_KEYS) ?? unknownKey(fieldsOf(fields["when"]) ?? {}, CONDITIONS);
  if (unknown !== undefined) return `has a key \`${unknown}\` that means nothing`;
  return replyProblem(fields["reply"]);
}

/** What is wrong with a reply; `undefined` when nothing is. */
export function replyProblem(reply: unknown): string | undefined {
  const fields = fieldsOf(reply);
  if (fields === undefined) return "needs an object `reply`";
  const unknown = unknownKey(fields, REPLIES);
  if (unknown !== undefined) return `has a key \`${unknown}\` in its reply that means nothing`;
  for (const key of ["text", "thinking", "stopReason", "error"]) {
    if (fields[key] !== undefined && typeof fields[key] !== "string") return `has a \`${key}\` that is no text`;
  }
  const calls = fields["calls"];
  if (calls === undefined) return undefined;
  const fine = Array.isArray(calls) && calls.every(isCall);
  return fine ? undefined : "needs a `name`, and an object if there is an `input`, in each of its `calls`";
}

function isCall(call: unknown): boolean {
  const { name, input = {} } = fieldsOf(call) ?? {};
  return typeof name === "string" && fieldsOf(input) !== undefined;
}

function unknownKey(fields: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): string | undefined {
  return Object.keys(fields).find((key) => !known.has(key));
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  // Any object can be looked into by name; each field is tested where it is used.
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
