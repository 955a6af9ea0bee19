import type { Session } from "plugsmith/plugin-api";

/** The sessions that a server works for at the moment: what it asks meanwhile is asked on behalf of the newest. */
export class Callers {
  #sessions: readonly Session[] = [];

  get newest(): Session | undefined {
    return this.#sessions.at(-1);
  }

  async during<Result>(session: Session | undefined, work: () => Promise<Result>): Promise<Result> {
    if (session === undefined) return work();
    this.#sessions = [...this.#sessions, session];
    try {
      return await work();
    } finally {
      const at = this.#sessions.lastIndexOf(session);
      this.#sessions = this.#sessions.toSpliced(at, 1);
    }
  }
}
