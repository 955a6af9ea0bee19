import { randomUUID } from "node:crypto";
import { callsOf, orderProblem } from "../../builtin-plugins/transcript/message-order.ts";
import type { Message, OpenSession, Session, SessionOptions, Sessions, TurnState } from "../../plugin-api/index.ts";

const NOTHING: TurnState = { allow: [], deny: [] };

/** A session that lives in memory; a second one over the same notes is the session after a resume. */
export class MemorySession implements Session {
  readonly id: string;
  readonly projectDirectory: string;
  readonly agentPath: readonly string[];
  readonly parent: Session | undefined;
  readonly isIsolated: boolean;
  readonly tools: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly #end = new AbortController();
  readonly #notes: Map<string, unknown[]>;
  readonly #messages: Message[] = [];
  #directory: string;
  #options: SessionOptions;
  #turn: TurnState = NOTHING;
  #system: readonly string[] | undefined;

  constructor(request: OpenSession, notes: Map<string, unknown[]> = new Map()) {
    const { directory, parent, agent, tools, options } = request;
    this.id = `session-${agent ?? "main"}-${randomUUID()}`;
    this.isIsolated = request.isIsolated ?? parent?.isIsolated === true;
    this.projectDirectory = this.isIsolated ? directory : (parent?.projectDirectory ?? directory);
    this.#directory = directory;
    this.parent = parent;
    this.tools = tools;
    this.agentPath = [...(parent?.agentPath ?? []), ...(agent === undefined ? [] : [agent])];
    this.#options = { permissionMode: "default", allow: [], deny: [], ...options };
    this.#notes = notes;
    this.signal = this.#end.signal;
  }

  get directory(): string {
    return this.#directory;
  }
  get options(): SessionOptions {
    return this.#options;
  }
  get turn(): TurnState {
    return this.#turn;
  }
  get system(): readonly string[] | undefined {
    return this.#system;
  }
  get messages(): readonly Message[] {
    return this.#messages;
  }

  append(message: Message): void {
    const calls = this.#messages.flatMap((before) => callsOf(before));
    const problem = this.signal.aborted ? "it is closed" : orderProblem(this.#messages.at(-1), message, new Set(calls));
    if (problem !== undefined) throw new Error(`session \`${this.id}\` takes no such message: ${problem}`);
    this.#messages.push(message);
  }
  setSystem(system: readonly string[]): void {
    this.#system = system;
  }
  setOptions(options: Partial<SessionOptions>): void {
    this.#options = { ...this.#options, ...options };
  }
  setTurn(turn: TurnState): void {
    this.#turn = turn;
  }
  setDirectory(directory: string): void {
    this.#directory = directory;
  }
  note(key: string, data: unknown): void {
    // As a recorded session would read it back.
    this.#notes.set(key, [...(this.#notes.get(key) ?? []), JSON.parse(JSON.stringify(data))]);
  }
  notes(key: string): readonly unknown[] {
    return this.#notes.get(key) ?? [];
  }
  async close(): Promise<void> {
    this.#end.abort();
  }

  /** The same conversation as a later process opens it. */
  resumed(): MemorySession {
    return new MemorySession({ directory: this.projectDirectory, options: this.#options }, this.#notes);
  }
}

/** Opens sessions in memory and remembers them. */
export class MemorySessions implements Sessions {
  readonly opened: MemorySession[] = [];

  async open(request: OpenSession): Promise<Session> {
    const session = new MemorySession(request);
    this.opened.push(session);
    return session;
  }
  async list(): Promise<readonly []> {
    return [];
  }
}
