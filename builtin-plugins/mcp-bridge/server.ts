import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "plugsmith/plugin-api";
import { Attempts } from "./attempts.ts";
import type { Bridge } from "./bridge.ts";
import { Callers } from "./callers.ts";
import type { Connection } from "./connection.ts";
import { Connector, type SignInMode } from "./connector.ts";
import type { ListCache } from "./list-cache.ts";
import type { ServerLists } from "./listed.ts";
import { describeServer, serverKey, sourceDigest, type ServerSource } from "./server-source.ts";
import { isUnreachable, SignInNeeded, Unready } from "./unready.ts";
import { SharedAttempt } from "./shared-attempt.ts";
import { Subscriptions } from "./subscriptions.ts";

const REFRESH_PAUSE_MS = 500;
/** Of a failure's reason, which may quote what a server sent. */
const MAX_REASON = 1_000;

/** What a server does at the moment. */
export type ServerState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected"; readonly connection: Connection }
  | { readonly kind: "failed"; readonly reason: string };

/** One MCP server: started when it is first needed, started again after pauses when it fails, off when it fails too often. */
export class McpServer {
  readonly source: ServerSource;
  readonly key: string;
  readonly digest: string;
  /** The sessions whose calls it works on. */
  readonly callers: Callers = new Callers();
  readonly subscriptions: Subscriptions;
  readonly #bridge: Bridge;
  readonly #cache: ListCache;
  readonly #connector: Connector;
  readonly #log: Log;
  readonly #attempts: Attempts;
  readonly #onLists: (server: McpServer) => void;
  readonly #end = new AbortController();
  #state: ServerState = { kind: "idle" };
  #attempt: SharedAttempt<Connection> | undefined;
  #lists: ServerLists | undefined;
  #isCached: boolean;
  #refreshing = false;
  #stale = false;
  #unready = false;
  /** A failure that nobody was told of, because the server may yet come up. */
  #untold: string | undefined;

