import { sessionsService, turnsService } from "../../plugin-api/services/agent.ts";
import type { ParsedArguments } from "../flags.ts";
import { Interruption } from "../interruption.ts";
import type { ExitCode } from "../exit-code.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import type { Writer } from "../print/writer.ts";
import { openHost, type HostRequest } from "./open-host.ts";
import { sessionRequest } from "./session-request.ts";
import { TurnPrinter } from "./turn-printer.ts";

/** `plugsmith -p`: one turn of a session. Nobody is there to be asked, so what needs a question is denied. */
export async function printSession(
  host: HostRequest,
  args: ParsedArguments,
  prompt: string,
  writer: Writer,
): Promise<ExitCode> {
  const interruption = new Interruption();
  const opened = await openHost(host);
  try {
    await opened.host.start();
    for (const diagnostic of opened.diagnostics) writer.err(diagnosticLines(diagnostic));
    const sessions = await opened.host.frontend.use(sessionsService);
    const turns = await opened.host.frontend.use(turnsService);
    const request = sessionRequest(args, opened.directory);
    const session = await sessions.open(request.open);
    const printer = new TurnPrinter(writer, request.format, session.id);
    try {
      const turn = turns.run({ session, prompt, maxTurns: request.maxTurns, signal: interruption.signal });
      for (let step = await turn.next(); ; step = await turn.next()) {
        if (step.done === true) return printer.result(step.value);
        printer.event(step.value);
      }
    } finally {
      await session.close();
    }
  } finally {
    await opened.close();
    interruption.close();
  }
}
