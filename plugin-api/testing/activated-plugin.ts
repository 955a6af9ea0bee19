import type { Registration } from "../disposable.ts";
import type {
  AnyEvent,
  EmitOptions,
  GateAnswer,
  GateDecision,
  GateResult,
  ListenerCall,
  ListenOptions,
  OutcomeOf,
  PayloadOf,
} from "../event.ts";
import type { Log, Plugin, PluginContext } from "../plugin.ts";
import type { PluginInfo } from "../plugin-info.ts";
import type { GuardedContribution, Point } from "../point.ts";
import type { Service } from "../service.ts";
import { toolPoint } from "../points/tool.ts";
import type { ToolContext, ToolResult } from "../tool.ts";

/** What surrounds a plugin in its test. */
export interface TestSurroundings {
  readonly plugin?: Partial<PluginInfo> | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Services of others, as pairs of key object and implementation. */
  readonly services?: readonly (readonly [service: Service<unknown>, implementation: unknown])[] | undefined;
}

/** A plugin that was activated in memory: no permissions, no process of its own, no manifest. */
export interface ActivatedPlugin {
  readonly context: PluginContext;
  /** Lines that it logged, as `level: message`. */
  readonly logged: readonly string[];
  /** Values that it contributed to a point, by name. */
  contributions<Value>(point: Point<Value>): ReadonlyMap<string, Value>;
  /** Calls a tool that it contributed. Throws when there is none of that name, and what the tool throws. */
  callTool(name: string, input: unknown, context?: Partial<ToolContext>): Promise<ToolResult>;
  /** Emits an event to its listeners, in the order in which they were added; the kinds answer as in a host. */
  emit<Event extends AnyEvent>(event: Event, payload: PayloadOf<Event>): Promise<OutcomeOf<Event>>;
  /** What it provides. */
  service<Interface>(service: Service<Interface>): Interface | undefined;
  /** Takes back what it added, last first. */
  dispose(): Promise<void>;
}

/** Activates a plugin for a test. */
export async function activatePlugin(plugin: Plugin, surroundings: TestSurroundings = {}): Promise<ActivatedPlugin> {
  const memory = new MemoryHost(surroundings);
  await plugin.activate(memory);
  return memory;
}

interface MemoryListener {
  readonly run: (payload: never, call: ListenerCall) => unknown;
  readonly match: ListenOptions["match"];
}

const INFO: PluginInfo = {
  id: "plugin@test",
  name: "plugin",
  version: "0.0.0",
  tier: "session",
  directory: "/plugin",
  dataDirectory: "/plugin-data",
};

const STRICTNESS: readonly GateDecision[] = ["pass", "allow", "ask", "deny"];

class MemoryHost implements PluginContext, ActivatedPlugin {
  readonly plugin: PluginInfo;
  readonly options: Readonly<Record<string, unknown>>;
  readonly logged: string[] = [];
  readonly log: Log = {
    debug: (message) => void this.logged.push(`debug: ${message}`),
    info: (message) => void this.logged.push(`info: ${message}`),
    warn: (message) => void this.logged.push(`warn: ${message}`),
  };
  readonly #end = new AbortController();
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  readonly #points = new Map<string, Map<string, never>>();
  readonly #listeners = new Map<string, Set<MemoryListener>>();
  readonly #services: Map<string, unknown>;

  constructor({ plugin = {}, options = {}, services = [] }: TestSurroundings) {
    this.plugin = { ...INFO, ...plugin };
    this.options = options;
    this.#services = new Map(services.map(([service, implementation]) => [service.key, implementation]));
  }

