import type { ParsedArguments } from "../flags.ts";
import type { ExitCode } from "../exit-code.ts";
import { Interruption } from "../interruption.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import type { Writer } from "../print/writer.ts";
import { createHost, type HostOptions } from "./create-host.ts";
import { sessionRequest } from "./session-request.ts";
import { SessionNotes } from "./session-notes.ts";
import { TurnPrinter } from "./turn-printer.ts";

/** `plugsmith -p`: one turn of a session. Nobody is there to be asked, so what needs a question is denied. */
export async function printSession(
  options: HostOptions,
  args: ParsedArguments,
  prompt: string,
  writer: Writer,
): Promise<ExitCode> {
  const request = sessionRequest(args);
  const verbose = args.switches.has("verbose");
  const interruption = new Interruption();
  const notes = new SessionNotes(writer);
  const host = await createHost({
    ...options,
    onLog: (level, plugin, message) => {
      if (level === "warn" || verbose) notes.say(`${level}: ${plugin}`, message);
    },
    onNotification: ({ message }) => notes.say("note", message),
  });
  try {
    notes.troubles(host.tree());
    for (const diagnostic of host.diagnostics) {
      if (diagnostic.severity !== "info" || verbose) writer.err(diagnosticLines(diagnostic));
    }
    const session = await host.openSession(request.open);
    const printer = new TurnPrinter(writer, request.format, session.id, prompt);
    try {
      const turn = session.prompt(prompt, { maxTurns: request.maxTurns, signal: interruption.signal });
      for (let step = await turn.next(); ; step = await turn.next()) {
        if (step.done === true) return printer.result(step.value);
        printer.event(step.value);
      }
    } finally {
      notes.troubles(host.tree());
      await session.close();
    }
  } finally {
    await host.close();
    interruption.close();
  }
}
