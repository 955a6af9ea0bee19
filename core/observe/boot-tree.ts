import type { PluginTier } from "../../plugin-api/plugin-info.ts";
import type { PluginState } from "../lifecycle.ts";
import type { PluginRecord } from "../plugin-record.ts";

/** One plugin of the boot tree. */
export interface BootNode {
  readonly id: string;
  readonly version: string;
  readonly tier: PluginTier;
  readonly state: PluginState;
  /** Ids of the plugins it depends on. */
  readonly dependencies: readonly string[];
  /** Components by kind. */
  readonly provides: Readonly<Record<string, number>>;
  /** Whether it brings code. */
  readonly code: boolean;
  /** Kinds of its components that no plugin takes. */
  readonly unclaimed: readonly string[];
}

/** What a host loaded, in dependency order, and what it took. */
export interface BootTree {
  readonly bootMs: number;
  readonly plugins: readonly BootNode[];
  /** Services that enabled plugins need and nobody provides. */
  readonly missing: readonly string[];
  /** Points that enabled plugins contribute to and nobody owns. */
  readonly unownedPoints: readonly string[];
  /** Gates of guarded points that nobody answers: whatever is called there is treated as the point says, mostly denied. */
  readonly unansweredGates: readonly string[];
}

/** The node of one plugin; `isClaimed` says whether some point takes a kind. */
export function bootNode(record: PluginRecord, isClaimed: (kind: string) => boolean): BootNode {
  const { info, manifest, dependencies } = record.plugin;
  const provides: Record<string, number> = {};
  for (const { kind } of manifest.contributions) provides[kind] = (provides[kind] ?? 0) + 1;
  return {
    id: info.id,
    version: info.version,
    tier: info.tier,
    state: record.state,
    dependencies,
    provides,
    code: record.extension.entry !== undefined,
    unclaimed: Object.keys(provides).filter((kind) => !isClaimed(kind)),
  };
}
