import { isDeepStrictEqual } from "node:util";
import type { Log, PluginContext } from "../plugin-api/plugin.ts";
import type { PluginInfo } from "../plugin-api/plugin-info.ts";
import { pluginsService, type Plugins } from "../plugin-api/services/plugins.ts";
import type { Audit } from "../plugin-api/service-contracts.ts";
import { CodedError } from "../schemas/errors.ts";
import { Activator, type ActivationBudgets } from "./activate/activator.ts";
import { CIRCUIT_LIMITS, type CircuitLimits } from "./activate/circuit.ts";
import { Ownership } from "./activate/ownership.ts";
import { Door } from "./activate/plugin-context.ts";
import { Doorway } from "./doorway.ts";
import { dependentsOf, withoutPlugin, withoutService } from "./graph/dependents.ts";
import { ordered } from "./graph/order.ts";
import type { HostPlugin } from "./host-plugin.ts";
import type { HeldReason } from "./lifecycle.ts";
import { bootNode, type BootTree } from "./observe/boot-tree.ts";
import { PendingCalls, type PendingReport } from "./observe/pending-calls.ts";
import { coded, PluginRecord } from "./plugin-record.ts";
import type { HostService } from "./services/service-registry.ts";

/** What a host is made of. */
export interface HostOptions {
  readonly plugins: readonly HostPlugin[];
  /** Services of the host itself, e.g. processes, secrets, settings. */
  readonly services: readonly HostService[];
  readonly audit: Audit;
  readonly log: (plugin: string) => Log;
  /** Who runs the host, as the other plugins see it. */
  readonly frontend: PluginInfo;
  readonly budgets?: ActivationBudgets | undefined;
  readonly circuit?: CircuitLimits | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

const BUDGETS: ActivationBudgets = { loadMs: 20_000, activateMs: 20_000 };

/** Loads plugins and joins them: contribute, listen, provide and use; it knows no model, turn or tool (DESIGN §6). */
export class Host {
  readonly #options: HostOptions;
  readonly #records = new Map<string, PluginRecord>();
  readonly #pending = new PendingCalls();
  readonly #activator: Activator;
  readonly #doorway: Doorway;
  readonly #watchers = new Set<() => void>();
  readonly #bootMs: number;
  readonly #frontend: Ownership;
  #order: readonly string[] = [];
  /** The door of whoever runs the host: the same three mechanisms that plugins have, nothing to announce. */
  readonly frontend: PluginContext;

