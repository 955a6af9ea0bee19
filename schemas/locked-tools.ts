import type { Digest } from "./digest.ts";
import { isDangerousKey } from "./json-scan.ts";
import { escapeControl } from "./names.ts";
import type { ObjectReader } from "./object-reader.ts";

/** What tools of a plugin's MCP servers are locked to: server → tool → digest of what it says. */
export type LockedTools = Readonly<Record<string, Readonly<Record<string, Digest>>>>;

/** Of a server's or a tool's name. */
const MAX_NAME = 200;
const MAX_SERVERS = 200;
/** Of one server; the bridge looks at no more. */
const MAX_TOOLS = 1_000;

/** Why a server or tool of this name cannot stand in a lock; a clause for a message, `undefined` when it can. */
export function lockedNameProblem(name: string): string | undefined {
  if (name === "") return "is no name";
  if (name.length > MAX_NAME) return `has a name of more than ${String(MAX_NAME)} characters`;
  if (isDangerousKey(name)) return "has a name that may be no key of a file";
  return escapeControl(name) === name ? undefined : "has a name with hidden characters";
}

/** Reads the tools of a plugin of a lock; `undefined` when it has none. What is wrong ends with its place. */
export function readLockedTools(
  plugin: ObjectReader,
  readDigest: (tools: ObjectReader, name: string) => Digest,
): LockedTools | undefined {
  const servers = plugin.map("tools", (all, server) => {
    requireName(all, server);
    const tools = all.map(server, (own, name) => {
      requireName(own, name);
      return readDigest(own, name);
    });
    if (Object.keys(tools).length > MAX_TOOLS) throw all.fail(server, `has more than ${String(MAX_TOOLS)} tools`);
    return tools;
  });
  const count = Object.keys(servers).length;
  if (count > MAX_SERVERS) throw plugin.fail("tools", `names more than ${String(MAX_SERVERS)} servers`);
  return count === 0 ? undefined : servers;
}

function requireName(members: ObjectReader, name: string): void {
  const problem = lockedNameProblem(name);
  if (problem !== undefined) throw members.fail(name, problem);
}
