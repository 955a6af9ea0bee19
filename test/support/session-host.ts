import { mkdirSync } from "node:fs";
import type { HostPlugin } from "../../core/host-plugin.ts";
import {
  sessionsService,
  settingsService,
  toolPermission,
  turnsService,
  workspaceService,
  type GateAnswer,
  type GuardedRequest,
  type LayeredValue,
  type OpenSession,
  type Session,
  type Settings,
  type TurnEvent,
  type TurnRequest,
  type TurnResult,
} from "../../plugin-api/index.ts";
import { messagesServer, type MessagesServer, type MessagesServerOptions } from "./messages-server/index.ts";
import { builtins, codePlugin, hostService, testHost, type TestHost } from "./test-host.ts";
import type { TemporaryHome } from "./temporary-home.ts";
import { canary } from "./canary.ts";

/** What a host with sessions is made of. */
export interface SessionHostOptions {
  /** Beside the built-ins that every session needs. */
  readonly plugins?: readonly HostPlugin[] | undefined;
  /** Built-ins beside `transcript` and `turn-loop`; default `model-anthropic`. */
  readonly builtins?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Answers the gate of tools; default allows everything, `null` leaves the gate without an answer. */
  readonly decide?: ((request: GuardedRequest) => GateAnswer) | null | undefined;
  /** Options of built-ins, by name. */
  readonly pluginOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** `false` forgets audit records, for long runs. */
  readonly audited?: boolean | undefined;
  /** Keeps the home of an earlier host. */
  readonly home?: TemporaryHome | undefined;
}

/** A turn that is over. */
export interface FinishedTurn {
  readonly events: readonly TurnEvent[];
  readonly result: TurnResult;
}

/** A host in which sessions run. */
export interface SessionHost extends TestHost {
  /** The directory of sessions that name no other. */
  readonly project: string;
  open(request?: Partial<OpenSession>): Promise<Session>;
  start(request: TurnRequest): Promise<AsyncGenerator<TurnEvent, TurnResult>>;
  /** Runs a turn to its end; `onEvent` sees each event before the next is asked for. */
  turn(
    session: Session,
    prompt: TurnRequest["prompt"],
    more?: Partial<TurnRequest> & { readonly onEvent?: (event: TurnEvent, count: number) => void },
  ): Promise<FinishedTurn>;
}

/** Boots a host with sessions. */
export async function sessionHost(options: SessionHostOptions = {}): Promise<SessionHost> {
  const { decide = () => ({ decision: "allow" }), pluginOptions = {} } = options;
  const names = ["transcript", "turn-loop", ...(options.builtins ?? ["model-anthropic"])];
  const gate = codePlugin("gate", { listens: [toolPermission.key] }, (context) => {
    if (decide !== null) context.listen(toolPermission, decide);
  });
  const homes: TemporaryHome[] = [];
  const test = await testHost(
    (home) => {
      homes.push(home);
      return [
        ...builtins(names, home).map((plugin) => ({ ...plugin, options: pluginOptions[plugin.info.name] ?? {} })),
        ...(decide === null ? [] : [gate]),
        ...(options.plugins ?? []),
      ];
    },
    {
      services: [
        { key: workspaceService.key, open: () => workspaceIn(options.home ?? homes[0], options.environment ?? {}) },
        hostService(settingsService, fixedSettings(options.settings ?? {})),
      ],
      ...(options.audited === false && { audit: { append: () => undefined, heads: () => [] } }),
    },
  );
  const project = (options.home ?? test.home).path("project");
  mkdirSync(project, { recursive: true });
  const start = async (request: TurnRequest): Promise<AsyncGenerator<TurnEvent, TurnResult>> =>
    (await test.host.frontend.use(turnsService)).run(request);
  return {
    ...test,
    project,
    start,
    open: async (request = {}) =>
      (await test.host.frontend.use(sessionsService)).open({ directory: project, ...request }),
    turn: async (session, prompt, { onEvent, ...more } = {}) => {
      const run = await start({ session, prompt, ...more });
      const events: TurnEvent[] = [];
      for (;;) {
        const { done, value } = await run.next();
        if (done === true) return { events, result: value };
        events.push(value);
        onEvent?.(value, events.length);
      }
    },
  };
}

function workspaceIn(home: TemporaryHome | undefined, environment: Readonly<Record<string, string>>): object {
  const path = (...parts: readonly string[]): string => home?.path(...parts) ?? "";
  return {
    directory: path("project"),
    projectDirectory: path("project"),
    homeDirectory: path("person"),
    plugsmithHome: path("plugsmith"),
    trusted: true,
    environment,
  };
}

/** Settings of one layer that never change. */
function fixedSettings(values: Readonly<Record<string, unknown>>): Settings {
  const layers = (key: string): readonly LayeredValue[] =>
    Object.hasOwn(values, key) ? [{ layer: "user", file: "settings.json", value: values[key] }] : [];
  return {
    layers,
    get: (key) => values[key],
    onChange: () => ({ dispose: () => undefined }),
    set: () => {
      throw new Error("these settings are fixed");
    },
  };
}

/** A host whose model is a server of the test. */
export interface ServedHost extends SessionHost {
  readonly service: MessagesServer;
}

/** Boots a host with `model-anthropic` against a server that answers with `reply`. */
export async function servedHost(
  reply: MessagesServerOptions["reply"],
  options: SessionHostOptions = {},
  server: Omit<MessagesServerOptions, "reply"> = {},
): Promise<ServedHost> {
  const service = await messagesServer({ reply, ...server });
  const environment = { ANTHROPIC_API_KEY: canary("model"), ANTHROPIC_BASE_URL: service.url };
  const host = await sessionHost({ environment, ...options });
  return {
    ...host,
    service,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}
