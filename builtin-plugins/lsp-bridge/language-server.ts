import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { messageOf, type RunningProcess } from "plugsmith/plugin-api";
import {
  createProtocolConnection,
  type ClientCapabilities,
  type Diagnostic,
  type ProtocolConnection,
  type ServerCapabilities,
} from "vscode-languageserver-protocol/node";
import { FramedReader, FramedWriter } from "./framed-messages.ts";
import type { ServerOptions } from "./server-config.ts";

/** What a server is started with. */
export interface StartOptions {
  readonly process: RunningProcess;
  readonly options: ServerOptions;
  /** Absolute folder. */
  readonly folder: string;
  readonly languages: Readonly<Record<string, string>>;
  readonly log: (message: string) => void;
  /** Hears what the server pushes for a file, as often as it does. */
  readonly published: (file: string, diagnostics: readonly Diagnostic[]) => void;
}

const CAPABILITIES: ClientCapabilities = {
  textDocument: {
    synchronization: { didSave: true },
    publishDiagnostics: { relatedInformation: false },
    diagnostic: {},
    definition: { linkSupport: true },
    implementation: { linkSupport: true },
    references: {},
    hover: { contentFormat: ["plaintext", "markdown"] },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
  },
  workspace: { configuration: true, workspaceFolders: true, symbol: {} },
};

const DEFAULT_STARTUP_MS = 30_000;
const MAX_OPEN = 100;
const SETTLE_MS = 250;

/** A running server: its documents follow the files on disk, its diagnostics arrive by push or by pull. */
export class LanguageServer {
  readonly #options: StartOptions;
  readonly #connection: ProtocolConnection;
  readonly #versions = new Map<string, { readonly version: number; readonly text: string }>();
  readonly #pushed = new Map<string, readonly Diagnostic[]>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #ending = new AbortController();
  #capabilities: ServerCapabilities = {};
  #closed: string | undefined;

  private constructor(options: StartOptions) {
    this.#options = options;
    this.#connection = createProtocolConnection(new FramedReader(options.process), new FramedWriter(options.process));
  }

  /** Starts the conversation. Rejects when the server does not answer in time, or ends. */
  static async start(options: StartOptions): Promise<LanguageServer> {
    const server = new LanguageServer(options);
    try {
      await server.#initialize();
      return server;
    } catch (error) {
      server.#end(messageOf(error));
      await options.process.stop();
      throw error;
    }
  }

  /** Why it is gone; `undefined` while it lives. */
  get closed(): string | undefined {
    return this.#closed;
  }

  get capabilities(): ServerCapabilities {
    return this.#capabilities;
  }

