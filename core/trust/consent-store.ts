import { replaceFile } from "../platform/durable-file.ts";
import { keepAside, parseState, readStateText } from "../platform/state-file.ts";
import { isRecord } from "../../schemas/record.ts";
import type { AcceptedClosure } from "../../plugin-api/service-contracts.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";

const SCHEMA = 1;

/** The closures a person said yes to, remembered in one file of the home (DESIGN §5.3). */
export interface ConsentStore {
  /** Whether this closure digest of this plugin was accepted before. */
  has(id: string, closure: string): boolean;
  /** What of this plugin was accepted last. */
  last(id: string): Omit<AcceptedClosure, "id" | "version"> | undefined;
  /** Adds accepted closures; the caller holds the home, so what other processes recorded before is kept. */
  record(accepted: readonly AcceptedClosure[]): void;
  /** What was wrong with the file so far. */
  diagnostics(): readonly Diagnostic[];
}

/** One yes; the newest of a plugin stands last. */
interface Acceptance {
  readonly closure: string;
  readonly version: string;
  readonly tree?: string | undefined;
  readonly manifest?: string | undefined;
  readonly at: string;
}

type Acceptances = ReadonlyMap<string, readonly Acceptance[]>;

/**
 * Opens the store without touching the disk; it is read at the first question.
 * A damaged file counts as no consent and is kept beside the new one at the next `record`.
 * Every method throws `E_SCHEMA_NEWER` for a file that a newer Plugsmith wrote, and `E_IO`.
 */
export function openConsentStore(file: string, now: () => Date): ConsentStore {
  return new FileConsentStore(file, now);
}

class FileConsentStore implements ConsentStore {
  readonly #file: string;
  readonly #now: () => Date;
  #known: Acceptances | undefined;
  #damage: Diagnostic | undefined;

  constructor(file: string, now: () => Date) {
    this.#file = file;
    this.#now = now;
  }

  has(id: string, closure: string): boolean {
    return this.#of(id).some((accepted) => accepted.closure === closure);
  }

  last(id: string): Omit<AcceptedClosure, "id" | "version"> | undefined {
    return this.#of(id).at(-1);
  }

  record(accepted: readonly AcceptedClosure[]): void {
    if (accepted.length === 0) return;
    const { known, damaged } = this.#read();
    const next = new Map(known);
    const at = this.#now().toISOString();
    for (const { id, version, closure, tree, manifest } of accepted) {
      const others = (next.get(id) ?? []).filter((acceptance) => acceptance.closure !== closure);
      const digests = { ...(tree !== undefined && { tree }), ...(manifest !== undefined && { manifest }) };
      next.set(id, [...others, { closure, version, ...digests, at }]);
    }
    if (damaged) keepAside(this.#file);
    replaceFile(this.#file, render(next));
    this.#known = next;
  }

  diagnostics(): readonly Diagnostic[] {
    return this.#damage === undefined ? [] : [this.#damage];
  }

  #of(id: string): readonly Acceptance[] {
    this.#known ??= this.#read().known;
    return this.#known.get(id) ?? [];
  }

  #read(): { readonly known: Acceptances; readonly damaged: boolean } {
    const text = readStateText(this.#file);
    const known = text === undefined ? new Map<string, readonly Acceptance[]>() : parse(text, this.#file);
    if (known !== undefined) return { known, damaged: false };
    this.#damage = {
      code: "E_STATE_CORRUPT",
      severity: "warning",
      message: "the record of what you consented to is damaged, so you are asked again",
      file: this.#file,
      hint: "the damaged file is kept beside the new one as soon as a consent is recorded",
    };
    return { known: new Map(), damaged: true };
  }
}

/** `undefined` when the text is no consent file. */
function parse(text: string, file: string): Acceptances | undefined {
  const state = parseState(text, file, SCHEMA);
  if (state === undefined || !isRecord(state["accepted"])) return undefined;
  const known = new Map<string, readonly Acceptance[]>();
  for (const [id, list] of Object.entries(state["accepted"])) {
    if (!Array.isArray(list) || !list.every(isAcceptance)) return undefined;
    known.set(id, list);
  }
  return known;
}

function isAcceptance(value: unknown): value is Acceptance {
  if (!isRecord(value)) return false;
  if (!["tree", "manifest"].every((key) => ["string", "undefined"].includes(typeof value[key]))) return false;
  return ["closure", "version", "at"].every((key) => typeof value[key] === "string");
}

function render(known: Acceptances): string {
  const sorted = [...known].sort(([left], [right]) => (left < right ? -1 : 1));
  return `${JSON.stringify({ schema: SCHEMA, accepted: Object.fromEntries(sorted) }, undefined, 2)}\n`;
}
