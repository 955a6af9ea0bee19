import { CodedError } from "../schemas/errors.ts";
import type { ConsentStore } from "../core/trust/consent-store.ts";
import type { ConsentItem } from "../marketplace/plan/plan.ts";
import type { Consent } from "../marketplace/services.ts";
import type { PolicyDocument } from "../schemas/policy.ts";
import { givenConsent } from "../schemas/policy-required.ts";
import { acceptsAll, combinedDigest } from "./consent-digest.ts";
import { changeLines, consentQuestion, consentReason, movedLines } from "./print/consent-text.ts";
import { withOptions } from "./print/command-text.ts";
import type { Detail } from "./print/difference-text.ts";
import { executableLines } from "./print/executable-text.ts";
import { foreign } from "./print/style.ts";

/** How a person can be asked, when there is one. */
export interface Person {
  readonly interactive: boolean;
  /** Digests and commits given with `--accept`. */
  readonly accepted: readonly string[];
  /** The command line to repeat, for the hint. */
  readonly command: string;
  /** Whether all of what changed is shown, however much it is. */
  readonly detail: Detail;
  /** Shows what is asked about. */
  readonly show: (items: readonly ConsentItem[]) => void;
  readonly ask: (question: string) => Promise<boolean>;
  /** Asks what is no consent to anything that was shown; absent where nobody could answer that. */
  readonly askPlainly?: ((question: string) => Promise<boolean>) | undefined;
}

/** Joins what was accepted before, and what administrators accept, with the person at the terminal. `--yes` has no part in it. */
export function consentOf(store: ConsentStore, person: Person, documents: readonly PolicyDocument[]): Consent {
  return {
    givenBy: (subject) => (documents.length === 0 ? undefined : givenConsent(documents, subject)),
    has: (id, closure) => store.has(id, closure),
    last: (id) => store.last(id),
    record: (items) => store.record(items),
    ask: async (items) => {
      if (acceptsAll(items, person.accepted)) return "granted";
      if (!person.interactive) throw nobodyToAsk(items, person);
      person.show(items);
      return (await person.ask(consentQuestion(items))) ? "granted" : "refused";
    },
  };
}

function nobodyToAsk(items: readonly ConsentItem[], { accepted, command, detail }: Person): CodedError {
  const what = items.flatMap((item) => [
    foreign(`${item.id} ${item.version} from ${item.origin}`),
    ...movedLines(item, "  "),
    ...executableLines(item.executables, "  "),
    `  digest ${item.closure}`,
    ...changeLines(item, "  ", { detail, command }),
  ]);
  const stale = accepted.length === 0 ? "" : "; the digest that was accepted is not what would run";
  return new CodedError("E_TRUST", [`${consentReason(items)} and nobody can be asked${stale}`, ...what].join("\n"), {
    hint: `when you have read what would run, say yes to exactly that with\n${withAccept(command, combinedDigest(items))}`,
    data: { accept: combinedDigest(items), items },
  });
}

/** A command line with the digest or commit in it that it is to accept. */
export function withAccept(command: string, digest: string): string {
  return withOptions(command, `--accept ${digest}`);
}
