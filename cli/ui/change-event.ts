import type { ConsentItem, Plan } from "../../marketplace/plan/plan.ts";

/** What a page asks for: one change of one root. */
export interface ChangeOrder {
  readonly verb: "add" | "remove" | "enable" | "disable" | "update" | "rollback";
  /** Plugin ids; empty for a rollback, and for an update of everything. */
  readonly ids: readonly string[];
  readonly scope: "user" | "project" | "local";
  /** The generation to return to; only of a rollback. */
  readonly to?: number | undefined;
}

/** What a person answers to a question of a change. */
export interface Answer {
  readonly question: string;
  readonly yes: boolean;
  /** The digest that was shown; a yes to what can execute counts with this one only. */
  readonly digest?: string | undefined;
}

/** What a page is told while a change runs, one line of JSON each; the last one is `done` or `failed`. */
export type ChangeEvent =
  | { readonly kind: "progress"; readonly message: string }
  | { readonly kind: "remark"; readonly message: string }
  /** Asks whether to go ahead. */
  | { readonly kind: "plan"; readonly question: string; readonly plan: Plan; readonly codeMode?: string | undefined }
  /** Asks for a person's yes to what can execute, bound to the digest. */
  | {
      readonly kind: "consent";
      readonly question: string;
      readonly digest: string;
      readonly reason: string;
      readonly items: readonly ConsentItem[];
    }
  | {
      readonly kind: "done";
      readonly outcome: "done" | "nothing" | "dry-run" | "declined";
      readonly plan: Plan;
      readonly generation: number;
    }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly hint?: string | undefined };
