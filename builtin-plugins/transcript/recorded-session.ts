import type { Message, Session, SessionOptions, TurnState } from "plugsmith/plugin-api";
import type { Entry } from "./entry.ts";
import { callsOf, orderProblem } from "./message-order.ts";
import { SessionError } from "./session-error.ts";

/** Where entries are kept. */
export interface EntryFile {
  readonly path: string;
  write(entry: Entry): void;
  /** Makes what was written safe against a power failure. */
  sync(): void;
  close(): void;
}

/** What a session begins with. */
export interface SessionBeginning {
  readonly id: string;
  readonly projectDirectory: string;
  readonly agentPath: readonly string[];
  readonly parent: Session | undefined;
  readonly isIsolated: boolean;
  readonly tools: readonly string[] | undefined;
  readonly options: SessionOptions;
  /** Entries of an earlier process. */
  readonly entries: readonly Entry[];
  /** Takes new entries; absent when nothing is recorded. */
  readonly file: EntryFile | undefined;
  /** Runs once, before the file is closed; what it does is still recorded. */
  readonly onEnd: (session: Session) => Promise<void>;
}

const INTERRUPTED = "interrupted, outcome unknown";
const NO_ANSWER = "[no answer: the session ended before]";

/** A session in memory; every change is recorded before it can be seen. */
export class RecordedSession implements Session {
  readonly id: string;
  readonly projectDirectory: string;
  readonly transcriptPath: string | undefined;
  readonly agentPath: readonly string[];
  readonly parent: Session | undefined;
  readonly isIsolated: boolean;
  readonly tools: readonly string[] | undefined;
  readonly #file: EntryFile | undefined;
  readonly #onEnd: (session: Session) => Promise<void>;
  readonly #end = new AbortController();
  readonly #messages: Message[] = [];
  readonly #calls = new Set<string>();
  readonly #notes = new Map<string, unknown[]>();
  #system: readonly string[] | undefined;
  #options: SessionOptions;
  #turn: TurnState = { allow: [], deny: [] };
  #directory: string;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(beginning: SessionBeginning) {
    this.id = beginning.id;
    this.projectDirectory = beginning.projectDirectory;
    this.transcriptPath = beginning.file?.path;
    this.agentPath = beginning.agentPath;
    this.parent = beginning.parent;
    this.isIsolated = beginning.isIsolated;
    this.tools = beginning.tools;
    this.#options = beginning.options;
    this.#directory = beginning.projectDirectory;
    this.#file = beginning.file;
    this.#onEnd = beginning.onEnd;
    for (const entry of beginning.entries) this.#replay(entry);
    if (beginning.entries.length > 0) this.#mend();
  }

  get options(): SessionOptions {
    return this.#options;
  }

  get turn(): TurnState {
    return this.#turn;
  }

  get directory(): string {
    return this.#directory;
  }

  get system(): readonly string[] | undefined {
    return this.#system;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  append(message: Message): void {
    this.#requireOpen();
    this.#requireOrder(message);
    this.#file?.write({ type: "message", at: new Date().toISOString(), message });
    this.#add(message);
    // The end of every turn, however it ends; once a step would be felt.
    if (message.role === "assistant" && callsOf(message).length === 0) this.#file?.sync();
  }

  setSystem(system: readonly string[]): void {
    this.#write({ type: "system", system });
  }

  setOptions(options: Partial<SessionOptions>): void {
    this.#write({ type: "options", options: { ...this.#options, ...options } });
  }

  /** Not recorded: it holds until the next prompt only. */
  setTurn(turn: TurnState): void {
    this.#turn = turn;
  }

  setDirectory(directory: string): void {
    this.#write({ type: "directory", directory });
  }

  note(key: string, data: unknown): void {
    this.#write({ type: "note", key, data });
  }

  notes(key: string): readonly unknown[] {
    return this.#notes.get(key) ?? [];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end.abort(new SessionError(`session \`${this.id}\` was closed`));
    try {
      await this.#onEnd(this);
    } finally {
      this.#closed = true;
      this.#file?.close();
    }
  }

  #write(entry: Entry): void {
    this.#requireOpen();
    this.#file?.write(entry);
    this.#replay(entry);
  }

  #replay(entry: Entry): void {
    switch (entry.type) {
      case "message":
        this.#requireOrder(entry.message);
        this.#add(entry.message);
        break;
      case "system":
        this.#system = entry.system;
        break;
      case "options":
        this.#options = entry.options;
        break;
      case "directory":
        this.#directory = entry.directory;
        break;
      case "note":
        this.#noted(entry.key).push(entry.data);
        break;
      default:
        // The beginning was read before, the end says nothing, and kinds of later versions are left alone.
        break;
    }
  }

  #noted(key: string): unknown[] {
    const notes = this.#notes.get(key) ?? [];
    this.#notes.set(key, notes);
    return notes;
  }

  /** Answers what an earlier process left open, so that a prompt can follow. */
  #mend(): void {
    const open = callsOf(this.#messages.at(-1));
    if (open.length > 0) {
      const content = open.map((id) => ({
        type: "tool_result" as const,
        tool_use_id: id,
        content: [{ type: "text" as const, text: INTERRUPTED }],
        is_error: true,
      }));
      this.append({ role: "user", content });
    }
    if (this.#messages.at(-1)?.role === "user") {
      this.append({ role: "assistant", content: [{ type: "text", text: NO_ANSWER }] });
    }
  }

  #add(message: Message): void {
    // A list of its own, and no longer than it must be.
    this.#messages.push({ role: message.role, content: [...message.content] });
    for (const id of callsOf(message)) this.#calls.add(id);
  }

  #requireOrder(message: Message): void {
    const problem = orderProblem(this.#messages.at(-1), message, this.#calls);
    if (problem === undefined) return;
    throw new SessionError(
      `message ${String(this.#messages.length + 1)} of session \`${this.id}\` does not fit: ${problem}`,
    );
  }

  #requireOpen(): void {
    if (this.#closed) throw new SessionError(`session \`${this.id}\` is closed`);
  }
}
