import { createHash } from "node:crypto";
import type { Session } from "plugsmith/plugin-api";
import type { NamedFile } from "./folders.ts";

/** What each session has seen of which files: nothing is overwritten that the model does not know. */
export class SeenFiles {
  /** Digest of the bytes by real path. */
  readonly #bySession = new WeakMap<Session, Map<string, string>>();
  /** For calls outside sessions. */
  readonly #rest = new Map<string, string>();

  /** Notes what the model read or wrote. */
  note(session: Session | undefined, { real }: NamedFile, bytes: Uint8Array): void {
    this.#of(session).set(real, digest(bytes));
  }

  /** Throws with what to do when an existing file was not read, or has changed since. */
  require(session: Session | undefined, { path, real }: NamedFile, bytes: Uint8Array): void {
    const known = this.#of(session).get(real);
    if (known === undefined) throw new Error(`\`${path}\` was not read in this session; read it first, then change it`);
    if (known !== digest(bytes)) {
      throw new Error(
        `\`${path}\` has changed since it was read; read it again, then repeat the change on what is there now`,
      );
    }
  }

  #of(session: Session | undefined): Map<string, string> {
    if (session === undefined) return this.#rest;
    let files = this.#bySession.get(session);
    if (files === undefined) {
      files = new Map();
      this.#bySession.set(session, files);
    }
    return files;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}
