import { createHash } from "node:crypto";
import type { Session } from "plugsmith/plugin-api";
import type { Instruction } from "./instruction.ts";

const NOTE = "instructions/loaded";

interface Known {
  readonly files: Set<string>;
  readonly digests: Set<string>;
  waiting: readonly Instruction[];
}

/** Which instructions each session has been given: no file and no text twice, also after it was resumed. */
export class LoadedInstructions {
  readonly #bySession = new WeakMap<Session, Known>();

  /** Those that the session does not have yet; from now on it has them. */
  take(session: Session, instructions: readonly Instruction[]): readonly Instruction[] {
    const known = this.#of(session);
    return instructions.filter((instruction) => {
      const { file, text } = instruction;
      const digest = digestOf(text);
      if (known.files.has(file) || known.digests.has(digest)) return false;
      known.files.add(file);
      known.digests.add(digest);
      return true;
    });
  }

  /** Records that the session was given them. */
  record(session: Session, instructions: readonly Instruction[]): void {
    for (const { file, text } of instructions) session.note(NOTE, { file, digest: digestOf(text) });
  }

  /** Keeps instructions until texts for the model are collected next. */
  keep(session: Session, instructions: readonly Instruction[]): void {
    const known = this.#of(session);
    known.waiting = [...known.waiting, ...instructions];
  }

  release(session: Session): readonly Instruction[] {
    const known = this.#of(session);
    const { waiting } = known;
    known.waiting = [];
    return waiting;
  }

  #of(session: Session): Known {
    let known = this.#bySession.get(session);
    if (known === undefined) {
      known = { files: new Set(), digests: new Set(), waiting: [] };
      for (const note of session.notes(NOTE)) {
        if (typeof note !== "object" || note === null || !("file" in note) || !("digest" in note)) continue;
        known.files.add(String(note.file));
        known.digests.add(String(note.digest));
      }
      this.#bySession.set(session, known);
    }
    return known;
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text.trim()).digest("base64");
}
