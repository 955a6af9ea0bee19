import type { ParsedArguments } from "../flags.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { Interruption } from "../interruption.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import type { Writer } from "../print/writer.ts";
import { createHost, type HostOptions, type PlugsmithHost } from "./create-host.ts";
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
  return withHost(options, args, writer, async ({ host, notes, signal }) => {
    const session = await host.openSession(request.open);
    const printer = new TurnPrinter(writer, request.format, session.id, prompt);
    try {
      if (request.setUp !== undefined) await session.setUp(request.setUp);
      const turn = session.prompt(prompt, { maxTurns: request.maxTurns, signal });
      for (let step = await turn.next(); ; step = await turn.next()) {
        if (step.done === true) return printer.result(step.value);
        printer.event(step.value);
      }
    } finally {
      notes.troubles(host.tree());
      await session.close();
    }
  });
}

/** `plugsmith --init-only`: the hooks of a fresh project and of a session's start, and nothing on standard output. */
export async function setUpOnly(options: HostOptions, args: ParsedArguments, writer: Writer): Promise<ExitCode> {
  const { open } = sessionRequest(args);
  return withHost(options, args, writer, async ({ host }) => {
    const session = await host.openSession({ ...open, recorded: false });
    try {
      await session.setUp("init");
      await session.begin();
    } finally {
      await session.close();
    }
    return EXIT.ok;
  });
}

interface Opened {
  readonly host: PlugsmithHost;
  readonly notes: SessionNotes;
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
}

async function withHost(
  options: HostOptions,
  args: ParsedArguments,
  writer: Writer,
  work: (opened: Opened) => Promise<ExitCode>,
): Promise<ExitCode> {
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
    return await work({ host, notes, signal: interruption.signal });
  } finally {
    await host.close();
    interruption.close();
  }
}
