import { existsSync } from "node:fs";
import { messageOf, type Log, type Session } from "plugsmith/plugin-api";
import { diagnosticLines } from "./diagnostic-report.ts";
import type { LanguageServer } from "./language-server.ts";
import type { ServerPool } from "./server-pool.ts";

/** How long an edit waits for what the server finds. */
const WAIT_MS = 5_000;
/** How long a server that has just been started may think; what it finds is then told later. */
const LATE_MS = 120_000;

/** Collects what language servers say about files after an edit, until the model is next told something. */
export class EditWatch {
  readonly #pool: ServerPool;
  readonly #log: Log;
  /** Lines by session and file; the newest of a file replace those before. */
  readonly #news = new WeakMap<Session, Map<string, readonly string[]>>();
  /** What was told last, so that nothing is told twice. */
  readonly #told = new WeakMap<Session, Map<string, string>>();
  /** Which session edited a file last. */
  readonly #editors = new Map<string, Session>();

  constructor(pool: ServerPool, log: Log) {
    this.#pool = pool;
    this.#log = log;
    pool.onDiagnostics((file, diagnostics) => {
      const session = this.#editors.get(file);
      if (session?.signal.aborted === false) this.#keep(session, file, diagnosticLines(file, diagnostics));
      else this.#editors.delete(file);
    });
  }

  /** Shows edited files to their servers and waits for what these find; a server that fails hinders nothing. */
  async edited(session: Session, files: readonly string[], signal: AbortSignal): Promise<void> {
    const known = files.filter((file) => this.#pool.reports(file) && existsSync(file));
    await Promise.all(known.map((file) => this.#look(session, file, signal)));
  }

  /** What is new since the last time. */
  take(session: Session): readonly string[] {
    const news = this.#news.get(session);
    this.#news.delete(session);
    return news === undefined ? [] : [...news.values()].flat();
  }

  async #look(session: Session, file: string, signal: AbortSignal): Promise<void> {
    this.#editors.set(file, session);
    // The pool tells itself what fails in starting one.
    const server = await this.#pool.serverFor(file).catch(() => undefined);
    if (server === undefined) return;
    try {
      const uri = await server.show(file);
      const diagnostics = await server.diagnostics(uri, WAIT_MS, signal);
      if (diagnostics !== undefined) this.#keep(session, file, diagnosticLines(file, diagnostics));
      // What is pushed later is heard anyway; an answer has to be waited for.
      else if (server.capabilities.diagnosticProvider !== undefined) void this.#waitOn(session, file, uri, server);
    } catch (error) {
      signal.throwIfAborted();
      this.#log.warn(messageOf(error));
    }
  }

  async #waitOn(session: Session, file: string, uri: string, server: LanguageServer): Promise<void> {
    try {
      const diagnostics = await server.diagnostics(uri, LATE_MS, session.signal);
      if (diagnostics !== undefined) this.#keep(session, file, diagnosticLines(file, diagnostics));
    } catch (error) {
      // The end of the session, or of the server, which is noticed at the next edit.
      this.#log.debug(messageOf(error));
    }
  }

  #keep(session: Session, file: string, lines: readonly string[]): void {
    const told = this.#told.get(session) ?? new Map<string, string>();
    const text = lines.join("\n");
    if ((told.get(file) ?? "") === text) return;
    this.#told.set(session, told.set(file, text));
    const news = this.#news.get(session) ?? new Map<string, readonly string[]>();
    this.#news.set(session, news.set(file, lines.length === 0 ? [`${file}: no diagnostics any more`] : lines));
  }
}
