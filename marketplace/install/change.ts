import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { ScanReport } from "../../schemas/sarif.ts";
import type { Bundle } from "../bundle/read-bundle.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { Plan, Scope } from "../plan/plan.ts";
import type { ToolPins } from "./tool-pins.ts";

/** A plugin as a person names it. */
export type PluginRequest =
  | {
      readonly kind: "named";
      readonly name: string;
      readonly market?: string | undefined;
      readonly range?: string | undefined;
      /** Absent leaves it to what is written already, else to the author. */
      readonly enabled?: boolean | undefined;
    }
  | { readonly kind: "path"; readonly path: string; readonly enabled?: boolean | undefined };

/** What a person wants changed in one root. */
export type Change =
  | { readonly verb: "add"; readonly requests: readonly PluginRequest[] }
  | { readonly verb: "remove"; readonly ids: readonly string[]; readonly keepData: boolean }
  /** `component` is e.g. `mcp/server`. */
  | { readonly verb: "enable"; readonly ids: readonly string[]; readonly component?: string | undefined }
  | { readonly verb: "disable"; readonly ids: readonly string[]; readonly component?: string | undefined }
  /** Empty `ids` means everything. */
  | { readonly verb: "update"; readonly ids: readonly string[] }
  /** `thorough` compares every byte that is here also when frozen; without `frozen` it always does. */
  | { readonly verb: "sync"; readonly frozen: boolean; readonly thorough?: boolean | undefined }
  /** Locks what tools of MCP servers said here, by id of their plugin, and changes nothing else; `notes` are for the person. */
  | { readonly verb: "lock-tools"; readonly pins: ReadonlyMap<string, ToolPins>; readonly notes: readonly string[] }
  | { readonly verb: "rollback"; readonly to?: number | undefined }
  /** The plugins of a bundle are added as it locks them. */
  | { readonly verb: "import"; readonly bundle: Bundle };

/** In which root a change happens. `directory` is the project's real path, absent for `user`. */
export interface Target {
  readonly scope: Scope;
  readonly directory?: string | undefined;
}

/** A place that only the files of a project name. */
export interface StrangePlace {
  /** The marketplace, or the plugin that the lock takes from there. */
  readonly name: string;
  /** Address of a repository, document, package or directory. */
  readonly address: string;
  /** The file that names it. */
  readonly where: string;
}

/** How the caller takes part: it sees the plan and says yes or no, and may stop before anything is written. */
export interface Interaction {
  readonly dryRun: boolean;
  /** Whether a project may lead this machine to places that only its files name; nothing was sent, started or written before. Throws `E_TRUST`. */
  readonly allowPlaces: (project: string, places: readonly StrangePlace[]) => Promise<void>;
  readonly confirm: (plan: Plan) => Promise<boolean>;
  /** What other scanners found in the plugins to come, shown in the plan. */
  readonly reports?: readonly ScanReport[] | undefined;
  /** Foresees what other agents will hold of the set to come; nothing when absent. */
  readonly foresee?:
    | ((
        plugins: readonly GenerationPlugin[],
        inspected: ReadonlyMap<string, InspectedPlugin>,
        touched: ReadonlySet<string>,
      ) => Plan["agents"])
    | undefined;
}

/** What happened. */
export interface ChangeReport {
  readonly outcome: "done" | "nothing" | "dry-run" | "declined";
  readonly plan: Plan;
  /** Plugins that stay as they were, whose missing or damaged trees were fetched again; in a dry run: would be. */
  readonly repaired: readonly string[];
  /** The generation now current. */
  readonly generation: number;
}
