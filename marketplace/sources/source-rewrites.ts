import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import { parseGitUrl, type GitUrl } from "../../schemas/identity.ts";
import { type RewriteList, rewritten } from "../../schemas/policy-rewrites.ts";

/** A managed policy document, as far as it says where bytes come from. */
interface RewritingDocument {
  readonly sourceRewrites?: RewriteList | undefined;
}

/**
 * Where bytes are fetched: what an administrator's `sourceRewrites` make of an address. What a source is called stays as it was: in
 * intents, locks, policy and consent.
 */
export class SourceRewrites {
  readonly #lists: readonly RewriteList[];
  readonly #notes = new Map<string, Diagnostic>();

  constructor(documents: readonly RewritingDocument[]) {
    this.#lists = documents.flatMap(({ sourceRewrites }) => sourceRewrites ?? []);
  }

  /** The repository that git talks to. Throws `E_SOURCE_BLOCKED` while a rule cannot be read, and `E_GIT_URL`. */
  git(url: GitUrl): GitUrl {
    if (url.transport === "file") return url;
    const address = this.#rewritten(url.url);
    return address === url.url ? url : parseGitUrl(address);
  }

  /** The address of a document, archive or registry that is asked. Throws `E_SOURCE_BLOCKED`, also for one that only git can read. */
  web(address: string): string {
    const there = this.#rewritten(address);
    if (/^https?:/u.test(there)) return there;
    throw new CodedError(
      "E_SOURCE_BLOCKED",
      `\`${address}\` is to be fetched from \`${there}\`, which only git can do`,
      {
        hint: "ask your administrator about `sourceRewrites`: documents, archives and packages need an https address",
      },
    );
  }

  /** What was fetched from elsewhere than its name says, a rule each. */
  notes(): readonly Diagnostic[] {
    return [...this.#notes.values()];
  }

  #rewritten(address: string): string {
    const found = rewritten(address, this.#lists);
    if (found === undefined) {
      const closed = this.#lists.find((list) => list.closed !== undefined)?.closed;
      if (closed === undefined) return address;
      const where = closed.line === undefined ? closed.file : `${closed.file}:${closed.line}`;
      throw new CodedError(
        "E_SOURCE_BLOCKED",
        `\`${address}\` is not fetched: nobody can tell from where, since \`${closed.key}\` of the policy is not valid`,
        { where, hint: "ask your administrator to correct the file" },
      );
    }
    const { file, line } = found.rule.place;
    this.#notes.set(found.rule.from, {
      code: "I_SOURCE_REWRITTEN",
      severity: "info",
      message: `what lies at \`${found.rule.from}\` was fetched from \`${found.rule.to}\`, as the policy says`,
      file,
      ...(line === undefined ? {} : { line }),
    });
    return found.address;
  }
}
