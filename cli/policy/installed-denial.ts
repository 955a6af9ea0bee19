import type { SessionPlugin } from "../../core/discover/enabled-set.ts";
import type { KnownMarketplace } from "../../marketplace/catalog/snapshot.ts";
import type { Home } from "../../marketplace/home.ts";
import { loadIntent, rootFiles } from "../../marketplace/lock/root-files.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { launcherStates } from "../../schemas/launchers/launcher-state.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { Decide, PolicyDecision, RulePlace } from "../../schemas/policy.ts";
import { usedCapabilities } from "../../schemas/used-capabilities.ts";

/** What policy is asked with about what is installed. */
export interface DenialOptions {
  readonly home: Home;
  readonly decide: Decide;
  /** By the name in ids. */
  readonly marketOf: (name: string) => Pick<KnownMarketplace, "source" | "identity"> | undefined;
}

/** Why a plugin may not load, and which rule says so. */
export interface Denial {
  readonly rule: RulePlace;
  readonly reason: string;
}

/** A plugin as a generation has it. */
export type InstalledSubject = Pick<SessionPlugin, "plugin" | "root">;

/** Says why policy of today forbids plugins that are installed: as a whole, for what they bring, or for what they start. */
export class InstalledDenials {
  readonly #options: DenialOptions;
  /** By name, so that all plugins of a marketplace are asked about with one. */
  readonly #markets = new Map<string, ReturnType<DenialOptions["marketOf"]>>();
  /** What people want, by file. */
  readonly #ranges = new Map<string, Readonly<Record<string, string>>>();

  constructor(options: DenialOptions) {
    this.#options = options;
  }

  of(installed: InstalledSubject, manifest: PluginManifest): Denial | undefined {
    const { decide } = this.#options;
    const { plugin } = installed;
    const { id, version, source, tree } = plugin;
    const market = this.#marketOf(id.slice(id.lastIndexOf("@") + 1));
    const range = this.#rangeOf(installed);
    const whole = decide({ kind: "plugin", id, version, market, source, tree, range }, "load");
    if (!whole.allowed) return denial(whole, "");
    for (const { kind: capability, name } of usedCapabilities(manifest)) {
      const decision = decide({ kind: "capability", id, capability }, "load");
      if (!decision.allowed) return denial(decision, ` (\`${name}\`)`);
    }
    const launchers = decide({ kind: "flag", name: "unlocked-launchers" }, "load");
    if (launchers.allowed) return undefined;
    for (const state of launcherStates(manifest, plugin))
      if ("unlocked" in state) return denial(launchers, ` (${state.component}: ${state.unlocked})`);
    return undefined;
  }

  #marketOf(name: string): ReturnType<DenialOptions["marketOf"]> {
    const known = this.#markets.get(name);
    if (known !== undefined) return known;
    const market = this.#options.marketOf(name);
    this.#markets.set(name, market);
    return market;
  }

  /** The range in which somebody wants it; what cannot be read pins nothing. */
  #rangeOf({ plugin: { id, requested, scope }, root }: InstalledSubject): string | undefined {
    if (!requested) return undefined;
    const target = scope === "user" ? { scope } : { scope, directory: root };
    const { intent, local = intent } = rootFiles(this.#options.home, target);
    const file = scope === "local" ? local : intent;
    let ranges = this.#ranges.get(file);
    if (ranges === undefined) {
      ranges = rangesIn(file);
      this.#ranges.set(file, ranges);
    }
    return ranges[id] ?? "*";
  }
}

function rangesIn(file: string): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(Object.entries(loadIntent(file).value.plugins).map(([id, { range }]) => [id, range]));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return {};
  }
}

function denial(decision: Extract<PolicyDecision, { allowed: false }>, finding: string): Denial {
  return { rule: decision.rule, reason: `${decision.reason}${finding}` };
}