  constructor(bridge: Bridge, cache: ListCache, source: ServerSource, onLists: (server: McpServer) => void) {
    this.source = source;
    this.key = serverKey(source);
    this.digest = sourceDigest(source);
    this.#bridge = bridge;
    this.#cache = cache;
    this.#log = prefixed(bridge.log, describeServer(source));
    this.subscriptions = new Subscriptions(bridge.limits.callMs, this.#log);
    this.#connector = new Connector(bridge, source, this.callers, this.#log);
    this.#attempts = new Attempts(bridge.limits.attempts);
    this.#onLists = onLists;
    this.#lists = cache.load(this.digest);
    this.#isCached = this.#lists !== undefined;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** What it offers, from the cache or the running server; `undefined` before either is known. */
  get lists(): ServerLists | undefined {
    return this.#lists;
  }

  /** Whether its lists are those of an earlier run. */
  get isCached(): boolean {
    return this.#isCached;
  }

  get log(): Log {
    return this.#log;
  }

  /** Starts it, and waits until its lists are known. Rejects with why not. */
  async list(signal: AbortSignal): Promise<void> {
    await this.use(async () => {
      if (this.#lists === undefined) throw new Error("its lists could not be read");
    }, signal);
  }

  /** Starts it, and reads its lists whether or not they are known. Rejects with why not. */
  async listAnew(signal: AbortSignal): Promise<void> {
    await this.use(async (connection) => void (await this.#read(connection, signal)), signal);
  }

  /** Whether trying once more by itself is of no use. */
  get isGivenUp(): boolean {
    return this.#unready || this.#end.signal.aborted || this.#attempts.off(performance.now()) !== undefined;
  }

  /** Runs `work` on the connection, which is opened first where there is none. Rejects with a message that names the server. */
  async use<Result>(
    work: (connection: Connection) => Promise<Result>,
    signal: AbortSignal,
    mode: SignInMode = "ask",
  ): Promise<Result> {
    try {
      return await work(await this.#connected(mode, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (this.#state.kind !== "connected") throw this.#named(error);
      if (isUnreachable(error)) {
        await this.#drop();
        this.#count(messageOf(error));
      }
      // The server refused before it did anything, so it is asked again: after a new sign-in, in a new session.
      if (!(error instanceof SignInNeeded) && !isSessionGone(error)) throw this.#named(error);
      await this.#drop();
      try {
        return await work(await this.#connected(mode, signal));
      } catch (again) {
        signal.throwIfAborted();
        throw this.#named(again);
      }
    }
  }

  /** Forgets failures and the running connection: the next use starts anew. */
  async reset(): Promise<void> {
    this.#attempts.forget();
    await this.#drop();
  }

  signOut(): Promise<boolean> {
    return this.#connector.signOut();
  }

  async close(): Promise<void> {
    this.#end.abort(new Error("it was closed"));
    if (this.#untold !== undefined) this.#log.warn(this.#untold);
    await this.#drop();
  }

  async #connected(mode: SignInMode, signal: AbortSignal): Promise<Connection> {
    if (this.#state.kind === "connected") return this.#state.connection;
    const off = this.#attempts.off(performance.now());
    if (off !== undefined)
      throw new Error(`${off}; it is off for some minutes, \`/mcp reconnect ${this.key}\` tries again`);
    if (this.#attempt === undefined || this.#attempt.isAbandoned || mode === "now") {
      const ended = AbortSignal.any([this.#bridge.signal, this.#end.signal]);
      const attempt = new SharedAttempt((given) => this.#connect(mode, given), ended);
      this.#attempt = attempt;
    }
    return this.#attempt.wait(signal);
  }

  async #connect(mode: SignInMode, signal: AbortSignal): Promise<Connection> {
    this.#state = { kind: "connecting" };
    const openedAt = performance.now();
    let closed: string | undefined;
    try {
      const waitMs = this.#attempts.pauseMs(openedAt);
      if (waitMs > 0) await pause(waitMs, undefined, { signal });
      const events = {
        onListChanged: () => this.#changed(),
        onUpdated: (uri: string) => this.subscriptions.updated(uri),
        onClosed: (reason: string) => {
          closed = reason;
          this.#lost(reason);
        },
      };
      const connection = await this.#connector.connect(events, mode, signal);
      const lists = this.#lists === undefined ? await this.#read(connection, signal) : undefined;
      if (closed !== undefined) throw new Error(closed);
      this.#state = { kind: "connected", connection };
      this.#untold = undefined;
      this.subscriptions.renew(connection);
      if (lists === undefined) this.#changed();
      return connection;
    } catch (error) {
      this.#failed(error, closed !== undefined, signal);
      throw error;
    } finally {
      this.#attempt = undefined;
    }
  }

  async #read(connection: Connection, signal: AbortSignal): Promise<ServerLists> {
    let lists: ServerLists;
    try {
      lists = await connection.lists({ signal, timeoutMs: this.#bridge.limits.connectMs });
    } catch (error) {
      if (this.#state.kind !== "connected") await connection.close();
      throw error;
    }
    const changed = JSON.stringify(lists) !== JSON.stringify(this.#lists);
    this.#isCached = false;
    this.#lists = lists;
    if (changed) {
      this.#onLists(this);
      try {
        this.#cache.store(this.digest, lists);
      } catch (error) {
        this.#log.warn(`its lists could not be kept: ${messageOf(error)}`);
      }
    }
    return lists;
  }

  /** Asks again for the lists, once at a time however often the server says that they changed. */
  #changed(): void {
    this.#stale = true;
    if (this.#refreshing || this.#state.kind !== "connected") return;
    const { connection } = this.#state;
    this.#refreshing = true;
    const refresh = async (): Promise<void> => {
      while (this.#stale && !this.#end.signal.aborted) {
        this.#stale = false;
        await this.#read(connection, this.#end.signal);
        await pause(REFRESH_PAUSE_MS, undefined, { signal: this.#end.signal, ref: false });
      }
    };
    refresh()
      .catch((error: unknown) => {
        if (!this.#end.signal.aborted) this.#log.warn(`its lists could not be refreshed: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#refreshing = false;
      });
  }

  #lost(reason: string): void {
    if (this.#end.signal.aborted) return;
    const { kind } = this.#state;
    if (kind === "idle" || kind === "failed") return;
    this.#state = { kind: "failed", reason };
    this.#count(reason);
  }

  #failed(error: unknown, counted: boolean, signal: AbortSignal): void {
    const reason = messageOf(error);
    this.#state = signal.aborted ? { kind: "idle" } : { kind: "failed", reason };
    if (signal.aborted || counted) return;
    this.#unready = error instanceof Unready;
    if (!this.#unready) this.#count(reason);
    else this.#tell("mcp-server-unavailable", `${describeServer(this.source)} is not connected: ${reason}`);
  }

  #count(reason: string): void {
    this.#log.info(reason);
    this.#untold = reason;
    if (!this.#attempts.failed(reason, performance.now())) return;
    const hint = `\`/mcp reconnect ${this.key}\` tries again`;
    this.#tell("mcp-server-off", `${describeServer(this.source)} is off: ${reason}; ${hint}`);
  }

  /** In the same words wherever it is told: whoever hears both shows one. */
  #tell(kind: string, message: string): void {
    this.#untold = undefined;
    this.#bridge.log.warn(message);
    this.#bridge.notify(kind, message);
  }

  async #drop(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: "idle" };
    if (state.kind === "connected") await state.connection.close();
  }

  #named(error: unknown): Error {
    return new Error(`${describeServer(this.source)}: ${messageOf(error)}`, { cause: error });
  }
}

/** A streamable HTTP server no longer knows the session, e.g. after it was started anew. */
function isSessionGone(error: unknown): boolean {
  return error instanceof Error && error.name === "Error" && "code" in error && error.code === 404;
}

/** `fetch` hides what went wrong in the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!isUnreachable(error) || !(cause instanceof Error)) return error.message.slice(0, MAX_REASON);
  return `it cannot be reached: ${"code" in cause ? String(cause.code) : cause.message}`;
}

function prefixed(log: Log, name: string): Log {
  return {
    debug: (message) => log.debug(`${name}: ${message}`),
    info: (message) => log.info(`${name}: ${message}`),
    warn: (message) => log.warn(`${name}: ${message}`),
  };
}