  /** Discovers and resolves; nothing is activated. What is wrong with a plugin stands in its state. */
  constructor(options: HostOptions) {
    const started = performance.now();
    this.#options = options;
    const own: HostService = { key: pluginsService.key, open: () => this.#pluginList() };
    this.#doorway = new Doorway({
      services: [...options.services, own],
      audit: options.audit,
      pending: this.#pending,
      find: (id) => this.#records.get(id),
      records: () => this.#records.values(),
      activate: (record) => this.#activator.activate(record),
      failed: (plugin, error) => this.#report(plugin, error),
    });
    this.#activator = new Activator({
      budgets: options.budgets ?? BUDGETS,
      pending: this.#pending,
      find: (id) => this.#records.get(id),
      open: (record) => this.#open(record),
      verify: (record) => this.#doorway.verify(record),
      crashed: (record, error) => void this.#crash(record, error),
      now: options.now ?? (() => performance.now()),
    });
    const { frontend } = options;
    this.#frontend = new Ownership(frontend.id);
    this.frontend = new Door(this.#doorway, frontend, {}, options.log(frontend.id), this.#frontend);
    this.#add(options.plugins);
    this.#bootMs = performance.now() - started;
  }

  /** Activates the plugins that ask for it at boot; failures stand in their states. */
  async start(): Promise<void> {
    await Promise.all(
      [...this.#records.values()]
        .filter((record) => record.extension.startup && record.usable)
        .map((record) => this.activate(record.id).catch((error: unknown) => this.#report(record.id, error))),
    );
  }

  /** Activates one plugin. Rejects with why not. */
  async activate(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record === undefined) throw new CodedError("E_PLUGIN_UNKNOWN", `no plugin \`${id}\` is enabled here`);
    await this.#activator.activate(record);
  }

  /**
   * Replaces the set of plugins: what went or changed is disposed, dependents first, then what came is resolved. What failed or
   * is held gets another chance.
   */
  async reload(plugins: readonly HostPlugin[]): Promise<readonly string[]> {
    const wanted = new Map(plugins.map((plugin) => [plugin.info.id, plugin]));
    const gone = new Set(
      [...this.#records.values()].filter((record) => !stays(record, wanted.get(record.id))).map(({ id }) => id),
    );
    for (const id of this.#order) {
      const record = this.#records.get(id);
      const providers = record?.extension.uses.map((key) => this.#doorway.providerOf(key) ?? "") ?? [];
      const needs = [...(record?.plugin.dependencies ?? []), ...providers];
      if (needs.some((need) => gone.has(need))) gone.add(id);
    }
    for (const id of this.#order.toReversed()) if (gone.has(id)) await this.#remove(id);
    const added = plugins.filter(({ info }) => !this.#records.has(info.id));
    this.#add(added);
    this.#tellWatchers();
    return [...new Set([...gone, ...added.map(({ info }) => info.id)])];
  }

  /**
   * Takes a plugin out at once, e.g. because policy forbids it from now on, and with it those that need it; a reload that finds the
   * reason gone brings all of them back. Returns the ids of what was taken out.
   */
  async hold(
    id: string,
    reason: Exclude<HeldReason, "circuit">,
    message: string,
    hint?: string,
  ): Promise<readonly string[]> {
    const record = this.#records.get(id);
    if (record === undefined || !record.usable) return [];
    record.move({ to: "held", reason, message, hint });
    const blocked = this.#block([record], this.#inOrder());
    await Promise.all([...blocked.toReversed(), record].map((each) => this.#takeDown(each)));
    this.#tellWatchers();
    return [record, ...blocked].map((each) => each.id);
  }

  /** Everything that is loaded, in dependency order, with states and timings. */
  tree(): BootTree {
    const records = this.#inOrder();
    const missing = records.flatMap(({ extension }) => extension.uses.filter((key) => !this.#doorway.isProvided(key)));
    const points = records.flatMap(({ extension }) => Object.keys(extension.contributes));
    return {
      bootMs: this.#bootMs,
      plugins: records.map((record) => bootNode(record, (kind) => this.#doorway.isClaimed(kind))),
      missing: [...new Set(missing)].sort(),
      unownedPoints: [...new Set(points)].filter((key) => !this.#doorway.isOwned(key)).sort(),
      unansweredGates: this.#doorway.unansweredGates(),
    };
  }

  /** Whether an event is the gate of a guarded point: code in a process of its own may not answer it. */
  isGuardGate(event: string): boolean {
    return this.#doorway.isGuardGate(event);
  }

  /** What the host waits for at this moment. */
  pending(): readonly PendingReport[] {
    return this.#pending.report();
  }

  /** Contributions, listeners and services that are registered; all zero after `dispose`. */
  get registered(): { readonly contributions: number; readonly listeners: number; readonly services: number } {
    return this.#doorway.registered;
  }

  /** Disposes every plugin, dependents first. A second call does nothing. */
  async dispose(): Promise<void> {
    await this.#frontend.dispose();
    for (const id of this.#order.toReversed()) await this.#remove(id);
    this.#order = [];
  }

  #add(plugins: readonly HostPlugin[]): void {
    const added = plugins.map((plugin) => new PluginRecord(plugin, this.#options.circuit ?? CIRCUIT_LIMITS));
    for (const record of added) this.#records.set(record.id, record);
    this.#order = ordered(
      [...this.#records.values()].map(({ id, plugin }) => ({ id, after: plugin.dependencies })),
      { cycles: "allow" },
    );
    const fresh = new Set(added);
    // What comes with the program is entered first: nobody takes the place of a built-in that is enabled.
    const inOrder = this.#inOrder()
      .filter((record) => fresh.has(record))
      .sort((left, right) => rankOf(left) - rankOf(right));
    for (const record of inOrder) this.#resolve(record);
    this.#block(
      inOrder.filter(({ usable }) => !usable),
      inOrder,
    );
    for (const record of inOrder) if (record.usable) this.#doorway.addStatics(record);
  }

  #resolve(record: PluginRecord): void {
    if (record.state.kind !== "discovered") return;
    for (const id of record.plugin.dependencies) {
      const state = this.#records.get(id)?.state;
      if (state !== undefined && state.kind !== "failed" && state.kind !== "held") continue;
      record.fail("resolve", withoutPlugin(record.id, id, state), id);
      return;
    }
    try {
      this.#doorway.announce(record);
      record.move({ to: "resolved", dependencies: record.plugin.dependencies });
    } catch (error) {
      record.fail("resolve", error);
    }
  }

  /** Takes part in nothing from now on what needs one of `out`, among `records`; returns it, for its code to be disposed. */
  #block(out: readonly PluginRecord[], records: readonly PluginRecord[]): readonly PluginRecord[] {
    const lacks = dependentsOf(
      records.filter(({ usable }) => usable),
      out.map(({ id }) => id),
      this.#doorway,
    );
    for (const [record, lack] of lacks) {
      if (lack.kind === "service") record.move(withoutService(lack));
      else record.fail("resolve", withoutPlugin(record.id, lack.id, this.#records.get(lack.id)?.state), lack.id);
      this.#doorway.withdraw(record);
    }
    return [...lacks.keys()];
  }

  #inOrder(): readonly PluginRecord[] {
    return this.#order.flatMap((id) => this.#records.get(id) ?? []);
  }

  #open(record: PluginRecord): PluginContext {
    const { info, options } = record.plugin;
    return new Door(this.#doorway, info, options, this.#options.log(info.id), record.owned);
  }

  async #remove(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record === undefined) return;
    await this.#takeDown(record);
    record.move({ to: "disposed" });
    this.#records.delete(id);
    this.#order = this.#order.filter((other) => other !== id);
  }

  async #takeDown(record: PluginRecord): Promise<void> {
    this.#doorway.withdraw(record);
    // An activation that is under way ends by the signal of what it owns.
    for (const error of await record.owned.dispose()) this.#report(record.id, error);
  }

  async #crash(record: PluginRecord, error: unknown): Promise<void> {
    const { kind } = record.state;
    if (kind !== "loaded" && kind !== "activated") return;
    this.#report(record.id, error);
    const open = record.circuit.crashed((this.#options.now ?? (() => performance.now()))());
    record.move({ to: "crashed", dependencies: record.plugin.dependencies });
    if (open) {
      const message = `it crashed too often, the last time with: ${coded(error, record.id, "crash").message}`;
      record.move({ to: "held", reason: "circuit", message, hint: "reload it once its cause is mended" });
    }
    const blocked = open ? this.#block([record], this.#inOrder()) : [];
    const reason = coded(error, record.id, "crash");
    for (const failure of await record.owned.dispose(reason)) this.#report(record.id, failure);
    await Promise.all(blocked.toReversed().map((dependent) => this.#takeDown(dependent)));
    this.#tellWatchers();
  }

  #report(plugin: string, error: unknown): void {
    const { message } = coded(error, plugin, "run");
    this.#options.log(plugin).warn(message);
  }

  #pluginList(): Plugins {
    return {
      all: () =>
        this.#inOrder().map(({ plugin: { info, manifest, options, lockedTools = {} }, state }) => {
          return { plugin: info, manifest, options, lockedTools, state: state.kind };
        }),
      onChange: (listener) => {
        this.#watchers.add(listener);
        return { dispose: () => this.#watchers.delete(listener) };
      },
    };
  }

  #tellWatchers(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

function rankOf({ plugin }: PluginRecord): number {
  return plugin.info.tier === "builtin" ? 0 : 1;
}

/** Whether a reload leaves a plugin as it is. */
function stays({ plugin, usable }: PluginRecord, wanted: HostPlugin | undefined): boolean {
  if (!usable || wanted === undefined || wanted.held !== undefined) return false;
  const facts = ({ options, lockedTools }: HostPlugin): readonly unknown[] => [options, lockedTools];
  return wanted.revision === plugin.revision && isDeepStrictEqual(facts(wanted), facts(plugin));
}
