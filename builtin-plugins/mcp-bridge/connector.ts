import { mkdirSync } from "node:fs";
import { messageOf, type Log } from "plugsmith/plugin-api";
import type { Bridge } from "./bridge.ts";
import type { Connection } from "./connection.ts";
import type { Callers } from "./callers.ts";
import { elicitation, type Answers } from "./elicitation.ts";
import { resolveEndpoint, type Endpoint } from "./endpoint.ts";
import { CredentialStore } from "./oauth/credential-store.ts";
import type { RemoteEndpoint, RemoteTransport } from "./remote-transport.ts";
import { isUnreachable, SignInNeeded, Unready } from "./unready.ts";
import { describeServer, serverKey, type ServerSource } from "./server-source.ts";

/** How a connection is watched. */
export interface ConnectorEvents {
  readonly onListChanged: () => void;
  readonly onUpdated: (uri: string) => void;
  readonly onClosed: (reason: string) => void;
}

/** What may be done about a missing sign-in: `ask` the person once, `now` because the person said so, `never`. */
export type SignInMode = "ask" | "now" | "never";

/** Starts or reaches one server. The SDK is loaded by the first attempt, each transport by its first use. */
export class Connector {
  readonly #bridge: Bridge;
  readonly #source: ServerSource;
  readonly #callers: Callers;
  readonly #log: Log;
  #declined = false;

  constructor(bridge: Bridge, source: ServerSource, callers: Callers, log: Log) {
    this.#bridge = bridge;
    this.#source = source;
    this.#callers = callers;
    this.#log = log;
  }

