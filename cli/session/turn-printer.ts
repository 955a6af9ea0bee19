import type { TurnEvent, TurnResult } from "../../plugin-api/turn.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Writer } from "../print/writer.ts";
import type { OutputFormat } from "./session-request.ts";

/** Prints what a turn does, in the form that was asked for. */
export class TurnPrinter {
  readonly #writer: Writer;
  readonly #format: OutputFormat;
  readonly #sessionId: string;

  constructor(writer: Writer, format: OutputFormat, sessionId: string) {
    this.#writer = writer;
    this.#format = format;
    this.#sessionId = sessionId;
  }

  event(event: TurnEvent): void {
    if (this.#format === "stream-json") this.#writer.jsonLine({ sessionId: this.#sessionId, ...event });
    else if (event.type === "notice") this.#writer.err([`note: ${event.text}`]);
  }

  /** The exit code says how the turn ended. */
  result(result: TurnResult): ExitCode {
    const ok = result.reason === "done" || result.reason === "stopped";
    if (this.#format === "text") {
      if (result.text !== "") this.#writer.out(result.text.split("\n"));
      if (!ok) this.#writer.err(failureLines(result));
    } else {
      const document = { type: "result", ok, sessionId: this.#sessionId, ...result };
      if (this.#format === "json") this.#writer.json(document);
      else this.#writer.jsonLine(document);
    }
    if (result.reason === "aborted") return EXIT.interrupted;
    return ok ? EXIT.ok : EXIT.failed;
  }
}

function failureLines({ reason, message, steps }: TurnResult): readonly string[] {
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
    default:
      return [`error: ${message ?? "the turn failed"}`];
  }
}
