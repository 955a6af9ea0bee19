import type { BootTree } from "../../core/observe/boot-tree.ts";
import { notification } from "../../plugin-api/events/session.ts";
import type { Message } from "../../plugin-api/message.ts";
import type { Log } from "../../plugin-api/plugin.ts";
import { sessionsService, turnsService } from "../../plugin-api/services/agent.ts";
import { personService, type Person } from "../../plugin-api/services/person.ts";
import type { OpenSession, Session, SessionOptions } from "../../plugin-api/session.ts";
import type { TurnEvent, TurnRequest, TurnResult } from "../../plugin-api/turn.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { required } from "./missing-service.ts";
import { openHost } from "./open-host.ts";
import { offerPluginCommand } from "./plugin-command.ts";
import { Reloads } from "./reloads.ts";
import { messageOf } from "./message-of.ts";

/** How a program runs a host; whatever is left out is as for the `plugsmith` command. */
export interface HostOptions {
  /** Absolute directory that sessions work in; default: that of the process. */
  readonly directory?: string | undefined;
  /** Default: of the process. `PLUGSMITH_HOME` in it names the home. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folders of plugins to load without installing them; they are loaded anew when they change. */
  readonly pluginDirectories?: readonly string[] | undefined;
  /** Settings that are stronger than those of files: paths, or JSON texts, the last one strongest. */
  readonly settings?: readonly string[] | undefined;
  /** Trusts for this run what the repository of the directory brings. */
  readonly trustWorkspace?: boolean | undefined;
  /** Answers questions; without it what needs a question is denied. */
  readonly person?: Person | undefined;
  /** Hears what a person should notice, e.g. that a server is off or wants a sign-in. */
  readonly onNotification?: ((notice: { readonly kind: string; readonly message: string }) => void) | undefined;
  readonly onLog?: ((level: keyof Log, plugin: string, message: string) => void) | undefined;
}

/** A running host; the caller closes it. */
export interface PlugsmithHost {
  /** What a person should know about how it was opened. */
  readonly diagnostics: readonly Diagnostic[];
  /** What is loaded and why the rest is not. */
  tree(): BootTree;
  openSession(request?: Partial<OpenSession>): Promise<HostSession>;
  /** Takes what is installed now. While a turn runs this resolves at once, and the end of the turn does it. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** A conversation with the agent. */
export interface HostSession {
  readonly id: string;
  readonly transcriptPath: string | undefined;
  readonly messages: readonly Message[];
  /** Runs one turn; its events come as they happen, its result is the generator's return value. */
  prompt(
    prompt: TurnRequest["prompt"],
    options?: Pick<TurnRequest, "maxTurns" | "signal">,
  ): AsyncGenerator<TurnEvent, TurnResult>;
  setOptions(options: Partial<SessionOptions>): void;
  close(): Promise<void>;
}

/** Opens a host, starts the plugins that start with it, and offers sessions. */
export async function createHost(options: HostOptions = {}): Promise<PlugsmithHost> {
  const { directory = process.cwd(), environment = process.env, onLog } = options;
  const opened = await openHost({
    directory,
    environment,
    pluginDirectories: options.pluginDirectories ?? [],
    settings: options.settings ?? [],
    trustWorkspace: options.trustWorkspace ?? false,
    log: onLog,
  });
  const { host } = opened;
  const failed = (error: unknown): void => onLog?.("warn", "plugsmith", messageOf(error));
  const reloads = new Reloads(opened.reload, failed);
  const enforce = async (): Promise<void> => {
    if (await opened.enforce()) reloads.request();
  };
  const watching = opened.watch(
    () => reloads.request(),
    () => void enforce().catch(failed),
  );
  try {
    if (options.person !== undefined) host.frontend.provide(personService, options.person);
    host.frontend.listen(notification, ({ kind, message }) => options.onNotification?.({ kind, message }));
    offerPluginCommand(host.frontend, { environment, directory, changed: () => reloads.request() });
    await host.start();
  } catch (error) {
    watching[Symbol.dispose]();
    await opened.close();
    throw error;
  }
  return {
    diagnostics: opened.diagnostics,
    tree: () => host.tree(),
    openSession: async (request = {}) => {
      const sessions = await required(sessionsService.key, () => host.frontend.use(sessionsService));
      const session = await sessions.open({ directory: opened.directory, ...request });
      return hostSession(session, { reloads, enforce, run: runTurn });
    },
    reload: () => reloads.reload(),
    close: async () => {
      watching[Symbol.dispose]();
      await reloads.settled();
      await opened.close();
    },
  };

  /** The service is asked for at each turn: a reload may have replaced who provides it. */
  async function* runTurn(turn: TurnRequest): AsyncGenerator<TurnEvent, TurnResult> {
    const turns = await required(turnsService.key, () => host.frontend.use(turnsService));
    return yield* turns.run(turn);
  }
}

interface SessionParts {
  readonly reloads: Reloads;
  readonly enforce: () => Promise<void>;
  readonly run: (turn: TurnRequest) => AsyncGenerator<TurnEvent, TurnResult>;
}

function hostSession(session: Session, { reloads, enforce, run }: SessionParts): HostSession {
  return {
    id: session.id,
    transcriptPath: session.transcriptPath,
    get messages() {
      return session.messages;
    },
    prompt: async function* (prompt, options = {}) {
      // Where changes of its files are not noticed, a turn is the latest moment for policy.
      await enforce();
      await reloads.enter();
      try {
        return yield* run({ session, prompt, ...options });
      } finally {
        await reloads.leave();
      }
    },
    setOptions: (changes) => session.setOptions(changes),
    close: () => session.close(),
  };
}
