import { randomUUID } from "node:crypto";
import type { Message, Session, SessionOptions, TurnState } from "../../plugin-api/index.ts";

/** What a session of a test begins with. */
export interface MemorySessionOptions {
  readonly directory: string;
  readonly options?: Partial<SessionOptions> | undefined;
  readonly parent?: Session | undefined;
  readonly agent?: string | undefined;
  readonly tools?: readonly string[] | undefined;
}

/** A session that is kept in memory alone. */
export class MemorySession implements Session {
  readonly id: string = randomUUID();
  readonly projectDirectory: string;
  readonly agentPath: readonly string[];
  readonly parent: Session | undefined;
  readonly tools: readonly string[] | undefined;
  readonly #closing = new AbortController();
  readonly #messages: Message[] = [];
  readonly #notes = new Map<string, unknown[]>();
  #directory: string;
  #options: SessionOptions;
  #turn: TurnState = { allow: [], deny: [] };
  #system: readonly string[] | undefined;

  constructor({ directory, options, parent, agent, tools }: MemorySessionOptions) {
    this.projectDirectory = directory;
    this.#directory = directory;
    this.parent = parent;
    this.agentPath = [...(parent?.agentPath ?? []), ...(agent === undefined ? [] : [agent])];
    this.tools = tools;
    this.#options = { permissionMode: "default", allow: [], deny: [], ...options };
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

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  append(message: Message): void {
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
    this.#notes.set(key, [...this.notes(key), data]);
  }

  notes(key: string): readonly unknown[] {
    return this.#notes.get(key) ?? [];
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }
}
