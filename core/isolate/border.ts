import type { Registration } from "../../plugin-api/disposable.ts";
import type { AnyEvent, ListenerCall } from "../../plugin-api/event.ts";
import type { PluginContext } from "../../plugin-api/plugin.ts";
import { defineGuardedPoint, definePoint, type GuardedCall } from "../../plugin-api/point.ts";
import { defineService } from "../../plugin-api/service.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Capabilities } from "../../schemas/plugsmith-extension.ts";
import type { ChildLink } from "./child-link.ts";
import { crossingMethods, requireProvidable, requireService } from "./crossing-services.ts";
import type { ChildLimits } from "./limits.ts";
import { Untrusted } from "./untrusted.ts";
import { restoreSessions, toPlain, type FoundSession } from "./wire/plain.ts";
import type { ChildRequests, FoundService } from "./wire/messages.ts";
import { serviceCall, serviceProxy } from "./wire/service-methods.ts";

/** What a border is drawn between, and what may pass. */
export interface BorderOptions {
  readonly context: PluginContext;
  readonly link: ChildLink;
  readonly limits: ChildLimits;
  /** Keys of the points that the plugin owns. */
  readonly ownPoints: ReadonlySet<string>;
  /** Declared and granted. */
  readonly capabilities: Capabilities;
  /** Whether an event is the gate of some guarded point: those are answered in the host's process only. */
  readonly isGuardGate: (event: string) => boolean;
  /** Runs work for the plugin as part of whatever it is part of, e.g. of the plugin's activation. */
  readonly within: <Result>(work: () => Result) => Result;
}

const KINDS: ReadonlySet<string> = new Set(["observe", "transform", "first", "gate"]);
const MAX_LINE = 8_000;
const MAX_PROGRESS = 4_000;

/** Stands for a plugin in another process at the host's door: everything that it asks is checked here, then done in its name. */
export class Border {
  readonly #options: BorderOptions;
  readonly #registrations = new Map<number, Registration>();
  readonly #progress = new Map<number, (text: string) => void>();
  #nextCall = 1;
  #secondStart = 0;
  #lines = 0;

  /** Sets the handlers of the link, which is opened afterwards. */
  constructor(options: BorderOptions) {
    this.#options = options;
    const { link, within } = options;
    const answer = (method: keyof ChildRequests, work: (params: Untrusted, signal: AbortSignal) => unknown): void =>
      link.answer(method, (params, signal) => within(() => work(new Untrusted(params), signal)));
    answer("contribute", (params) => this.#contribute(params));
    answer("listen", (params) => this.#listen(params));
    answer("provide", (params) => this.#provide(params));
    answer("withdraw", (params) => this.#withdraw(params));
    answer("emit", (params, signal) => this.#emit(params, signal));
    answer("find", (params) => this.#find(params));
    answer("invoke", (params, signal) => this.#invoke(params, signal));
    answer("read", (params) => this.#read(params));
    link.hear("log", (params) => this.#log(new Untrusted(params)));
    link.hear("progress", (params) => this.#showProgress(new Untrusted(params)));
  }

  #contribute(params: Untrusted): void {
    const [id, key, name] = [params.number("id"), params.text("point"), params.text("name")];
    const value = params.raw("value");
    const { context } = this.#options;
    this.#register(id, () =>
      params.flag("guarded")
        ? context.contribute(defineGuardedPoint<unknown, unknown, unknown>(key), name, {
            descriptor: value,
            call: (input, call) => this.#call(id, `${key} ${name}`, input, call),
          })
        : context.contribute(definePoint<unknown>(key), name, value),
    );
  }

  async #call(id: number, action: string, input: unknown, given: GuardedCall): Promise<unknown> {
    const { callId, signal, context, progress } = given;
    const call = this.#nextCall++;
    const sessions: FoundSession[] = [];
    const plain = toPlain(context, { dropFunctions: true, sessions });
    // `ToolCall.session` is absent in a process of its own.
    for (const { path } of sessions) if (path.length === 1) dropKey(plain, path[0]);
    this.#progress.set(call, progress);
    try {
      const params = { contribution: id, call, input: toPlain(input), callId, context: plain };
      return await this.#options.link.request(action, "call", params, { signal });
    } finally {
      this.#progress.delete(call);
    }
  }

  #listen(params: Untrusted): void {
    const [id, event, options] = [params.number("id"), readEvent(params.inner("event")), params.inner("options")];
    const { context, isGuardGate } = this.#options;
    if (isGuardGate(event.key)) {
      throw new CodedError(
        "E_ISOLATION",
        `\`${context.plugin.id}\` listens to \`${event.key}\`, which decides on guarded calls`,
        { hint: "only plugins in the host's own process may answer it" },
      );
    }
    const hear = async (payload: unknown, { signal }: ListenerCall): Promise<unknown> => {
      const sessions: FoundSession[] = [];
      const plain = toPlain(payload, { dropFunctions: true, sessions });
      const answer = await this.#options.link.request(
        `event ${event.key}`,
        "hear",
        { listener: id, payload: plain },
        { signal },
      );
      return event.kind === "transform" ? restoreSessions(answer, sessions) : answer;
    };
    this.#register(id, () =>
      // What a listener must return depends on the event's kind, which the bus checks where it matters.
      context.listen(event, hear as never, {
        match: options.texts("match"),
        before: options.texts("before"),
        after: options.texts("after"),
        budgetMs: options.budget("budgetMs"),
      }),
    );
  }

  #provide(params: Untrusted): void {
    const [id, key, methods] = [params.number("id"), params.text("service"), params.texts("methods") ?? []];
    const { context, link } = this.#options;
    requireProvidable(context.plugin.id, key);
    const implementation = serviceProxy(methods, async (call, signal) =>
      link.request(`service ${key}.${call.method}`, "method", { service: id, ...call }, { signal }),
    );
    this.#register(id, () => context.provide(defineService<unknown>(key), implementation));
  }

  #withdraw(params: Untrusted): void {
    const id = params.number("id");
    this.#registrations.get(id)?.dispose();
    this.#registrations.delete(id);
  }

  async #emit(params: Untrusted, signal: AbortSignal): Promise<unknown> {
    const { context } = this.#options;
    const event = readEvent(params.inner("event"));
    if (!event.key.startsWith(`${context.plugin.id}/`)) {
      throw new CodedError("E_ISOLATION", `\`${context.plugin.id}\` emits \`${event.key}\`, which is not its own`, {
        hint: `a plugin in a process of its own emits events named \`${context.plugin.id}/…\``,
      });
    }
    const name = params.raw("name") === undefined ? undefined : params.text("name");
    const matched = name === undefined ? event : { ...event, matchOn: () => name };
    const outcome: unknown = await context.emit(matched, params.raw("payload") as never, { signal });
    return toPlain(outcome, { dropFunctions: true });
  }

  async #find(params: Untrusted): Promise<FoundService | null> {
    const key = params.text("service");
    const found = await this.#service(key);
    return found === undefined ? null : { methods: crossingMethods(key, found) };
  }

