import type { Audit } from "plugsmith/plugin-api";
import { CodedError } from "../../schemas/errors.ts";
import type { GitCommit } from "./git-objects.ts";
import type { Relation } from "./history.ts";
import type { RememberedSource, SourceMemory } from "./source-memory.ts";

/** A source at which another repository answers than the one that is remembered. */
export interface ReplacedSource {
  readonly identity: string;
  /** The first commit that was seen there, and when. */
  readonly first: string;
  readonly at: string;
  /** The commit that is there now. */
  readonly found: string;
}

/** A person's answer to a replaced source; `hint` says how it can be given, when nobody could be asked. */
export type SourceAnswer = { readonly accepted: true } | { readonly accepted: false; readonly hint: string };

/** What lineages need from the composition root. */
export interface LineagesOptions {
  readonly memory: SourceMemory;
  readonly audit: Audit;
  readonly ask: (replaced: ReplacedSource) => Promise<SourceAnswer>;
}

/** A repository as it was just fetched (`Repository`). */
interface Fetched {
  head(ref: string): Promise<string | undefined>;
  commit(oid: string): Promise<GitCommit | undefined>;
  relation(oid: string, ref: string, known: readonly string[]): Promise<Relation>;
  stillHolds(ref: string, known: readonly string[]): Promise<boolean>;
}

/** Whether the repository at a source still is the one that it was. */
export interface Lineage {
  /** The ref by which the repository is known; it stands for tags that are fetched with it. */
  knownRef(): string | undefined;
  /** Judges what was fetched, and remembers it. Throws `E_SOURCE_REPLACED` for another repository that nobody has accepted. */
  check(repository: Fetched, refs: readonly string[]): Promise<void>;
}

/** Judges the repositories that one process fetches by what this home has seen of their sources before. */
export class Lineages {
  readonly #options: LineagesOptions;
  readonly #refused = new Map<string, CodedError>();
  #asking: Promise<unknown> = Promise.resolve();

  constructor(options: LineagesOptions) {
    this.#options = options;
  }

  /** `identity` is that of the source, wherever its bytes are fetched from. */
  of(identity: string): Lineage {
    return {
      knownRef: () => this.#options.memory.of(identity)?.ref,
      check: async (repository, refs) => {
        for (const ref of refs) await this.#check(identity, repository, ref);
      },
    };
  }

  async #check(identity: string, repository: Fetched, ref: string): Promise<void> {
    const { memory, audit } = this.#options;
    const head = await repository.head(ref);
    if (head === undefined) return;
    const source = memory.of(identity);
    const known = source === undefined ? [] : knownOf(source);
    if (known.includes(head)) return;
    if (source !== undefined) {
      const relation = await related(repository, head, ref, source);
      if (relation === "unrelated") {
        await this.#accept({ identity, first: source.first, at: source.at, found: head });
        return memory.replace(identity, ref, head);
      }
      if (relation === "rewritten")
        audit.append({ action: "source rewritten", subject: identity, outcome: "allowed", detail: { ref, to: head } });
    }
    memory.remember(identity, ref, head);
  }

  /** One question at a time, and none twice. */
  async #accept(replaced: ReplacedSource): Promise<void> {
    const turn = this.#asking.then(() => this.#ask(replaced));
    this.#asking = turn.catch(() => undefined);
    await turn;
  }

  async #ask(replaced: ReplacedSource): Promise<void> {
    const { audit, ask } = this.#options;
    const { identity, first, found } = replaced;
    const key = `${identity} ${found}`;
    const refused = this.#refused.get(key);
    if (refused !== undefined) throw refused;
    const answer = await ask(replaced);
    const detail = { first, found };
    audit.append({
      action: "source replaced",
      subject: identity,
      outcome: answer.accepted ? "allowed" : "denied",
      detail,
    });
    if (answer.accepted) return;
    const error = new CodedError("E_SOURCE_REPLACED", replacedMessage(replaced), {
      hint: answer.hint,
      data: { source: identity, first, accept: found },
    });
    this.#refused.set(key, error);
    throw error;
  }
}

/** What happened to a source, as one clause. */
export function replacedMessage({ identity, first, at, found }: ReplacedSource): string {
  return `another repository than before answers at \`${identity}\`: its commit \`${found.slice(0, 12)}\` has no history in common with \`${first.slice(0, 12)}\`, first seen there on ${at.slice(0, 10)}`;
}

/** The newest first, since servers keep those the longest. */
function knownOf({ first, later }: RememberedSource): readonly string[] {
  return [...later.toReversed(), first];
}

async function related(repository: Fetched, head: string, ref: string, source: RememberedSource): Promise<Relation> {
  const known = knownOf(source);
  const commit = await repository.commit(head);
  if (commit?.parents.some((parent) => known.includes(parent)) === true) return "descends";
  const relation = await repository.relation(head, ref, known);
  if (relation !== "unrelated" || ref === source.ref) return relation;
  // A branch with a root of its own, in a repository that otherwise is what it was.
  return (await repository.stillHolds(source.ref, known)) ? "rewritten" : "unrelated";
}
