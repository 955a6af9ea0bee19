import { randomUUID } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, type Log, type OpenSession, type Session, type SessionOptions } from "plugsmith/plugin-api";
import { FORMAT_VERSION, type Entry, type StartEntry } from "./entry.ts";
import { RecordedSession, type EntryFile } from "./recorded-session.ts";
import { SessionError } from "./session-error.ts";
import { readSession, SessionFile } from "./session-file.ts";
import { lockSession } from "./session-lock.ts";
import type { SessionStore } from "./session-store.ts";

/** What opening needs of the plugin. */
export interface SessionOpenerOptions {
  readonly store: SessionStore;
  readonly log: Log;
  /** Tells others that a session ends. */
  readonly ended: (session: Session) => Promise<void>;
}

const DEFAULTS: SessionOptions = { permissionMode: "default", allow: [], deny: [] };

/** Opens new and recorded sessions, and closes those that are open when the plugin ends. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  readonly #open = new Set<Session>();

  constructor(options: SessionOpenerOptions) {
    this.#options = options;
  }

  /** Throws `SessionError` for a session that is not there, damaged, newer, or open elsewhere. */
  open(request: OpenSession): Session {
    const directory = realpathSync(request.directory);
    if (request.resume !== undefined) return this.#resume(directory, request.resume, request);
    const recorded = request.recorded ?? (request.parent === undefined || request.parent.transcriptPath !== undefined);
    return recorded ? this.#record(directory, request) : this.#create(directory, request, undefined);
  }

  /** Closes what is open, children first. */
  async dispose(): Promise<void> {
    for (const session of [...this.#open].reverse()) await session.close();
  }

  #record(directory: string, request: OpenSession): Session {
    const id = randomUUID();
    const start = startOf(id, directory, request);
    const path = this.#options.store.fileOf(directory, id);
    try {
      return this.#locked(directory, id, (lock) => {
        const file = new SessionFile(path, { start });
        return this.#create(directory, request, { file: lockedFile(file, lock), entries: [], start });
      });
    } catch (error) {
      throw new SessionError(
        `the session cannot be recorded: ${messageOf(error)}`,
        `\`--no-session-persistence\` records nothing; otherwise make \`${dirname(path)}\` writable`,
        error,
      );
    }
  }

  #resume(directory: string, wanted: string, request: OpenSession): Session {
    const { store, log } = this.#options;
    const id = wanted === "latest" ? store.list(directory)[0]?.id : wanted;
    if (id === undefined) throw new SessionError(`no session of \`${directory}\` is recorded`, "begin a new one");
    if (!store.isId(id) || !existsSync(store.fileOf(directory, id))) {
      throw new SessionError(
        `there is no session \`${id}\` of \`${directory}\``,
        "`--continue` takes the newest one of a directory",
      );
    }
    return this.#locked(directory, id, (lock) => {
      const path = store.fileOf(directory, id);
      const { start, entries, bytes, torn } = readSession(path, id);
      if (torn) log.warn(`the last line of \`${path}\` was never finished and is cut`);
      const file = new SessionFile(path, { bytes });
      try {
        return this.#create(directory, request, { file: lockedFile(file, lock), entries, start });
      } catch (error) {
        file.close();
        throw error;
      }
    });
  }

  /** Hands the lock to the session that `make` returns; its file frees it. */
  #locked(directory: string, id: string, make: (lock: Disposable) => Session): Session {
    const lock = lockSession(this.#options.store.lockOf(directory, id), id);
    try {
      return make(lock);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  #create(directory: string, request: OpenSession, recorded: Recording | undefined): Session {
    const start = recorded?.start ?? startOf(randomUUID(), directory, request);
    const resumed = (recorded?.entries.length ?? 0) > 0 || request.resume !== undefined;
    const session = new RecordedSession({
      id: start.id,
      projectDirectory: start.projectDirectory,
      agentPath: start.agentPath,
      parent: request.parent,
      isIsolated: request.isIsolated ?? request.parent?.isIsolated === true,
      tools: start.tools,
      options: start.options,
      entries: recorded?.entries ?? [],
      file: recorded?.file,
      onEnd: async (ending) => {
        this.#open.delete(ending);
        await this.#options.ended(ending);
      },
    });
    if (resumed && request.options !== undefined) session.setOptions(request.options);
    this.#open.add(session);
    return session;
  }
}

interface Recording {
  readonly start: StartEntry;
  readonly file: EntryFile;
  readonly entries: readonly Entry[];
}

function startOf(id: string, projectDirectory: string, { parent, agent, tools, options }: OpenSession): StartEntry {
  return {
    type: "start",
    version: FORMAT_VERSION,
    id,
    at: new Date().toISOString(),
    projectDirectory,
    agentPath: parent === undefined ? [] : [...parent.agentPath, agent ?? "agent"],
    tools,
    parent: parent?.id,
    options: { ...(parent?.options ?? DEFAULTS), ...options },
  };
}

/** A file that frees the session when it is closed. */
function lockedFile(file: SessionFile, lock: Disposable): EntryFile {
  return {
    path: file.path,
    write: (entry) => file.write(entry),
    sync: () => file.sync(),
    close: () => {
      try {
        file.write({ type: "end", at: new Date().toISOString() });
      } finally {
        file.close();
        lock[Symbol.dispose]();
      }
    },
  };
}
