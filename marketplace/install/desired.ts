import type { Intent } from "../../schemas/plugins-json.ts";
import type { ToolPins } from "./tool-pins.ts";

/** What a verb wants a root to be. */
export interface Desired {
  readonly shared: Intent;
  readonly local: Intent | undefined;
  /** Ids the verb named. */
  readonly asked: ReadonlySet<string>;
  /** Ids that the verb wants for the first time; these start as their plugin says (formats.md §1.2, `defaultEnabled`). */
  readonly fresh: ReadonlySet<string>;
  /** Ids whose lock is not binding. */
  readonly unlocked: ReadonlySet<string>;
  /** Old id → new id of plugins that their marketplace renamed. */
  readonly renames: ReadonlyMap<string, string>;
  readonly frozen: boolean;
  /** What tools of MCP servers said on this machine, to be locked. */
  readonly pins?: ReadonlyMap<string, ToolPins> | undefined;
  readonly notes: readonly string[];
}

/** What every verb starts from. */
export const NOTHING: Omit<Desired, "shared" | "local"> = {
  asked: new Set(),
  fresh: new Set(),
  unlocked: new Set(),
  renames: new Map(),
  frozen: false,
  notes: [],
};