  /** Sends a request. Rejects when the server is gone, answers an error, or the signal is aborted. */
  async request<Result>(method: string, params: unknown, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw new Error(this.#closed);
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([this.#connection.sendRequest<Result>(method, params), promise]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Brings a file as it is on disk before the server; returns its address. Throws when it cannot be read. */
  async show(file: string): Promise<string> {
    const uri = pathToFileURL(file).href;
    const text = readFileSync(file, "utf8");
    const open = this.#versions.get(uri);
    if (open?.text === text) return uri;
    const version = (open?.version ?? 0) + 1;
    this.#versions.delete(uri);
    this.#versions.set(uri, { version, text });
    this.#pushed.delete(uri);
    if (open === undefined) {
      const languageId = this.#options.languages[extensionOf(file)] ?? "plaintext";
      await this.#notify("textDocument/didOpen", { textDocument: { uri, languageId, version, text } });
      await this.#closeOldest();
    } else {
      const textDocument = { uri, version };
      await this.#notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
      await this.#notify("textDocument/didSave", { textDocument: { uri }, text });
    }
    return uri;
  }

  /** The diagnostics of a document that was shown, once the server has some for it; `undefined` when it stays silent. */
  async diagnostics(uri: string, waitMs: number, signal: AbortSignal): Promise<readonly Diagnostic[] | undefined> {
    const wait = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    try {
      if (this.#capabilities.diagnosticProvider !== undefined) {
        const report = await this.request<{ readonly items?: readonly Diagnostic[] }>(
          "textDocument/diagnostic",
          { textDocument: { uri } },
          wait,
        );
        // A server may answer that nothing changed, which leaves what it said before.
        return report.items ?? this.#pushed.get(uri);
      }
      return this.#pushed.get(uri) ?? (await this.#nextPush(uri, wait));
    } catch (error) {
      signal.throwIfAborted();
      if (wait.aborted) return undefined;
      throw error;
    }
  }

  /** Ends the conversation, then the program. */
  async stop(): Promise<void> {
    if (this.#closed === undefined) {
      const { shutdownTimeoutMs } = this.#options.options;
      const inTime = AbortSignal.timeout(shutdownTimeoutMs);
      try {
        await this.request("shutdown", undefined, inTime);
        await this.#notify("exit", undefined);
      } catch (error) {
        this.#options.log(`it did not shut down by itself: ${messageOf(error)}`);
      }
    }
    this.#end("it was stopped");
    await this.#options.process.stop();
  }

  async #initialize(): Promise<void> {
    const { process, options, folder, log } = this.#options;
    const connection = this.#connection;
    connection.onError(([error]) => this.#end(error.message));
    connection.onClose(() => this.#end("it ended"));
    connection.onNotification("textDocument/publishDiagnostics", (params: PublishedDiagnostics) =>
      this.#publish(params),
    );
    connection.onNotification("window/logMessage", ({ message }: { readonly message: string }) => log(message));
    connection.onRequest(
      "workspace/configuration",
      ({ items }: { readonly items: readonly { readonly section?: string }[] }) =>
        items.map(({ section }) => sectionOf(options.settings, section)),
    );
    connection.onRequest("client/registerCapability", () => null);
    connection.onRequest("client/unregisterCapability", () => null);
    connection.onRequest("window/workDoneProgress/create", () => null);
    process.onErrorOutput((chunk) => log(Buffer.from(chunk).toString("utf8").trimEnd()));
    process.ended.catch((error: unknown) => this.#end(messageOf(error)));
    connection.listen();
    const uri = pathToFileURL(folder).href;
    const startupMs = options.startupTimeoutMs ?? DEFAULT_STARTUP_MS;
    const { capabilities } = await this.request<{ readonly capabilities: ServerCapabilities }>(
      "initialize",
      {
        processId: null,
        clientInfo: { name: "plugsmith" },
        rootUri: uri,
        rootPath: folder,
        workspaceFolders: [{ uri, name: folder }],
        capabilities: CAPABILITIES,
        initializationOptions: options.initializationOptions,
      },
      AbortSignal.any([this.#ending.signal, AbortSignal.timeout(startupMs)]),
    );
    this.#capabilities = capabilities;
    await this.#notify("initialized", {});
    if (options.settings !== undefined) {
      await this.#notify("workspace/didChangeConfiguration", { settings: options.settings });
    }
  }

  #end(why: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    this.#ending.abort(new Error(why));
    this.#connection.dispose();
    for (const listeners of this.#waiting.values()) for (const wake of listeners) wake();
  }

  async #notify(method: string, params: unknown): Promise<void> {
    if (this.#closed !== undefined) throw new Error(this.#closed);
    await this.#connection.sendNotification(method, params);
  }

  #publish({ uri, diagnostics }: PublishedDiagnostics): void {
    // A server may escape an address otherwise than we do.
    const known = this.#versions.has(uri) ? uri : pathToFileURL(decodeURIComponent(new URL(uri).pathname)).href;
    this.#pushed.set(known, diagnostics);
    this.#options.published(fileURLToPath(known), diagnostics);
    for (const wake of this.#waiting.get(known) ?? []) wake();
  }

  /** Many servers first push what they see at once and then what they thought about: the last push before a pause counts. */
  async #nextPush(uri: string, wait: AbortSignal): Promise<readonly Diagnostic[] | undefined> {
    await this.#push(uri, wait);
    let seen = this.#pushed.get(uri);
    for (;;) {
      await this.#push(uri, AbortSignal.any([wait, AbortSignal.timeout(SETTLE_MS)]));
      const now = this.#pushed.get(uri);
      if (now === seen) return now;
      seen = now;
    }
  }

  async #push(uri: string, wait: AbortSignal): Promise<void> {
    if (wait.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const listeners = this.#waiting.get(uri) ?? new Set();
    this.#waiting.set(uri, listeners.add(resolve));
    wait.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    listeners.delete(resolve);
  }

  async #closeOldest(): Promise<void> {
    const [oldest] = this.#versions.keys();
    if (this.#versions.size <= MAX_OPEN || oldest === undefined) return;
    this.#versions.delete(oldest);
    this.#pushed.delete(oldest);
    await this.#notify("textDocument/didClose", { textDocument: { uri: oldest } });
  }
}

interface PublishedDiagnostics {
  readonly uri: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The extension of a file with its dot, in lower case. */
export function extensionOf(file: string): string {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot).toLowerCase();
}

function sectionOf(settings: unknown, section: string | undefined): unknown {
  let value = settings;
  for (const key of section === undefined || section === "" ? [] : section.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value ?? null;
}
