import { resolve } from "node:path";
import { realDirectory } from "../../core/trust/workspace.ts";
import { directoryAdded, sessionSetup, sessionStart } from "../../plugin-api/events/session.ts";
import type { Message } from "../../plugin-api/message.ts";
import type { PluginContext } from "../../plugin-api/plugin.ts";
import { modelSwitchService } from "../../plugin-api/services/agent.ts";
import type { Session, SessionOptions } from "../../plugin-api/session.ts";
import type { TurnEvent, TurnRequest, TurnResult } from "../../plugin-api/turn.ts";
import { messageOf } from "./message-of.ts";
import type { Reloads } from "./reloads.ts";

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
  /** Throws `ModelError` for a model that cannot answer, or that a plugin refuses; nothing is changed then. */
  setOptions(options: Partial<SessionOptions>): Promise<void>;
  /** Lets the session work in one more folder too. Throws `E_NOT_FOUND`. */
  addDirectory(directory: string): void;
  /** Raises the hooks for setting a project up, or for looking after it. */
  setUp(trigger: "init" | "maintenance"): Promise<void>;
  /** Raises the hooks of a session's beginning, for one that gets no prompt; otherwise the first prompt does. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** What a session of a host needs. */
export interface SessionParts {
  readonly reloads: Reloads;
  readonly enforce: () => Promise<void>;
  readonly frontend: PluginContext;
  readonly run: (turn: TurnRequest) => AsyncGenerator<TurnEvent, TurnResult>;
}

/** A session as a program sees it. */
export function hostSession(session: Session, { reloads, enforce, frontend, run }: SessionParts): HostSession {
  /** Keeps the plugins as they are while it works. */
  const steadily = async (work: () => Promise<unknown>): Promise<void> => {
    await reloads.enter();
    try {
      await work();
    } finally {
      await reloads.leave();
    }
  };
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
    setOptions: async ({ model, ...changes }) => {
      if (model !== undefined && model !== session.options.model) {
        const models = await frontend.use(modelSwitchService);
        await models.switchModel({ session, model, source: "sdk" });
      }
      session.setOptions(changes);
    },
    addDirectory: (folder) => {
      const directory = realDirectory(resolve(session.directory, folder));
      const { additionalDirectories = [] } = session.options;
      if (additionalDirectories.includes(directory)) return;
      session.setOptions({ additionalDirectories: [...additionalDirectories, directory] });
      // Nobody waits for hooks of it.
      frontend
        .emit(directoryAdded, { session, directory, source: "register_repo_root" })
        .catch((error: unknown) => frontend.log.warn(messageOf(error)));
    },
    setUp: (trigger) => steadily(() => frontend.emit(sessionSetup, { session, trigger })),
    begin: () => steadily(() => frontend.emit(sessionStart, { session, source: "startup", texts: [] })),
    close: () => session.close(),
  };
}
