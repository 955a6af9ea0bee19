/** Something that was expected and is not so. */
export interface Mismatch {
  /** The key of `expect`, or `plugin` when it cannot be tried at all. */
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

/** How one case ended. */
export interface CaseOutcome {
  readonly name: string;
  readonly ok: boolean;
  readonly mismatches: readonly Mismatch[];
  readonly ms: number;
  /** Relative to the plugin. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What happened in a case, as far as expectations look at it. */
export interface Observed {
  /** Names of skills that were invoked, in full: `plugin:skill`. */
  readonly fired?: readonly string[] | undefined;
  /** Every text that the model was sent. */
  readonly sent?: readonly string[] | undefined;
  readonly called?: readonly { readonly name: string; readonly denied: boolean }[] | undefined;
  readonly results?: readonly string[] | undefined;
  readonly isError?: boolean | undefined;
  readonly reply?: string | undefined;
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
  /** What hooks tell the model. */
  readonly context?: readonly string[] | undefined;
  /** Why it could not go on to its end. */
  readonly failure?: string | undefined;
}
