import type {
  McpCompletion,
  McpPrompt,
  McpResource,
  McpServers,
  OfferedMcpServer,
  Registration,
} from "plugsmith/plugin-api";
import { isObject } from "plugsmith/plugin-api";
import type { Bridge } from "./bridge.ts";
import type { ListedResource } from "./listed.ts";
import { findPrompt, namedPrompts } from "./prompts.ts";
import type { ServerSet, SetMember } from "./server-set.ts";

/** The protocol lets a server propose no more at once. */
const MAX_VALUES = 100;

/** Prompts and resources of all servers, for programs that pass them on. */
export class OfferedServers implements McpServers {
  readonly #bridge: Bridge;
  readonly #set: ServerSet;
  readonly #listeners = new Set<() => void>();

  constructor(bridge: Bridge, set: ServerSet) {
    this.#bridge = bridge;
    this.#set = set;
  }

  all(): readonly OfferedMcpServer[] {
    return this.#set.members.flatMap((member) => offered(member) ?? []);
  }

  settled(): Promise<void> {
    return this.#set.settled();
  }

  onChange(changed: () => void): Registration {
    const listener = (): void => changed();
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** The set changed. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  async prompt({ name, arguments: given, session, signal }: Parameters<McpServers["prompt"]>[0]): Promise<unknown> {
    const { member, prompt } = this.#prompt(name);
    const options = { signal, timeoutMs: this.#bridge.limits.callMs };
    const { server } = member;
    return server.callers.during(session, () =>
      server.use((connection) => connection.prompt(prompt.name, given, options), signal),
    );
  }

  async complete({ subject, argument, chosen, signal }: Parameters<McpServers["complete"]>[0]): Promise<McpCompletion> {
    const found = "prompt" in subject ? this.#prompt(subject.prompt) : undefined;
    const member = found?.member ?? this.#member("server" in subject ? subject.server : "");
    if (member.server.lists?.completes !== true) return { values: [] };
    const reference =
      "prompt" in subject
        ? { type: "ref/prompt", name: found?.prompt.name ?? subject.prompt }
        : { type: "ref/resource", uri: subject.uriTemplate };
    const options = { signal, timeoutMs: this.#bridge.limits.callMs };
    const result = await member.server.use(
      (connection) => connection.complete(reference, argument, chosen, options),
      signal,
    );
    return readCompletion(result["completion"]);
  }

  async subscribe({ server, ...request }: Parameters<McpServers["subscribe"]>[0]): Promise<Registration> {
    const one = this.#member(server).server;
    if (one.lists?.subscribes === false) throw new Error(`MCP server \`${server}\` does not tell of changes`);
    const running = () => (one.state.kind === "connected" ? one.state.connection : undefined);
    return one.use((connection) => one.subscriptions.add(connection, request, running), request.signal);
  }

  #member(key: string): SetMember {
    const member = this.#set.members.find(({ server }) => server.key === key);
    if (member === undefined) throw new Error(`there is no MCP server \`${key}\``);
    return member;
  }

  #prompt(name: string) {
    const found = findPrompt(this.#set.members, name);
    if (found === undefined) throw new Error(`no MCP server has a prompt \`${name}\``);
    return found;
  }
}

function offered(member: SetMember): OfferedMcpServer | undefined {
  const { server } = member;
  if (server.lists === undefined) return undefined;
  const { resources } = server.lists;
  return {
    plugin: server.source.plugin,
    key: server.key,
    name: server.source.server.name,
    prompts: [...namedPrompts(member)].map(([name, prompt]): McpPrompt => ({ ...prompt, name })),
    resources: resources.filter(({ isTemplate }) => isTemplate !== true).map(resource),
    templates: resources.filter(({ isTemplate }) => isTemplate === true).map(resource),
  };
}

function resource({ isTemplate: _isTemplate, ...facts }: ListedResource): McpResource {
  return facts;
}

function readCompletion(written: unknown): McpCompletion {
  if (!isObject(written)) return { values: [] };
  const { values, total, hasMore } = written;
  const texts = Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
  return {
    values: texts.slice(0, MAX_VALUES),
    ...(typeof total === "number" && { total }),
    ...((hasMore === true || texts.length > MAX_VALUES) && { hasMore: true }),
  };
}
