import type { Registration } from "./disposable.ts";

/**
 * What becomes of the answers of listeners (DESIGN §6):
 * `observe` has none and isolates failures; `transform` threads a value in order and aborts on failure; `first` takes the first
 * defined answer and aborts on failure; `gate` takes the strictest answer, and a failing listener denies.
 */
export type EventKind = "observe" | "transform" | "first" | "gate";

interface EventBase<Kind extends EventKind, Payload> {
  /** `<plugin id or "plugsmith">/<name>`. */
  readonly key: string;
  readonly kind: Kind;
  /** What listeners can select by, e.g. a tool name; absent means that every listener hears every emission. */
  readonly matchOn?: ((payload: Payload) => string) | undefined;
  /** How long one listener may take. */
  readonly budgetMs: number;
}

/** An event without an answer. */
export interface ObserveEvent<Payload> extends EventBase<"observe", Payload> {
  /** Listeners that run at once. */
  readonly concurrency: number;
}

/** An event that changes its payload. */
export type TransformEvent<Payload> = EventBase<"transform", Payload>;

/** An event that asks for one answer. */
export interface FirstEvent<Payload, Answer> extends EventBase<"first", Payload> {
  /** Type only. */
  readonly answer?: Answer | undefined;
}

/** An event that decides whether something may happen. */
export type GateEvent<Payload> = EventBase<"gate", Payload>;

/** From strictest to none. */
export type GateDecision = "deny" | "ask" | "allow" | "pass";

/** One listener's answer to a gate. */
export interface GateAnswer {
  readonly decision: GateDecision;
  /** For the person and the model. */
  readonly reason?: string | undefined;
  /** Replaces the whole input of what is decided; of several the last in listener order wins. */
  readonly input?: unknown;
  /** Texts for the model, whatever is decided. */
  readonly context?: readonly string[] | undefined;
  /** With `ask`: further choices for the person beside yes and no; the choice made is told by `guardedAnswered`. */
  readonly offers?: readonly Choice[] | undefined;
}

/** One thing a person can answer. */
export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** The answer of all listeners: the strictest decision with its reason, every context. */
export interface GateResult extends GateAnswer {
  /** The plugin whose decision it is; absent when all passed. */
  readonly by?: string | undefined;
}

/** What a listener gets beside the payload. */
export interface ListenerCall {
  /** Aborted when the emission is, when the listener's budget is spent, or when its plugin is disposed. */
  readonly signal: AbortSignal;
}

/** When and for what a listener is called. */
export interface ListenOptions {
  /** Names (exact) or a test of what the event's `matchOn` yields; absent hears all. Only names cross a process border. */
  readonly match?: readonly string[] | ((name: string) => boolean) | undefined;
  /** Ids of plugins whose listeners come later. */
  readonly before?: readonly string[] | undefined;
  /** Ids of plugins whose listeners come earlier. */
  readonly after?: readonly string[] | undefined;
  /** Shortens or lengthens the event's own budget for this listener; `Infinity` for one that bounds itself. */
  readonly budgetMs?: number | undefined;
}

/** What emitting an event may be given. */
export interface EmitOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A function that hears an event. */
export type Observer<Payload> = (payload: Payload, call: ListenerCall) => void | Promise<void>;
/** A function that returns the payload for the next listener. */
export type Transformer<Payload> = (payload: Payload, call: ListenerCall) => Payload | Promise<Payload>;
/** A function that may know the answer. */
export type Answerer<Payload, Answer> = (
  payload: Payload,
  call: ListenerCall,
) => Answer | undefined | Promise<Answer | undefined>;
/** A function that decides. */
export type Gatekeeper<Payload> = (payload: Payload, call: ListenerCall) => GateAnswer | Promise<GateAnswer>;

/** An event of any kind. */
export type AnyEvent = ObserveEvent<never> | TransformEvent<never> | FirstEvent<never, unknown> | GateEvent<never>;

/** What an event carries. */
export type PayloadOf<Event> = Event extends { readonly matchOn?: ((payload: infer Payload) => string) | undefined }
  ? Payload
  : never;

/** What a listener of an event must be. */
export type ListenerOf<Event> =
  Event extends FirstEvent<never, infer Answer>
    ? Answerer<PayloadOf<Event>, Answer>
    : Event extends { readonly kind: "observe" }
      ? Observer<PayloadOf<Event>>
      : Event extends { readonly kind: "transform" }
        ? Transformer<PayloadOf<Event>>
        : Gatekeeper<PayloadOf<Event>>;

/** What emitting an event comes to. */
export type OutcomeOf<Event> =
  Event extends FirstEvent<never, infer Answer>
    ? Answer | undefined
    : Event extends { readonly kind: "observe" }
      ? undefined
      : Event extends { readonly kind: "transform" }
        ? PayloadOf<Event>
        : GateResult;

/** Hears events, in dependency order, then by `before` and `after`, then by plugin id. */
export interface Listening {
  listen<Event extends AnyEvent>(event: Event, listener: ListenerOf<Event>, options?: ListenOptions): Registration;
}

/** Raises events. Plugins that listen to one by their manifest are activated before it is heard. */
export interface Emitting {
  emit<Event extends AnyEvent>(
    event: Event,
    payload: PayloadOf<Event>,
    options?: EmitOptions,
  ): Promise<OutcomeOf<Event>>;
}

const BUDGET_MS = 30_000;
const CONCURRENCY = 8;

interface EventOptions<Payload> {
  readonly matchOn?: ((payload: Payload) => string) | undefined;
  /** Default 30 s. */
  readonly budgetMs?: number | undefined;
}

/** Names an event without an answer; at most `concurrency` (8) listeners run at once. */
export function observeEvent<Payload>(
  key: string,
  {
    matchOn,
    budgetMs = BUDGET_MS,
    concurrency = CONCURRENCY,
  }: EventOptions<Payload> & { readonly concurrency?: number | undefined } = {},
): ObserveEvent<Payload> {
  return { key, kind: "observe", matchOn, budgetMs, concurrency };
}

/** Names an event whose listeners change the payload one after the other. */
export function transformEvent<Payload>(
  key: string,
  { matchOn, budgetMs = BUDGET_MS }: EventOptions<Payload> = {},
): TransformEvent<Payload> {
  return { key, kind: "transform", matchOn, budgetMs };
}

/** Names an event whose first defined answer counts. */
export function firstEvent<Payload, Answer>(
  key: string,
  { matchOn, budgetMs = BUDGET_MS }: EventOptions<Payload> = {},
): FirstEvent<Payload, Answer> {
  return { key, kind: "first", matchOn, budgetMs };
}

/** Names an event that allows or denies. */
export function gateEvent<Payload>(
  key: string,
  { matchOn, budgetMs = BUDGET_MS }: EventOptions<Payload> = {},
): GateEvent<Payload> {
  return { key, kind: "gate", matchOn, budgetMs };
}
