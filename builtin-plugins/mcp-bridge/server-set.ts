import { join } from "node:path";
import {
  messageOf,
  type Contributed,
  type LoadedPlugin,
  type McpContribution,
  type PluginContext,
} from "plugsmith/plugin-api";
import { admit, type Admission, type Admitted } from "./admission.ts";
import { Approvals } from "./approvals.ts";
import type { Bridge } from "./bridge.ts";
import { Lanes } from "./lanes.ts";
import { ListCache } from "./list-cache.ts";
import { shownText } from "./listed.ts";
import { McpServer } from "./server.ts";
import { describeServer, isOfProject, serverKey, sourceDigest, type ServerSource } from "./server-source.ts";
import { ServerTools } from "./server-tools.ts";
import { Surfaces } from "./surfaces.ts";

/** One server of the set with its tools. */
export interface SetMember {
  readonly server: McpServer;
  readonly tools: ServerTools;
  readonly prefix: string;
}

/** Where the set learns of servers. */
export interface ServerSetInputs {
  readonly servers: () => readonly Contributed<McpContribution>[];
  readonly plugins: () => readonly LoadedPlugin[];
}

/** All servers of the session: which take part, what they offer, and those whose lists are still awaited. */
export class ServerSet {
  /** What the tools of the servers said before. */
  readonly surfaces: Surfaces;
  readonly #context: Pick<PluginContext, "contribute">;
  readonly #bridge: Bridge;
  readonly #inputs: ServerSetInputs;
  readonly #cache: ListCache;
  readonly #approvals: Approvals;
  readonly #lanes: Lanes;
  readonly #members = new Map<string, SetMember>();
  readonly #listing = new Set<Promise<void>>();
  /** Servers that were asked again because what they said last is not what is locked. */
  readonly #relisted = new WeakSet<McpServer>();
  readonly #asked = new Set<string>();
  readonly #told = new Set<string>();
  readonly #notified = new Set<string>();
  readonly #onChange: () => void;
  #skipped: ReadonlyMap<string, string> = new Map();
  #syncing: Promise<void> = Promise.resolve();

  constructor(
    context: Pick<PluginContext, "contribute">,
    bridge: Bridge,
    inputs: ServerSetInputs,
    onChange: () => void,
  ) {
    this.#context = context;
    this.#bridge = bridge;
    this.#inputs = inputs;
    this.#onChange = onChange;
    this.#cache = new ListCache(join(bridge.directory, "lists"));
    this.#approvals = new Approvals(bridge.settings, join(bridge.directory, "approvals.json"));
    this.#lanes = new Lanes(bridge.limits.parallel);
    this.surfaces = new Surfaces(bridge, () => {
      for (const { server } of this.#members.values()) this.#listed(server);
    });
  }

  /** Sorted by key. */
  get members(): readonly SetMember[] {
    return [...this.#members.values()].sort((one, other) => (one.server.key < other.server.key ? -1 : 1));
  }

  /** Why servers do not take part, by key. */
  get skipped(): ReadonlyMap<string, string> {
    return this.#skipped;
  }

  find(key: string): SetMember | undefined {
    return this.#members.get(key) ?? this.members.find(({ server }) => server.source.server.name === key);
  }

  /** Takes in what was contributed or allowed since; a server whose configuration is the same keeps its connection. */
  sync(): Promise<void> {
    const next = this.#syncing.then(() => this.#sync());
    this.#syncing = next.catch(() => undefined);
    return next;
  }

  /** Waits until the lists of all servers are known or have failed. */
  async settled(): Promise<void> {
    while (this.#listing.size > 0) await Promise.all(this.#listing);
  }

  async close(): Promise<void> {
    const members = [...this.#members.values()];
    this.#members.clear();
    await Promise.all(members.map(({ server }) => server.close()));
  }

  async #sync(): Promise<void> {
    if (this.#bridge.signal.aborted) return;
    const { workspace, log } = this.#bridge;
    const admission = await admit(this.#sources(), workspace, (message) => this.#warnOnce(message));
    const { allowed, refused } = this.#permitted(admission);
    this.#skipped = new Map([...refused].map(([source, reason]) => [serverKey(source), reason]));
    for (const [source, reason] of refused) this.#warnOnce(notConnected(source, reason));
    const wanted = new Map(allowed.map((one) => [serverKey(one.source), one]));
    for (const [key, { server, tools, prefix }] of this.#members) {
      const one = wanted.get(key);
      if (one !== undefined && sourceDigest(one.source) === server.digest && one.prefix === prefix) continue;
      this.#members.delete(key);
      tools.dispose();
      await server.close();
      log.debug(`${describeServer(server.source)} was closed`);
    }
    for (const [key, one] of wanted) if (!this.#members.has(key)) this.#add(key, one);
    for (const { server, tools } of this.#members.values()) {
      if (server.lists !== undefined) this.#offer(server, tools);
    }
    this.#onChange();
  }

  #add(key: string, { source, prefix }: Admitted): void {
    const server = new McpServer(this.#bridge, this.#cache, source, (changed) => this.#listed(changed));
    this.#members.set(key, { server, prefix, tools: new ServerTools(this.#context, this.#bridge, server, prefix) });
    if (server.lists !== undefined) return;
    this.#await(this.#list(server));
  }

  /** The server itself tells why it could not be listed. */
  #await(work: Promise<void>): void {
    const listing = work.catch(() => undefined).finally(() => this.#listing.delete(listing));
    this.#listing.add(listing);
  }

  /** Tries until the lists are known or the server is off. */
  async #list(server: McpServer): Promise<void> {
    const { signal } = this.#bridge;
    while (server.lists === undefined && !server.isGivenUp && !signal.aborted) {
      // The server itself has told why.
      await this.#lanes.run(() => server.list(signal)).catch(() => undefined);
    }
  }

  #listed(server: McpServer): void {
    const member = this.#members.get(server.key);
    if (member?.server !== server || server.lists === undefined) return;
    this.#offer(server, member.tools);
    this.#onChange();
  }

  #offer(server: McpServer, tools: ServerTools): void {
    const trusted = this.#isTrusted(server.key);
    tools.update(this.surfaces.admit(server, trusted), trusted);
    if (!this.surfaces.awaitsLists(server) || this.#relisted.has(server)) return;
    this.#relisted.add(server);
    this.#await(this.#lanes.run(() => server.listAnew(this.#bridge.signal)).then(() => this.#listed(server)));
  }

  #sources(): readonly ServerSource[] {
    const plugins = new Map(this.#inputs.plugins().map((loaded) => [loaded.plugin.id, loaded]));
    return this.#inputs.servers().map(({ plugin, value }) => {
      const loaded = plugins.get(plugin.id);
      return { plugin, server: value, userConfig: loaded?.manifest.userConfig ?? {}, options: loaded?.options ?? {} };
    });
  }

  /** Servers of a project need a trusted workspace and a person's yes to each. */
  #permitted({ admitted, skipped }: Admission) {
    const { projectDirectory, trusted } = this.#bridge.workspace;
    const refused = new Map(skipped);
    const allowed = admitted.filter((one) => {
      const { source } = one;
      if (!isOfProject(source)) return true;
      if (!trusted) {
        refused.set(source, "the workspace is not trusted");
        this.#unavailable(source, "the workspace is not trusted");
        return false;
      }
      const approval = this.#approvals.of(projectDirectory, source.server.name, sourceDigest(source));
      if (approval.kind === "approved") return true;
      const hint =
        approval.kind === "unknown"
          ? "; `/mcp approve NAME` says yes, or `enabledMcpjsonServers` in your own settings"
          : "";
      const reason = `${approval.reason}${hint.replace("NAME", source.server.name)}`;
      refused.set(source, reason);
      if (approval.kind === "unknown") this.#ask(source, reason);
      return false;
    });
    return { allowed, refused };
  }

  /** Keeps a person's answer about a server of the project that is not connected yet. `undefined` when there is none of that name. */
  async approve(name: string): Promise<boolean> {
    const source = this.#sources().find((one) => isOfProject(one) && one.server.name === name);
    if (source === undefined) return false;
    this.#approvals.remember(this.#bridge.workspace.projectDirectory, name, sourceDigest(source), true);
    await this.sync();
    return true;
  }

  #ask(source: ServerSource, reason: string): void {
    const digest = sourceDigest(source);
    if (this.#asked.has(digest)) return;
    this.#asked.add(digest);
    this.#askPerson(source, digest, reason).catch((error: unknown) => {
      if (!this.#bridge.signal.aborted) this.#bridge.log.warn(messageOf(error));
    });
  }

