import { isAbsolute, resolve } from "node:path";
import { messageOf, type Session } from "plugsmith/plugin-api";
import type { HookReport } from "../hook-runner.ts";
import { WatchedFiles, type FileChange } from "./watched-files.ts";

/** What watching needs of the plugin. */
export interface FileWatchOptions {
  /** Names of files in the working directory that hooks of the session ask for. */
  readonly names: (session: Session) => Promise<readonly string[]>;
  readonly tell: (session: Session, file: string, change: FileChange) => Promise<unknown>;
  readonly failed: (message: string) => void;
}

interface Watched {
  readonly files: WatchedFiles;
  /** Paths that hooks named while the session runs. */
  paths: readonly string[];
  /** Changes that nobody was told of yet, by file. */
  readonly waiting: Map<string, FileChange>;
  isTelling: boolean;
}

/** The files that hooks watch, by session; agents below have none of their own. */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #bySession = new Map<Session, Watched>();

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Begins with a session; it ends with it. */
  async begin(session: Session, paths: readonly string[] | undefined): Promise<void> {
    if (session.agentPath.length > 0 || session.signal.aborted) return;
    if (!this.#bySession.has(session)) {
      const watched: Watched = {
        files: new WatchedFiles({
          changed: (file, change) => {
            watched.waiting.set(file, change);
            void this.#tell(session, watched);
          },
          failed: this.#options.failed,
        }),
        paths: [],
        waiting: new Map(),
        isTelling: false,
      };
      this.#bySession.set(session, watched);
      session.signal.addEventListener("abort", () => this.end(session), { once: true });
    }
    await this.refresh(session, paths);
  }

  /** Watches what hooks ask for now; `paths` replace those that were named before. */
  async refresh(session: Session, paths?: readonly string[]): Promise<void> {
    const watched = this.#bySession.get(session);
    if (watched === undefined) return;
    watched.paths = paths ?? watched.paths;
    const names = await this.#options.names(session);
    if (!this.#bySession.has(session)) return;
    watched.files.set([...names, ...watched.paths].map((name) => resolve(session.directory, name)));
  }

  end(session: Session): void {
    this.#bySession.get(session)?.files.close();
    this.#bySession.delete(session);
  }

  close(): void {
    for (const session of this.#bySession.keys()) this.end(session);
  }

  /** One change after the other: a hook may itself change what is watched. */
  async #tell(session: Session, watched: Watched): Promise<void> {
    if (watched.isTelling) return;
    watched.isTelling = true;
    try {
      for (const [file, change] of watched.waiting) {
        watched.waiting.delete(file);
        if (this.#bySession.has(session)) await this.#options.tell(session, file, change);
      }
    } catch (error) {
      this.#options.failed(messageOf(error));
    } finally {
      watched.isTelling = false;
    }
  }
}

/** The paths that hooks want watched from now on; `undefined` when none of them says. */
export function watchPaths(reports: readonly HookReport[]): readonly string[] | undefined {
  const lists = reports
    .map(({ outcome }) => outcome.output.specific["watchPaths"])
    .filter((list) => Array.isArray(list));
  if (lists.length === 0) return undefined;
  return lists.flat().filter((path) => typeof path === "string" && isAbsolute(path));
}
