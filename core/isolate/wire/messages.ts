import type { EventKind } from "../../../plugin-api/event.ts";
import type { PluginInfo } from "../../../plugin-api/plugin-info.ts";

/** What the host asks of a plugin's process. All values are JSON. */
export interface HostRequests {
  readonly activate: Activation;
  /** Runs the function behind a guarded contribution. */
  readonly call: {
    readonly contribution: number;
    /** Names the call in `progress`. */
    readonly call: number;
    readonly input: unknown;
    readonly callId: string;
    readonly context: unknown;
  };
  /** Runs a listener; the answer is its value. */
  readonly hear: { readonly listener: number; readonly payload: unknown };
  /** Runs a method of a service that the plugin provides. */
  readonly method: ServiceCall & { readonly service: number };
  /** Runs what the plugin registered for its disposal; the answer is the messages of what failed. */
  readonly dispose: Readonly<Record<never, never>>;
  /** Says that the process still listens. */
  readonly ping: Readonly<Record<never, never>>;
}

/** What a plugin's process asks of the host, which takes every field for hostile. */
export interface ChildRequests {
  readonly contribute: {
    readonly id: number;
    readonly point: string;
    readonly guarded: boolean;
    readonly name: string;
    /** Of a guarded point the descriptor. */
    readonly value: unknown;
  };
  readonly listen: { readonly id: number; readonly event: WireEvent; readonly options: WireListenOptions };
  readonly provide: { readonly id: number; readonly service: string; readonly methods: readonly string[] };
  /** Takes a registration back. */
  readonly withdraw: { readonly id: number };
  readonly emit: { readonly event: WireEvent; readonly payload: unknown; readonly name?: string | undefined };
  /** Answered with `FoundService`, or null when nobody provides it. */
  readonly find: { readonly service: string };
  readonly invoke: ServiceCall & { readonly service: string };
  /** Answered with the items of one of the plugin's own points; changes come as `items`. */
  readonly read: { readonly id: number; readonly point: string };
}

/** What the plugin's process tells the host without an answer. */
export interface ChildNotices {
  readonly log: { readonly level: "debug" | "info" | "warn"; readonly message: string };
  readonly progress: { readonly call: number; readonly text: string };
}

/** What the host tells the plugin's process without an answer. */
export interface HostNotices {
  readonly items: { readonly id: number; readonly items: readonly unknown[] };
}

/** How a plugin is started. */
export interface Activation {
  readonly plugin: PluginInfo;
  readonly options: Readonly<Record<string, unknown>>;
  /** Absolute path. */
  readonly entry: string;
  /** Absolute paths of modules by the names under which plugins import them. */
  readonly modules: Readonly<Record<string, string>>;
}

/** An event without its function. */
export interface WireEvent {
  readonly key: string;
  readonly kind: EventKind;
  /** Absent means without a limit. */
  readonly budgetMs?: number | undefined;
  readonly concurrency?: number | undefined;
}

/** `ListenOptions` with names only. */
export interface WireListenOptions {
  readonly match?: readonly string[] | undefined;
  readonly before?: readonly string[] | undefined;
  readonly after?: readonly string[] | undefined;
  /** `null` means without a limit. */
  readonly budgetMs?: number | null | undefined;
}

/** A call of a service's method; an `AbortSignal` that stood as `signal` in an argument is named by the argument's index. */
export interface ServiceCall {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly signalAt?: number | undefined;
}

/** What can be called of a service. */
export interface FoundService {
  readonly methods: readonly string[];
}

/** A value that may be absent: JSON-RPC has no `undefined`. */
export interface Envelope {
  readonly value?: unknown;
}

/** What an error says on the other side. */
export interface WireError {
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
}