  async #askPerson(source: ServerSource, digest: string, reason: string): Promise<void> {
    const { workspace, signal } = this.#bridge;
    const person = await this.#bridge.person();
    if (person === undefined) this.#unavailable(source, reason);
    const answer = await person?.ask({
      kind: "trust",
      title: `connect ${describeServer(source)}, which this project brings?`,
      detail: written(source).map((line) => shownText(line).replaceAll(/[\n\r]+/gu, " ")),
      agentPath: [],
      choices: [
        { id: "allow", label: "yes, in this project" },
        { id: "deny", label: "no" },
      ],
      signal,
    });
    if (answer === undefined || signal.aborted) return;
    this.#approvals.remember(workspace.projectDirectory, source.server.name, digest, answer.choice === "allow");
    await this.sync();
  }

  #unavailable(source: ServerSource, reason: string): void {
    const message = notConnected(source, reason);
    if (this.#notified.has(message)) return;
    this.#notified.add(message);
    this.#bridge.notify("mcp-server-unavailable", message);
  }

  #isTrusted(key: string): boolean {
    return this.#bridge.settings
      .layers("trustedMcpServers")
      .some(
        ({ layer, value }) => layer !== "project" && layer !== "local" && Array.isArray(value) && value.includes(key),
      );
  }

  #warnOnce(message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#bridge.log.warn(message);
  }
}

/** One wording for the log and for the person: whoever hears both shows one. */
function notConnected(source: ServerSource, reason: string): string {
  return `${describeServer(source)} of \`${source.plugin.id}\` is not connected: ${reason}`;
}

/** The server as its file writes it: variables are named, not shown. */
function written({ server: { config } }: ServerSource): readonly string[] {
  if (config.transport === "bundle") return [config.location];
  if (config.transport !== "stdio") {
    const helper = config.headersHelper === undefined ? [] : [`headersHelper: ${config.headersHelper}`];
    return [config.url, ...Object.entries(config.headers).map(([name, value]) => `${name}: ${value}`), ...helper];
  }
  const env = Object.entries(config.env).map(([name, value]) => `${name}=${value}`);
  return [[config.command, ...config.args].map((part) => JSON.stringify(part)).join(" "), ...env];
}