  get context(): PluginContext {
    return this;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  contribute(point: { readonly key: string }, name: string, value: unknown): Registration {
    const values = this.#points.get(point.key) ?? new Map<string, never>();
    if (values.has(name)) throw new Error(`\`${name}\` is contributed to \`${point.key}\` twice`);
    this.#points.set(point.key, values.set(name, value as never));
    return this.onDispose(() => void values.delete(name));
  }

  async read(point: { readonly key: string }): Promise<never> {
    const values = [...(this.#points.get(point.key) ?? [])];
    const items = values.map(([name, value]) => ({ plugin: this.plugin, name, value }));
    return { all: () => items, onChange: () => ({ dispose: () => undefined }) } as never;
  }

  listen(event: AnyEvent, run: MemoryListener["run"], { match }: ListenOptions = {}): Registration {
    const listeners = this.#listeners.get(event.key) ?? new Set<MemoryListener>();
    const listener: MemoryListener = { run, match };
    this.#listeners.set(event.key, listeners.add(listener));
    return this.onDispose(() => void listeners.delete(listener));
  }

  async emit(event: AnyEvent, payload: unknown, { signal = this.signal }: EmitOptions = {}): Promise<never> {
    const name = event.matchOn?.(payload as never);
    const heard = [...(this.#listeners.get(event.key) ?? [])].filter(({ match }) => hears(match, name));
    const call = async (listener: MemoryListener, value: unknown): Promise<unknown> =>
      listener.run(value as never, { signal });
    switch (event.kind) {
      case "observe":
        await Promise.all(heard.map((listener) => call(listener, payload)));
        return undefined as never;
      case "transform": {
        let value = payload;
        for (const listener of heard) value = await call(listener, value);
        return value as never;
      }
      case "first": {
        for (const listener of heard) {
          const answer = await call(listener, payload);
          if (answer !== undefined) return answer as never;
        }
        return undefined as never;
      }
      case "gate": {
        const answers: GateAnswer[] = [];
        // A gatekeeper returns a `GateAnswer`, which the type of `listen` sees to.
        for (const listener of heard) answers.push((await call(listener, payload)) as GateAnswer);
        return strictest(answers, this.plugin.id) as never;
      }
    }
  }

  provide(service: Service<never>, implementation: unknown): Registration {
    this.#services.set(service.key, implementation);
    return this.onDispose(() => void this.#services.delete(service.key));
  }

  async use(service: Service<never>): Promise<never> {
    const found = this.service(service);
    if (found !== undefined) return found;
    throw new Error(`the test gives no \`${service.key}\`; name it under \`services\``);
  }

  async find(service: Service<never>): Promise<never> {
    return this.service(service) as never;
  }

  service(service: Service<never>): never {
    return this.#services.get(service.key) as never;
  }

  contributions(point: Point<never>): ReadonlyMap<string, never> {
    return this.#points.get(point.key) ?? new Map<string, never>();
  }

  async callTool(name: string, input: unknown, context: Partial<ToolContext> = {}): Promise<ToolResult> {
    // `contribute` takes nothing else at this point.
    const tool = this.#points.get(toolPoint.key)?.get(name) as
      GuardedContribution<unknown, unknown, ToolResult> | undefined;
    if (tool === undefined) throw new Error(`the plugin contributes no tool \`${name}\``);
    const surroundings: ToolContext = { directory: "/", agentPath: [], ...context };
    return tool.call(input, { callId: "test", signal: this.signal, context: surroundings, progress: () => undefined });
  }

  onDispose(run: () => void | Promise<void>): Registration {
    this.#cleanups.push(run);
    return {
      dispose: () => {
        const at = this.#cleanups.indexOf(run);
        if (at < 0) return;
        this.#cleanups.splice(at, 1);
        void run();
      },
    };
  }

  async dispose(): Promise<void> {
    this.#end.abort();
    for (let run = this.#cleanups.pop(); run !== undefined; run = this.#cleanups.pop()) await run();
  }
}

function hears(match: ListenOptions["match"], name: string | undefined): boolean {
  if (match === undefined || name === undefined) return true;
  return typeof match === "function" ? match(name) : match.includes(name);
}

function strictest(answers: readonly GateAnswer[], by: string): GateResult {
  let result: GateResult = { decision: "pass" };
  for (const answer of answers) {
    const isStricter = STRICTNESS.indexOf(answer.decision) > STRICTNESS.indexOf(result.decision);
    result = { ...(isStricter ? { ...answer, by } : result), input: answer.input ?? result.input };
  }
  const context = answers.flatMap((answer) => answer.context ?? []);
  return context.length === 0 ? result : { ...result, context };
}
