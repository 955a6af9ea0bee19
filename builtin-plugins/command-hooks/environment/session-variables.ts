import type { Session } from "plugsmith/plugin-api";

/** Variables by name; `null` for one that is taken away. */
export type Variables = Readonly<Record<string, string | null>>;

interface Kept {
  lasting: Variables;
  /** Of the directory that the session is in. */
  passing: Variables;
}

/** Events that say something of the directory a session is in: what they export goes when it leaves (formats.md §6.4). */
const OF_DIRECTORY: ReadonlySet<string> = new Set(["CwdChanged", "FileChanged"]);

/** What hooks exported for the commands of a session and the agents below it. */
export class SessionVariables {
  readonly #bySession = new WeakMap<Session, Kept>();

  of(session: Session): Variables {
    const { lasting, passing } = this.#kept(session);
    return { ...lasting, ...passing };
  }

  add(session: Session, event: string, variables: Variables): void {
    const kept = this.#kept(session);
    if (OF_DIRECTORY.has(event)) kept.passing = { ...kept.passing, ...variables };
    else kept.lasting = { ...kept.lasting, ...variables };
  }

  leaveDirectory(session: Session): void {
    this.#kept(session).passing = {};
  }

  #kept(session: Session): Kept {
    const root = rootOf(session);
    const kept = this.#bySession.get(root) ?? { lasting: {}, passing: {} };
    this.#bySession.set(root, kept);
    return kept;
  }
}

function rootOf(session: Session): Session {
  return session.parent === undefined ? session : rootOf(session.parent);
}
