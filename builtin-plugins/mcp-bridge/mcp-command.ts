import { messageOf, type Expansion } from "plugsmith/plugin-api";
import type { McpServer } from "./server.ts";
import type { ServerSet } from "./server-set.ts";

/** Below the budget of the event that waits for it. */
const SIGN_IN_MS = 170_000;

/** `/mcp`, and `/mcp approve|reconnect|sign-in|sign-out NAME`: answered to the person without a model. */
export async function mcpCommand(set: ServerSet, text: string, signal: AbortSignal): Promise<Expansion | undefined> {
  const [first, verb, ...rest] = text.trim().split(/\s+/u);
  if (first !== "/mcp") return undefined;
  const args = [verb, ...rest].filter((word) => word !== undefined).join(" ");
  const answer = verb === undefined ? overview(set) : await run(set, verb, rest.join(" "), signal);
  return { content: [], name: "mcp", kind: "command", args, answer };
}

async function run(set: ServerSet, verb: string, name: string, signal: AbortSignal): Promise<string> {
  if (verb === "approve") {
    return (await set.approve(name))
      ? `\`${name}\` is approved in this project`
      : `this project brings no MCP server \`${name}\``;
  }
  const member = set.find(name);
  if (!["reconnect", "sign-in", "sign-out"].includes(verb)) {
    return "use `/mcp`, or `/mcp approve|reconnect|sign-in|sign-out NAME`";
  }
  if (member === undefined) return `there is no MCP server \`${name}\`; \`/mcp\` lists them`;
  const { server } = member;
  try {
    if (verb === "sign-out") {
      await server.reset();
      return (await server.signOut()) ? `signed out of \`${server.key}\`` : `there was no sign-in at \`${server.key}\``;
    }
    await server.reset();
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(SIGN_IN_MS)]);
    await server.use(async () => undefined, bounded, verb === "sign-in" ? "now" : "ask");
    return `\`${server.key}\` is connected`;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error);
  }
}

function overview(set: ServerSet): string {
  const lines = [
    ...set.members.map(({ server }) => `${server.key}: ${stateOf(server)}`),
    ...[...set.skipped].map(([key, reason]) => `${key}: not connected, ${reason}`),
  ];
  return lines.length === 0 ? "no MCP server is configured" : lines.join("\n");
}

function stateOf(server: McpServer): string {
  const { state, lists } = server;
  const tools = lists === undefined ? "tools unknown" : `${String(lists.tools.length)} tools`;
  switch (state.kind) {
    case "idle":
      return `not started yet, ${tools}`;
    case "connecting":
      return `connecting, ${tools}`;
    case "connected":
      return `connected, ${tools}`;
    case "failed":
      return `failed, ${state.reason}`;
  }
}