  async #invoke(params: Untrusted, signal: AbortSignal): Promise<unknown> {
    const [key, method] = [params.text("service"), params.text("method")];
    const found = await this.#service(key);
    if (found === undefined || !crossingMethods(key, found).includes(method)) {
      throw new CodedError(
        "E_ISOLATION",
        `\`${key}\` has no method \`${method}\` that crosses the border of a process`,
      );
    }
    const signalAt = params.raw("signalAt") === undefined ? undefined : params.number("signalAt");
    const result = await serviceCall(found, { method, args: params.list("args"), signalAt }, signal);
    return toPlain(result);
  }

  #service(key: string): Promise<unknown> {
    const { context, capabilities } = this.#options;
    requireService(context.plugin.id, key, capabilities);
    return context.find(defineService<unknown>(key));
  }

  async #read(params: Untrusted): Promise<readonly unknown[]> {
    const [id, key] = [params.number("id"), params.text("point")];
    const { context, ownPoints, link } = this.#options;
    if (!ownPoints.has(key)) {
      throw new CodedError("E_ISOLATION", `\`${context.plugin.id}\` reads the point \`${key}\`, which is not its own`, {
        hint: "a plugin in a process of its own reads the points that its manifest declares",
      });
    }
    const reader = await context.read(definePoint<unknown>(key));
    const items = (): readonly unknown[] => reader.all().map((item) => toPlain(item, { dropFunctions: true }));
    this.#register(id, () => reader.onChange(() => link.tell("items", { id, items: items() })));
    return items();
  }

  #register(id: number, make: () => Registration): void {
    if (this.#registrations.has(id)) throw new TypeError(`the registration ${String(id)} exists already`);
    if (this.#registrations.size >= this.#options.limits.registrations) {
      throw new CodedError("E_ISOLATION", `\`${this.#options.context.plugin.id}\` registers too much`, {
        hint: `at most ${String(this.#options.limits.registrations)} contributions, listeners and services`,
      });
    }
    this.#registrations.set(id, make());
  }

  #log(params: Untrusted): void {
    const now = performance.now();
    if (now - this.#secondStart > 1_000) {
      this.#secondStart = now;
      this.#lines = 0;
    }
    this.#lines += 1;
    const { log } = this.#options.context;
    const { linesPerSecond } = this.#options.limits;
    if (this.#lines === linesPerSecond + 1) log.warn("it logs too much; lines are dropped");
    if (this.#lines > linesPerSecond) return;
    const [level, message] = [params.raw("level"), String(params.raw("message")).slice(0, MAX_LINE)];
    if (level === "warn") log.warn(message);
    else if (level === "info") log.info(message);
    else log.debug(message);
  }

  #showProgress(params: Untrusted): void {
    this.#progress.get(params.number("call"))?.(params.text("text").slice(0, MAX_PROGRESS));
  }
}

function readEvent(params: Untrusted): AnyEvent {
  const [key, kind] = [params.text("key"), params.text("kind")];
  if (!KINDS.has(kind)) throw new TypeError(`\`${kind}\` is no kind of event`);
  const concurrency = params.raw("concurrency") === undefined ? 1 : params.number("concurrency");
  const event = { key, kind, budgetMs: params.budget("budgetMs") ?? Infinity, concurrency: Math.max(1, concurrency) };
  // The kind is one of the four that `AnyEvent` is made of.
  return event as AnyEvent;
}

function dropKey(value: unknown, key: string | number | undefined): void {
  if (typeof value === "object" && value !== null && key !== undefined) Reflect.deleteProperty(value, key);
}
