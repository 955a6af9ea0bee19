import { messageOf } from "../session/message-of.ts";
import { connectClient } from "./mcp-server.ts";
import type { ServedHost } from "./served-host.ts";

/** Less than clients wait between closing the stream and a signal. */
const LAST_ANSWERS_MS = 1_500;

/** Serves one client on standard input and output, until it closes them or a signal comes. */
export async function serveStandardStreams(host: ServedHost, signal: AbortSignal): Promise<void> {
  const { StdioServerTransport } = await import("./mcp-sdk.ts");
  const { stdin, stdout } = process;
  const transport = new StdioServerTransport(stdin, stdout);
  const ended = Promise.withResolvers<"ended" | "interrupted">();
  stdin.once("end", () => ended.resolve("ended"));
  stdin.once("close", () => ended.resolve("ended"));
  // The client has gone: EPIPE.
  stdout.on("error", () => ended.resolve("interrupted"));
  signal.addEventListener("abort", () => ended.resolve("interrupted"), { once: true });
  const connection = await connectClient(host, transport, (error) =>
    host.frontend.log.warn(`a message on standard input was not understood: ${messageOf(error)}`),
  );
  if (signal.aborted) ended.resolve("interrupted");
  // What was asked before the stream ended is answered, e.g. to a pipe.
  if ((await ended.promise) === "ended") {
    const enough = new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS).unref());
    const interrupted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await Promise.race([connection.idle(), enough, interrupted]);
  }
  await connection.close();
  stdin.destroy();
}
