import { isObject, pluginVariables, withoutCredentials, type Processes, type Workspace } from "plugsmith/plugin-api";
import { describeServer, serverKey, type ServerSource } from "./server-source.ts";

const DEADLINE_MS = 10_000;
const MAX_BYTES = 64 * 1024;

/** A helper that is to be run. */
export interface HelperRequest {
  readonly source: ServerSource;
  readonly helper: string;
  readonly url: string;
  readonly processes: Processes;
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
}

/**
 * Runs the command that prints headers as a JSON object of texts (formats.md §7.1): by a shell, in the plugin's folder, within
 * 10 s, without the person's credentials. Rejects with what went wrong; its output is in no message.
 */
export async function helperHeaders(request: HelperRequest): Promise<Record<string, string>> {
  const { source, helper, url, processes, workspace } = request;
  const { directory } = source.plugin;
  const windows = process.platform === "win32";
  const what = `the headersHelper of ${describeServer(source)}`;
  const timeout = AbortSignal.timeout(DEADLINE_MS);
  const running = processes.start({
    plugin: source.plugin,
    purpose: `headers of MCP server ${serverKey(source)}`,
    command: windows ? "cmd.exe" : "/bin/sh",
    args: windows ? ["/d", "/s", "/c", helper] : ["-c", helper],
    directory: source.plugin.tier === "loose" ? workspace.projectDirectory : directory,
    environment: {
      ...withoutCredentials(workspace.environment),
      ...pluginVariables(source.plugin, workspace),
      CLAUDE_CODE_MCP_SERVER_NAME: source.server.name,
      CLAUDE_CODE_MCP_SERVER_URL: url,
      MCP_SERVER_NAME: source.server.name,
      MCP_SERVER_URL: url,
    },
    stdin: "ignore",
    signal: AbortSignal.any([request.signal, timeout]),
  });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  running.onOutput((chunk) => {
    bytes += chunk.length;
    if (bytes <= MAX_BYTES) parts.push(chunk);
  });
  running.onErrorOutput(() => undefined);
  const { code, signal } = await running.ended;
  request.signal.throwIfAborted();
  if (timeout.aborted) throw new Error(`${what} did not end within 10 s`);
  if (code !== 0) throw new Error(`${what} ended with ${signal ?? `code ${String(code)}`}`);
  if (bytes > MAX_BYTES) throw new Error(`${what} printed more than 64 KB`);
  return readHeaders(Buffer.concat(parts).toString("utf8"), what);
}

function readHeaders(text: string, what: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds secrets.
    throw new Error(`${what} printed no JSON`);
  }
  const headers: Record<string, string> = {};
  for (const [name, header] of Object.entries(isObject(value) ? value : { "": value })) {
    if (typeof header !== "string" || name === "") throw new Error(`${what} must print a JSON object of texts`);
    headers[name] = header;
  }
  return headers;
}
