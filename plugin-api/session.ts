import type { Message } from "./message.ts";

/** How tools are decided on when no rule speaks. */
export type PermissionMode = "default" | "acceptEdits" | "plan" | "dontAsk" | "bypassPermissions";

/** What a person chose for a session; changed between turns. */
export interface SessionOptions {
  readonly model?: string | undefined;
  readonly effort?: string | undefined;
  readonly permissionMode: PermissionMode;
  /** Names and permission rules, as `--allowed-tools` takes them. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly outputStyle?: string | undefined;
  /** The agent whose definition the main conversation runs under. */
  readonly agent?: string | undefined;
  /** Absolute folders beside the project that the session may work in. */
  readonly additionalDirectories?: readonly string[] | undefined;
  /** Leaves out what AGENTS.md and CLAUDE.md say. */
  readonly omitInstructions?: boolean | undefined;
}

/** What holds until the next prompt of the person: grants of skills and commands, a model for this turn. */
export interface TurnState {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly model?: string | undefined;
  readonly effort?: string | undefined;
}

/** A long-lived conversation. `messages` grows at its end only. */
export interface Session {
  readonly id: string;
  /** Absolute directory that the session was started in; never changes. */
  readonly projectDirectory: string;
  /** Absolute working directory of tools. */
  readonly directory: string;
  /** Absolute; absent when nothing is recorded. */
  readonly transcriptPath?: string | undefined;
  /** Names of the agents down to this one; empty for the conversation with the person. */
  readonly agentPath: readonly string[];
  readonly parent?: Session | undefined;
  /** It works in a copy of the project; the project itself lies outside of its folders. */
  readonly isIsolated?: boolean | undefined;
  /** Tools, or rules like `Write(~/notes/**)`, that this agent may use at most; absent means all. A child's are held against every ancestor's too. */
  readonly tools?: readonly string[] | undefined;
  readonly options: SessionOptions;
  readonly turn: TurnState;
  /** The system prompt as it was first sent. */
  readonly system: readonly string[] | undefined;
  readonly messages: readonly Message[];
  /** Aborted when the session is closed. */
  readonly signal: AbortSignal;
  /** Appends a message; durable before it returns where the session is recorded. Throws `E_SESSION` for a list that no model takes. */
  append(message: Message): void;
  setSystem(system: readonly string[]): void;
  setOptions(options: Partial<SessionOptions>): void;
  setTurn(turn: TurnState): void;
  setDirectory(directory: string): void;
  /** Records a fact under a key of the caller's, e.g. a skill that was latched; there again after `--resume`. */
  note(key: string, data: unknown): void;
  /** What was recorded under a key, oldest first. */
  notes(key: string): readonly unknown[];
  close(): Promise<void>;
}

/** How a session is opened. */
export interface OpenSession {
  readonly directory: string;
  readonly options?: Partial<SessionOptions> | undefined;
  /** The id of a recorded session, or the newest of the directory. */
  readonly resume?: string | "latest" | undefined;
  /** `false` writes nothing. */
  readonly recorded?: boolean | undefined;
  readonly parent?: Session | undefined;
  /** Label of a child. */
  readonly agent?: string | undefined;
  /** `directory` is a copy of the project; agents below are in it too. */
  readonly isIsolated?: boolean | undefined;
  readonly tools?: readonly string[] | undefined;
}

/** Opens sessions: the service of `transcript`. */
export interface Sessions {
  open(request: OpenSession): Promise<Session>;
  list(
    directory: string,
  ): Promise<readonly { readonly id: string; readonly updatedAt: string; readonly title: string }[]>;
}
