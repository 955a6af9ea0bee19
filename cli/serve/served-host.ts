import { mkdirSync } from "node:fs";
import type { BootTree } from "../../core/observe/boot-tree.ts";
import { currentNumber } from "../../marketplace/generations/state-files.ts";
import { notification } from "../../plugin-api/events/session.ts";
import type { Log, PluginContext } from "../../plugin-api/plugin.ts";
import { sessionsService } from "../../plugin-api/services/agent.ts";
import { workspaceService, type Workspace } from "../../plugin-api/services/workspace.ts";
import { personService } from "../../plugin-api/services/person.ts";
import type { Session, SessionOptions } from "../../plugin-api/session.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { homeOf } from "../home.ts";
import { announced } from "../session/announced-person.ts";
import { CleanUp } from "../session/clean-up.ts";
import { watchFolders } from "../session/folder-watch.ts";
import { messageOf } from "../session/message-of.ts";
import { required } from "../session/missing-service.ts";
import { openHost, type HostRequest, type OpenedHost } from "../session/open-host.ts";
import { Reloads } from "../session/reloads.ts";
import { AskingClients } from "./asking-clients.ts";

/** What plugins are served with. */
export interface ServedHostOptions extends Pick<
  HostRequest,
  "directory" | "environment" | "pluginDirectories" | "settings" | "trustWorkspace"
> {
  /** Of each client's session. */
  readonly options: Partial<SessionOptions>;
  readonly log: (level: keyof Log, plugin: string, message: string) => void;
  /** Hears what a person should notice. */
  readonly notify: (message: string) => void;
}

/** The host behind the server; the caller closes it. */
export interface ServedHost {
  readonly frontend: PluginContext;
  readonly diagnostics: readonly Diagnostic[];
  /** Real path that calls work in. */
  readonly directory: string;
  /** Why servers are not started in that directory: nobody trusts it. */
  readonly isStrange: boolean;
  readonly clients: AskingClients;
  tree(): BootTree;
  /** A session of one client; nothing of it is recorded. */
  openSession(): Promise<Session>;
  /** Keeps the plugins as they are while it works, and lets policy of this moment count. */
  steadily<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Opens the host of a session over a directory; it takes what is installed later as soon as no call runs. */
export async function openServedHost(options: ServedHostOptions): Promise<ServedHost> {
  const { environment, log } = options;
  const sessions: Session[] = [];
  const newest = (): Session | undefined => sessions.at(-1);
  const opened = await openHost({ ...options, session: newest, bringsRequired: true });
  const { host } = opened;
  const { frontend } = host;
  const failed = (error: unknown): void => log("warn", "plugsmith", messageOf(error));
  const reloads = new Reloads(opened.reload, failed);
  const enforce = async (): Promise<void> => {
    if (await opened.enforce()) reloads.request();
  };
  const watching = new CleanUp();
  const end = (watcher: Disposable): void => watcher[Symbol.dispose]();
  let workspace: Workspace;
  const close = async (): Promise<void> => {
    watching[Symbol.dispose]();
    await reloads.settled();
    await opened.close();
  };
  try {
    watching.add(
      watchOpened(opened, reloads, () => void enforce().catch(failed)),
      end,
    );
    watching.add(
      watchGenerations(environment, () => reloads.request(), failed),
      end,
    );
    frontend.listen(notification, ({ message }) => options.notify(message));
    await host.start();
    workspace = await frontend.use(workspaceService);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    frontend,
    diagnostics: opened.diagnostics,
    directory: opened.directory,
    isStrange: !workspace.trusted && workspace.projectDirectory !== workspace.homeDirectory,
    clients: new AskingClients((person) => frontend.provide(personService, announced(person, frontend, newest))),
    tree: () => host.tree(),
    openSession: async () => {
      const service = await required(sessionsService.key, () => frontend.use(sessionsService));
      const session = await service.open({ directory: opened.directory, recorded: false, options: options.options });
      sessions.push(session);
      session.signal.addEventListener("abort", () => sessions.splice(sessions.indexOf(session), 1), { once: true });
      return session;
    },
    steadily: async (work) => {
      await enforce();
      await reloads.enter();
      try {
        return await work();
      } finally {
        // A reload that waited for this call is not the caller's to wait for.
        reloads.leave().catch(failed);
      }
    },
    close,
  };
}

function watchOpened(opened: OpenedHost, reloads: Reloads, policyChanged: () => void): Disposable {
  return opened.watch(() => reloads.request(), policyChanged);
}

/** Calls back when another generation became current, e.g. by `plugin disable` in another terminal. */
function watchGenerations(
  environment: ServedHostOptions["environment"],
  changed: () => void,
  failed: (error: unknown) => void,
): Disposable {
  const home = homeOf(environment);
  let number = currentNumber(home);
  mkdirSync(home.state, { recursive: true });
  return watchFolders(
    [home.state],
    () => {
      const now = currentNumber(home);
      if (now === number) return;
      number = now;
      changed();
    },
    (folder, error) => failed(new Error(`changes of \`${folder}\` are not noticed: ${messageOf(error)}`)),
  );
}
