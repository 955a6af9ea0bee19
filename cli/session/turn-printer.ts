import type { TurnEvent, TurnResult } from "../../plugin-api/turn.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Writer } from "../print/writer.ts";
import type { OutputFormat } from "./session-request.ts";

/** A name behind a slash as commands and skills have it; a path has a second slash. */
const COMMAND = /^\/([\p{L}\d][\p{L}\d._:-]*)(?:\s|$)/u;

/** What to do about a failure of the model that its message does not say. */
const HINTS: Readonly<Record<string, string>> = {
  authentication_failed: "`export ANTHROPIC_API_KEY=...` in this shell, then run it again",
  model_not_found: "for example `--model sonnet`, or a script: `--model scripted:FILE`",
  server_error: "look at the network and `ANTHROPIC_BASE_URL`; `--continue` goes on with the session",
  rate_limit: "wait a while; `--continue` goes on with the session",
  overloaded: "wait a while; `--continue` goes on with the session",
};

/** Prints what a turn does, in the form that was asked for. */
export class TurnPrinter {
  readonly #writer: Writer;
  readonly #format: OutputFormat;
  readonly #sessionId: string;
  readonly #prompt: string;

  constructor(writer: Writer, format: OutputFormat, sessionId: string, prompt: string) {
    this.#writer = writer;
    this.#format = format;
    this.#sessionId = sessionId;
    this.#prompt = prompt;
  }

  event(event: TurnEvent): void {
    const note = noteOf(event, this.#prompt);
    if (note !== undefined && this.#format !== "stream-json") this.#writer.err([`note: ${note}`]);
    if (this.#format === "stream-json") this.#writer.jsonLine({ sessionId: this.#sessionId, ...event });
  }

  /** The exit code says how the turn ended. */
  result(result: TurnResult): ExitCode {
    const ok = result.reason === "done" || result.reason === "stopped";
    if (this.#format === "text") {
      if (result.text !== "") this.#writer.out(result.text.split("\n"));
      if (!ok) this.#writer.err(failureLines(result));
    } else {
      const hint = hintOf(result);
      const document = {
        type: "result",
        ok,
        sessionId: this.#sessionId,
        ...result,
        ...(hint !== undefined && { hint }),
      };
      if (this.#format === "json") this.#writer.json(document);
      else this.#writer.jsonLine(document);
    }
    if (result.reason === "aborted") return EXIT.interrupted;
    return ok ? EXIT.ok : EXIT.failed;
  }
}

/** What a person should hear of an event while they wait. */
function noteOf(event: TurnEvent, prompt: string): string | undefined {
  if (event.type === "agent") {
    const note = event.event.type === "prompt" ? undefined : noteOf(event.event, prompt);
    return note === undefined ? undefined : `${event.agentPath.join(" › ")}: ${note}`;
  }
  if (event.type === "notice") return event.text;
  if (event.type === "model" && event.event.type === "retry") {
    const { reason, delayMs, attempt } = event.event;
    return `${reason}; trying again in ${(delayMs / 1_000).toFixed(1)} s (attempt ${String(attempt + 1)})`;
  }
  const name = COMMAND.exec(prompt)?.[1];
  if (event.type !== "prompt" || name === undefined) return undefined;
  const sentAsItStands = event.message.content.some((block) => block.type === "text" && block.text === prompt);
  return sentAsItStands ? `no command or skill is called \`/${name}\`: the model gets it as text` : undefined;
}

function hintOf({ hint, failure = "" }: TurnResult): string | undefined {
  return hint ?? HINTS[failure];
}

function failureLines(result: TurnResult): readonly string[] {
  const { reason, message, steps } = result;
  switch (reason) {
    case "max-turns":
      return [
        `error: not finished after ${String(steps)} model calls`,
        "  hint: raise `--max-turns`, or go on with `--continue`",
      ];
    case "aborted":
      return ["error: interrupted (E_INTERRUPTED)", "  hint: `--continue` goes on with the session"];
    case "blocked":
      return [`error: the prompt was blocked: ${message ?? "no reason was given"}`];
    default: {
      const hint = hintOf(result);
      return [`error: ${message ?? "the turn failed"}`, ...(hint === undefined ? [] : [`  hint: ${hint}`])];
    }
  }
}
