import { messageOf, type Expansion } from "plugsmith/plugin-api";
import { shownText } from "./listed.ts";
import type { McpServer } from "./server.ts";
import type { ServerSet } from "./server-set.ts";

/** Below the budget of the event that waits for it. */
const SIGN_IN_MS = 170_000;
/** Characters of all differences together. */
const MAX_CHANGES = 50_000;

const VERBS = ["approve", "changes", "accept", "reconnect", "sign-in", "sign-out"];

/** `/mcp`, and `/mcp VERB NAME`: answered to the person without a model. */
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
  if (!VERBS.includes(verb)) return `use \`/mcp\`, or \`/mcp ${VERBS.join("|")} NAME\``;
  if (member === undefined) return `there is no MCP server \`${name}\`; \`/mcp\` lists them`;
  const { server } = member;
  try {
    if (verb === "changes" || verb === "accept") return await surface(set, server, verb);
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

/** What its tools say now and said before, or the person's yes to it. */
async function surface({ surfaces }: ServerSet, server: McpServer, verb: "changes" | "accept"): Promise<string> {
  const lines = await surfaces.changes(server);
  if (lines.length === 0)
    return `no tool of \`${server.key}\` is off: none says something else than it did, or than is locked`;
  if (verb === "changes") return shownText(lines.join("\n"), MAX_CHANGES);
  const hint = surfaces.accept(server);
  return `the tools of \`${server.key}\` are used as they are now${hint === undefined ? "" : `; ${hint}`}`;
}

function overview(set: ServerSet): string {
  const lines = [
    ...set.members.map(({ server }) => `${server.key}: ${stateOf(server)}${heldBack(set, server)}`),
    ...[...set.skipped].map(([key, reason]) => `${key}: not connected, ${reason}`),
  ];
  return lines.length === 0 ? "no MCP server is configured" : lines.join("\n");
}

function heldBack({ surfaces }: ServerSet, server: McpServer): string {
  const count = surfaces.heldBack(server);
  return count === 0 ? "" : `, ${String(count)} of them off because they changed: \`/mcp changes ${server.key}\``;
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
