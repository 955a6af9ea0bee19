import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { replaceFile } from "../platform/durable-file.ts";
import { keepAside, parseState, readStateText } from "../platform/state-file.ts";
import { isRecord } from "../../schemas/record.ts";

const SCHEMA = 1;

/** A workspace that a person trusts. */
export interface TrustedWorkspace {
  /** Real path of its project directory. */
  readonly path: string;
  /** When it was trusted, ISO 8601. */
  readonly at: string;
}

/** The workspaces that a person trusts, remembered in one file of the home (DESIGN §5.1). */
export interface WorkspaceTrust {
  /** Whether exactly this real path is trusted; nothing is inherited from a folder above. */
  isTrusted(path: string): boolean;
  /** Sorted by path. */
  list(): readonly TrustedWorkspace[];
  /** Adds a real path; the caller holds the home. `false` when it was there. */
  trust(path: string): boolean;
  /** Takes a path out; the caller holds the home. `false` when it was not there. */
  revoke(path: string): boolean;
  /** What was wrong with the file so far. */
  diagnostics(): readonly Diagnostic[];
}

/**
 * Opens the record without touching the disk; it is read at each question.
 * A damaged file counts as no trust and is kept beside the new one at the next change.
 * Every method throws `E_SCHEMA_NEWER` for a file that a newer Plugsmith wrote, and `E_IO`.
 */
export function openWorkspaceTrust(file: string, now: () => Date): WorkspaceTrust {
  return new FileWorkspaceTrust(file, now);
}

class FileWorkspaceTrust implements WorkspaceTrust {
  readonly #file: string;
  readonly #now: () => Date;
  #damage: Diagnostic | undefined;

  constructor(file: string, now: () => Date) {
    this.#file = file;
    this.#now = now;
  }

  isTrusted(path: string): boolean {
    return this.#read().known.has(path);
  }

  list(): readonly TrustedWorkspace[] {
    return sorted(this.#read().known);
  }

  trust(path: string): boolean {
    return this.#change((known) => {
      if (known.has(path)) return false;
      known.set(path, this.#now().toISOString());
      return true;
    });
  }

  revoke(path: string): boolean {
    return this.#change((known) => known.delete(path));
  }

  diagnostics(): readonly Diagnostic[] {
    return this.#damage === undefined ? [] : [this.#damage];
  }

  #change(change: (known: Map<string, string>) => boolean): boolean {
    const { known, damaged } = this.#read();
    if (!change(known)) return false;
    if (damaged) keepAside(this.#file);
    const trusted = Object.fromEntries(sorted(known).map(({ path, at }) => [path, { at }]));
    replaceFile(this.#file, `${JSON.stringify({ schema: SCHEMA, trusted }, undefined, 2)}\n`);
    return true;
  }

  #read(): { readonly known: Map<string, string>; readonly damaged: boolean } {
    const text = readStateText(this.#file);
    const known = text === undefined ? new Map<string, string>() : parse(text, this.#file);
    if (known !== undefined) return { known, damaged: false };
    this.#damage = {
      code: "E_STATE_CORRUPT",
      severity: "warning",
      message: "the record of the workspaces that you trust is damaged, so none is trusted",
      file: this.#file,
      hint: "the damaged file is kept beside the new one as soon as you trust a workspace again",
    };
    return { known: new Map(), damaged: true };
  }
}

function sorted(known: ReadonlyMap<string, string>): readonly TrustedWorkspace[] {
  return Array.from(known, ([path, at]) => ({ path, at })).sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** `undefined` when the text is no record of trust. */
function parse(text: string, file: string): Map<string, string> | undefined {
  const trusted = parseState(text, file, SCHEMA)?.["trusted"];
  if (!isRecord(trusted)) return undefined;
  const known = new Map<string, string>();
  for (const [path, entry] of Object.entries(trusted)) {
    if (!isRecord(entry) || typeof entry["at"] !== "string") return undefined;
    known.set(path, entry["at"]);
  }
  return known;
}
