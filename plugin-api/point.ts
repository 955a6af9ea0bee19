import type { Registration } from "./disposable.ts";
import type { Choice } from "./event.ts";
import type { PluginInfo } from "./plugin-info.ts";

/** Names a place that takes contributions of one type. */
export interface Point<Value> {
  /** `<plugin id or "plugsmith">/<name>`; a plugin with this key under `points` in its manifest owns the point. */
  readonly key: string;
  readonly guarded: false;
  /** Type only. */
  readonly value?: Value | undefined;
}

/** Names a place whose contributions can be called, but only through a gate and into the audit log. */
export interface GuardedPoint<Descriptor, Input, Output> {
  readonly key: string;
  readonly guarded: true;
  /** Type only. */
  readonly shape?: { readonly descriptor: Descriptor; readonly input: Input; readonly output: Output } | undefined;
}

/** One contribution as the readers of a point see it. */
export interface Contributed<Value> {
  readonly plugin: PluginInfo;
  /** Unique within its plugin and point. */
  readonly name: string;
  readonly value: Value;
}

/** What is contributed to a guarded point; `call` never leaves the kernel. */
export interface GuardedContribution<Descriptor, Input, Output> {
  readonly descriptor: Descriptor;
  readonly call: (input: Input, call: GuardedCall) => Output | Promise<Output>;
}

/** What the function behind a guarded contribution gets beside its input. */
export interface GuardedCall {
  readonly callId: string;
  readonly signal: AbortSignal;
  /** What the caller passed along for the gate and the callee, e.g. the session. */
  readonly context: unknown;
  /** Shows a line of progress to whoever waits. */
  readonly progress: (text: string) => void;
}

/** How a guarded contribution is called. */
export interface InvokeOptions {
  /** Unique in the session; stands in the audit log. */
  readonly callId: string;
  readonly signal?: AbortSignal | undefined;
  /** Names of the agents above the call, outermost first; labels questions to the person. */
  readonly agentPath?: readonly string[] | undefined;
  readonly context?: unknown;
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Nobody is asked: where the gate says `ask`, the call is denied; for commands that a text brings along. */
  readonly neverAsk?: boolean | undefined;
}

/** How an invocation ended; a function that throws makes `invoke` throw. */
export type Invoked<Output> =
  | {
      readonly kind: "done";
      readonly output: Output;
      /** As it was called, after the gate. */
      readonly input: unknown;
      /** Texts that the gate adds for the model. */
      readonly context: readonly string[];
    }
  | {
      readonly kind: "denied";
      readonly reason: string;
      /** The plugin that denied, or `person`, or `core`. */
      readonly by: string;
      readonly context: readonly string[];
      /** What a person could have chosen beyond this call, where nobody could be asked. */
      readonly offers?: readonly Choice[] | undefined;
    };

/** One contribution of a guarded point. */
export interface GuardedHandle<Descriptor, Input, Output> {
  readonly plugin: PluginInfo;
  readonly name: string;
  readonly descriptor: Descriptor;
  /** Gate, audit record, call; activates the plugin first where it is not. */
  invoke(input: Input, options: InvokeOptions): Promise<Invoked<Output>>;
}

/** What the gate event of a guarded point is asked. */
export interface GuardedRequest {
  readonly point: string;
  readonly plugin: PluginInfo;
  readonly name: string;
  readonly descriptor: unknown;
  readonly input: unknown;
  readonly callId: string;
  readonly agentPath: readonly string[];
  readonly context: unknown;
}

/** The present contributions of a point, sorted by plugin id, those of one plugin in the order in which they were added. */
export interface PointReader<Item> {
  all(): readonly Item[];
  /** Calls back after contributions came or went; several at once make one call. */
  onChange(listener: () => void): Registration;
}

/** Adds to points and reads them. */
export interface Contributing {
  contribute<Value>(point: Point<Value>, name: string, value: Value): Registration;
  contribute<Descriptor, Input, Output>(
    point: GuardedPoint<Descriptor, Input, Output>,
    name: string,
    value: GuardedContribution<Descriptor, Input, Output>,
  ): Registration;
  /** Throws `E_POINT_UNKNOWN` when no enabled plugin owns the point. Activates the owner. */
  read<Value>(point: Point<Value>): Promise<PointReader<Contributed<Value>>>;
  read<Descriptor, Input, Output>(
    point: GuardedPoint<Descriptor, Input, Output>,
  ): Promise<PointReader<GuardedHandle<Descriptor, Input, Output>>>;
}

/** Names a point. */
export function definePoint<Value>(key: string): Point<Value> {
  return { key, guarded: false };
}

/** Names a guarded point; its owner's manifest says which gate event answers. */
export function defineGuardedPoint<Descriptor, Input, Output>(key: string): GuardedPoint<Descriptor, Input, Output> {
  return { key, guarded: true };
}
