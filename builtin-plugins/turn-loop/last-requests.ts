import type { Session, Usage } from "plugsmith/plugin-api";

/** Providers keep a prompt this long after its last use. */
const CACHE_MS = 5 * 60_000;

/** What the last answer to each session tells of what its next request sends. */
export class LastRequests {
  readonly #bySession = new WeakMap<Session, { readonly tokens: number; readonly atMs: number }>();

  heard(session: Session, usage: Usage): void {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
    const tokens = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
    this.#bySession.set(session, { tokens, atMs: performance.now() });
  }

  /** Nothing is known of a session that no model has answered in this run. */
  of(session: Session): { readonly contextTokens: number; readonly isCacheWarm: boolean } {
    const last = this.#bySession.get(session);
    if (last === undefined) return { contextTokens: 0, isCacheWarm: false };
    return { contextTokens: last.tokens, isCacheWarm: performance.now() - last.atMs < CACHE_MS };
  }
}