  /** Rejects with why not, in words that follow the server's name. */
  async connect(events: ConnectorEvents, mode: SignInMode, signal: AbortSignal): Promise<Connection> {
    const secrets = await this.#bridge.secrets();
    const resolved = await resolveEndpoint(this.#source, { workspace: this.#bridge.workspace, secrets });
    if (resolved.kind === "problem") throw new Unready(resolved.problem);
    const { endpoint } = resolved;
    if (endpoint.transport === "stdio") return this.#start(endpoint, resolved.secrets, events, signal);
    return this.#reach(endpoint, events, mode, signal);
  }

  /** Forgets a sign-in; says whether there was one. */
  async signOut(): Promise<boolean> {
    const resolved = await resolveEndpoint(this.#source, { workspace: this.#bridge.workspace });
    if (resolved.kind === "problem" || resolved.endpoint.transport === "stdio") return false;
    return (await this.#store(resolved.endpoint)).clear();
  }

  async #start(
    endpoint: Extract<Endpoint, { readonly transport: "stdio" }>,
    secretValues: readonly string[],
    events: ConnectorEvents,
    signal: AbortSignal,
  ): Promise<Connection> {
    const { plugin } = this.#source;
    const { StdioTransport } = await import("./stdio-transport.ts");
    mkdirSync(plugin.dataDirectory, { recursive: true, mode: 0o700 });
    const process = this.#bridge.processes.start({
      plugin,
      purpose: `MCP server ${serverKey(this.#source)}`,
      command: endpoint.command,
      args: endpoint.args,
      directory: endpoint.directory,
      environment: endpoint.environment,
      secrets: secretValues,
      signal: this.#bridge.signal,
    });
    const transport = new StdioTransport(process, this.#log);
    return this.#open(transport, () => transport.ending, events, signal);
  }

  async #reach(
    endpoint: RemoteEndpoint,
    events: ConnectorEvents,
    mode: SignInMode,
    signal: AbortSignal,
  ): Promise<Connection> {
    const { processes, workspace } = this.#bridge;
    const { remoteTransport } = await import("./remote-transport.ts");
    const source = this.#source;
    const store = await this.#store(endpoint);
    const helper = async (): Promise<Readonly<Record<string, string>>> => {
      const { helperHeaders } = await import("./headers-helper.ts");
      const command = endpoint.headersHelper ?? "";
      return helperHeaders({ source, helper: command, url: endpoint.url, processes, workspace, signal });
    };
    for (let signedIn = false; ; signedIn = true) {
      const remote = await remoteTransport(endpoint, store, helper, (reason) => this.#log.warn(reason));
      try {
        return await this.#open(remote.transport, remote.ending, events, signal);
      } catch (error) {
        if (!(error instanceof SignInNeeded) || signedIn) throw error;
        await this.#signIn(endpoint, remote, store, mode, signal, error.message);
      }
    }
  }

  async #signIn(
    endpoint: RemoteEndpoint,
    { fetch, settings, challenge }: Pick<RemoteTransport, "fetch" | "settings" | "challenge">,
    store: CredentialStore,
    mode: SignInMode,
    signal: AbortSignal,
    why: string,
  ): Promise<void> {
    const person = await this.#bridge.person();
    const name = describeServer(this.#source);
    const command = `/mcp sign-in ${serverKey(this.#source)}`;
    if (mode !== "now" && (mode === "never" || this.#declined || person === undefined)) {
      throw new SignInNeeded(`${why}; \`plugsmith -p "${command}"\` in a terminal signs in`);
    }
    const { signIn } = await import("./oauth/sign-in.ts");
    const { notify } = this.#bridge;
    const show = async (url: string, shown: AbortSignal): Promise<void> => {
      if (person === undefined) {
        notify("mcp-sign-in", `open ${url} in a browser on this machine to sign in at ${name}`);
        return;
      }
      const answer = await person.ask({
        kind: "sign-in",
        title: `sign in at ${name}`,
        detail: [url],
        agentPath: [],
        choices: [{ id: "cancel", label: "not now" }],
        signal: shown,
      });
      if (shown.aborted) return;
      this.#declined = true;
      const said = answer === undefined ? "nobody signed in" : "the person did not want to sign in";
      throw new SignInNeeded(`${said}; \`${command}\` asks again`);
    };
    try {
      await signIn({ server: new URL(endpoint.url), store, settings, fetch, challenge: challenge(), show, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Unready || isUnreachable(error)) throw error;
      // Every try shows the person a page: the next one is theirs to begin.
      throw new SignInNeeded(`${messageOf(error)}; \`${command}\` tries again`, { cause: error });
    }
    this.#declined = false;
    notify("auth_success", `signed in at ${name}`);
  }

  async #store(endpoint: RemoteEndpoint): Promise<CredentialStore> {
    const { plugin, server } = this.#source;
    return new CredentialStore(await this.#bridge.secrets(), {
      plugin: plugin.id,
      name: server.name,
      url: endpoint.url,
    });
  }

  async #open(
    transport: Parameters<typeof Connection.open>[0]["transport"],
    ending: () => string | undefined,
    events: ConnectorEvents,
    signal: AbortSignal,
  ): Promise<Connection> {
    const { Connection } = await import("./connection.ts");
    const { workspace, limits } = this.#bridge;
    const name = describeServer(this.#source);
    return Connection.open({
      transport,
      ending,
      projectDirectory: workspace.projectDirectory,
      connectMs: limits.connectMs,
      log: this.#log,
      onListChanged: events.onListChanged,
      onUpdated: events.onUpdated,
      onClosed: () => events.onClosed(ending() ?? "it closed the connection"),
      onCompleted: (id) => this.#bridge.notify("elicitation_complete", `${name} is done with what was opened (${id})`),
      ...((await this.#canAnswer()) && { elicit: this.#elicitation(name) }),
      signal,
    });
  }

  /** A server may ask only where a person or a hook can answer. */
  async #canAnswer(): Promise<boolean> {
    if ((await this.#bridge.person()) !== undefined) return true;
    return this.#bridge
      .plugins()
      .some(
        ({ state, manifest }) =>
          state !== "held" &&
          state !== "failed" &&
          manifest.contributions.some((one) => one.kind === "hook" && one.event === "Elicitation"),
      );
  }

  #elicitation(label: string): Answers {
    const { emit, person } = this.#bridge;
    return elicitation({ emit, person, session: () => this.#callers.newest, server: serverKey(this.#source), label });
  }
}
