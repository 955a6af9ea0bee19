import { EXIT, type ExitCode } from "../exit-code.ts";
import type { ParsedArguments } from "../flags.ts";
import { Interruption } from "../interruption.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import type { Writer } from "../print/writer.ts";
import { SessionNotes } from "../session/session-notes.ts";
import { sessionRequest } from "../session/session-request.ts";
import { openServedHost } from "./served-host.ts";
import { serveHttp } from "./http.ts";
import { serveStandardStreams } from "./standard-streams.ts";

/** What `plugin serve` was asked for. */
export interface ServeRequest {
  /** Absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** On loopback, 0 for any; `undefined` for standard input and output. */
  readonly port: number | undefined;
  readonly verbose: boolean;
  /** The flags of hosts and sessions. */
  readonly args: ParsedArguments;
}

const UNTRUSTED: readonly string[] = [
  "note: this folder is not trusted, so MCP servers are started in your home directory, and what the folder brings is off",
  "  hint: `plugin trust` trusts it, `--trust-workspace` for this run",
];
const AT_A_TERMINAL: readonly string[] = [
  "note: this speaks MCP on standard input and output, and waits for a client; Ctrl-C ends it",
  '  hint: clients start it themselves: `{ "mcpServers": { "plugsmith": { "command": "plugin", "args": ["serve"] } } }`; `--http` serves on a port',
];

/** Serves the plugins of a directory until the client goes or a signal comes; standard output belongs to the protocol. */
export async function serve(request: ServeRequest, writer: Writer): Promise<ExitCode> {
  const { args, verbose } = request;
  const { open } = sessionRequest(args);
  const interruption = new Interruption();
  const notes = new SessionNotes(writer);
  try {
    const host = await openServedHost({
      directory: request.directory,
      environment: request.environment,
      pluginDirectories: args.values.get("plugin-dir") ?? [],
      settings: args.values.get("settings") ?? [],
      trustWorkspace: args.switches.has("trust-workspace"),
      options: open.options ?? {},
      log: (level, plugin, message) => {
        if (level === "warn" || verbose) notes.say(`${level}: ${plugin}`, message);
      },
      notify: (message) => notes.say("note", message),
    });
    try {
      notes.troubles(host.tree());
      for (const diagnostic of host.diagnostics) {
        if (diagnostic.severity !== "info" || verbose) writer.err(diagnosticLines(diagnostic));
      }
      if (host.isStrange) writer.err(UNTRUSTED);
      if (request.port === undefined && process.stdin.isTTY) writer.err(AT_A_TERMINAL);
      if (request.port === undefined) await serveStandardStreams(host, interruption.signal);
      else await serveHttp(host, request.port, interruption.signal, (lines) => writer.err(lines));
      return interruption.isFromKeyboard ? EXIT.interrupted : EXIT.ok;
    } finally {
      await host.close();
    }
  } finally {
    interruption.close();
  }
}
