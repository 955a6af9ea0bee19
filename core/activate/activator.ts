import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Plugin, PluginContext } from "../../plugin-api/plugin.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { PendingCalls } from "../observe/pending-calls.ts";
import type { PluginRecord } from "../plugin-record.ts";
import { Ownership } from "./ownership.ts";

/** How long the steps of an activation may take. */
export interface ActivationBudgets {
  readonly loadMs: number;
  readonly activateMs: number;
}

/** What activating needs of the host. */
export interface ActivatorOptions {
  readonly budgets: ActivationBudgets;
  readonly pending: PendingCalls;
  readonly find: (id: string) => PluginRecord | undefined;
  readonly open: (record: PluginRecord) => PluginContext;
  /** Throws `E_NOT_ANNOUNCED` when a plugin did not add what its manifest announces. */
  readonly verify: (record: PluginRecord) => void;
  readonly crashed: (record: PluginRecord, error: unknown) => void;
  readonly now: () => number;
}

/** Brings plugins up when they are first needed: dependencies first, in parallel, each once (DESIGN §6). */
export class Activator {
  readonly #options: ActivatorOptions;
  /** Plugins whose activation the current code is part of: they are not waited for. */
  readonly #chain = new AsyncLocalStorage<ReadonlySet<string>>();

  constructor(options: ActivatorOptions) {
    this.#options = options;
  }

  /** Rejects with what holds the plugin back, or made it fail. */
  async activate(record: PluginRecord): Promise<void> {
    if (record.state.kind === "activated" || this.#chain.getStore()?.has(record.id) === true) return;
    record.requireUsable();
    record.activation ??= this.#run(record).finally(() => {
      record.activation = undefined;
    });
    await record.activation;
  }

  async #run(record: PluginRecord): Promise<void> {
    const chain = new Set(this.#chain.getStore()).add(record.id);
    await this.#chain.run(chain, async () => {
      const started = performance.now();
      const waitMs = record.circuit.pauseMs(this.#options.now());
      if (waitMs > 0) await pause(waitMs);
      await this.#dependencies(record);
      const plugin = await this.#load(record);
      // Meanwhile it may have been held back or disposed.
      record.requireUsable();
      record.move({ to: "loaded", module: plugin !== undefined });
      if (plugin !== undefined) await this.#start(record, plugin);
      record.move({ to: "activated", ms: performance.now() - started });
    });
  }

  /** A failure fails dependents, never siblings. */
  async #dependencies(record: PluginRecord): Promise<void> {
    const dependencies = record.plugin.dependencies.flatMap((id) => this.#options.find(id) ?? []);
    const results = await Promise.allSettled(dependencies.map((dependency) => this.activate(dependency)));
    const at = results.findIndex(({ status }) => status === "rejected");
    const [dependency, result] = [dependencies[at], results[at]];
    if (dependency === undefined || result?.status !== "rejected") return;
    const error = new CodedError(
      "E_PLUGIN_FAILED",
      `plugin \`${record.id}\` cannot start: \`${dependency.id}\`, which it needs, does not`,
      { cause: result.reason, hint: "`plugsmith boot --tree` shows why" },
    );
    if (record.usable) record.fail("resolve", error, dependency.id);
    throw error;
  }

  async #load(record: PluginRecord): Promise<Plugin | undefined> {
    const { load } = record.plugin;
    if (load === undefined) return undefined;
    try {
      return await this.#options.pending.run(
        { plugin: record.id, action: "load" },
        this.#options.budgets.loadMs,
        undefined,
        () => load((error) => this.#options.crashed(record, error)),
      );
    } catch (error) {
      // Meanwhile it may have been held back or disposed, which says more.
      record.requireUsable();
      record.fail("load", error);
      throw error;
    }
  }

  async #start(record: PluginRecord, plugin: Plugin): Promise<void> {
    record.owned = new Ownership(record.id);
    const { owned } = record;
    try {
      const context = this.#options.open(record);
      await this.#options.pending.run(
        { plugin: record.id, action: "activate" },
        this.#options.budgets.activateMs,
        owned.signal,
        () => plugin.activate(context),
      );
      this.#options.verify(record);
    } catch (error) {
      await owned.dispose();
      // A crash on the way has moved the record already.
      if (record.state.kind === "loaded") record.fail("activate", error);
      throw error;
    }
  }
}
