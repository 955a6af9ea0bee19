import type { ExitCode } from "./exit-code.ts";
import type { FlagSpec, ParsedArguments } from "./flags.ts";
import type { VerbContext } from "./context.ts";

/** A word that follows the verb. */
export interface PositionalSpec {
  readonly name: string;
  readonly required?: boolean | undefined;
  readonly variadic?: boolean | undefined;
  /** What a shell offers in its place. */
  readonly completes?: "installed" | "marketplaces" | undefined;
}

/** What a verb found or did: `data` for `--json`, `text` for people; neither is printed before the verb is over. */
export interface VerbResult {
  readonly exit: ExitCode;
  readonly data: Readonly<Record<string, unknown>>;
  /** A document in a form of somebody else, printed instead of `data` and `text`. */
  readonly document?: unknown;
  /** Lines without line ends; the printer escapes control characters in them. */
  readonly text: () => readonly string[];
}

/** One verb of the command line. */
export interface Verb {
  /** Words as typed, e.g. `marketplace add`. */
  readonly name: string;
  readonly summary: string;
  readonly positionals: readonly PositionalSpec[];
  readonly flags: readonly FlagSpec[];
  /** Paragraphs of help under the usage line. */
  readonly about?: readonly string[] | undefined;
  readonly examples: readonly string[];
  readonly run: (context: VerbContext, args: ParsedArguments) => Promise<VerbResult>;
}
