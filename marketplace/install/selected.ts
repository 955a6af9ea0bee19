import type { LockedPlugin } from "../../schemas/lockfile.ts";
import type { Choice } from "./plugin-versions.ts";

/** One plugin of the answer: exactly as the lock has it, or chosen anew. */
export type Selected =
  | { readonly kind: "locked"; readonly id: string; readonly version: string; readonly locked: LockedPlugin }
  | {
      readonly kind: "chosen";
      readonly id: string;
      readonly version: string;
      readonly choice: Choice;
      /** Required id → range. */
      readonly dependencies: Readonly<Record<string, string>>;
    };

/** The resolved set of one intent. */
export interface Selection {
  readonly plugins: ReadonlyMap<string, Selected>;
  readonly cycles: readonly (readonly string[])[];
}
