import type { BootTree } from "../../core/observe/boot-tree.ts";
import { notification } from "../../plugin-api/events/session.ts";
import type { Log } from "../../plugin-api/plugin.ts";
import { sessionsService, turnsService } from "../../plugin-api/services/agent.ts";
import { personService, type Person } from "../../plugin-api/services/person.ts";
import type { OpenSession, Session } from "../../plugin-api/session.ts";
import type { TurnEvent, TurnRequest, TurnResult } from "../../plugin-api/turn.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { required } from "./missing-service.ts";
import { resolve } from "node:path";
import { openHost } from "./open-host.ts";
import { offerPluginCommand } from "./plugin-command.ts";
import { Reloads } from "./reloads.ts";
import { announced } from "./announced-person.ts";
import { hostSession, type HostSession } from "./host-session.ts";
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
  /** Folders beside the directory that every session may work in, as `--add-dir` names them. */
  readonly additionalDirectories?: readonly string[] | undefined;
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

/** Opens a host, starts the plugins that start with it, and offers sessions. */
export async function createHost(options: HostOptions = {}): Promise<PlugsmithHost> {
  const { directory = process.cwd(), environment = process.env, onLog } = options;
  const sessions: Session[] = [];
  const opened = await openHost({
    directory,
    environment,
    pluginDirectories: options.pluginDirectories ?? [],
    settings: options.settings ?? [],
    trustWorkspace: options.trustWorkspace ?? false,
    additionalDirectories: (options.additionalDirectories ?? []).map((folder) => resolve(directory, folder)),
    session: () => sessions.at(-1),
    bringsRequired: true,
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
    const { person } = options;
    if (person !== undefined) {
      host.frontend.provide(
        personService,
        announced(person, host.frontend, () => sessions.at(-1)),
      );
    }
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
      const service = await required(sessionsService.key, () => host.frontend.use(sessionsService));
      const { additionalDirectories: own = [] } = request.options ?? {};
      const added = [...opened.additionalDirectories, ...own];
      const session = await service.open({
        directory: opened.directory,
        ...request,
        options: { ...request.options, ...(added.length > 0 && { additionalDirectories: added }) },
      });
      sessions.push(session);
      session.signal.addEventListener("abort", () => sessions.splice(sessions.indexOf(session), 1), { once: true });
      return hostSession(session, { reloads, enforce, frontend: host.frontend, run: runTurn });
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
