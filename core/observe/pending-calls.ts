import { AsyncLocalStorage } from "node:async_hooks";
import { CodedError } from "../../schemas/errors.ts";
import { budgetError } from "./budget-error.ts";

/** A call into a plugin. */
export interface CallSite {
  readonly plugin: string;
  /** What it does, e.g. `event plugsmith/stop-gate` or `activate`. */
  readonly action: string;
}

interface PendingCall extends CallSite {
  readonly parent: PendingCall | undefined;
  readonly children: Set<PendingCall>;
  readonly startedAt: number;
}

/** A call that is under way, for whoever asks what the host waits for. */
export interface PendingReport extends CallSite {
  readonly forMs: number;
  readonly depth: number;
}

/** Follows which call into which plugin waits for which other, so that a spent budget names the innermost culprit. */
export class PendingCalls {
  readonly #storage = new AsyncLocalStorage<PendingCall>();
  readonly #roots = new Set<PendingCall>();

  /**
   * Runs plugin code. Rejects with `E_TIMEOUT` naming the innermost pending call when `budgetMs` is spent (the code goes on, its
   * result is dropped), with the reason of `signal` when that is aborted, else with what the code threw, stamped.
   */
  async run<Result>(
    site: CallSite,
    budgetMs: number,
    signal: AbortSignal | undefined,
    work: () => Result | Promise<Result>,
  ): Promise<Result> {
    const parent = this.#storage.getStore();
    const call: PendingCall = { ...site, parent, children: new Set(), startedAt: performance.now() };
    const siblings = parent?.children ?? this.#roots;
    siblings.add(call);
    try {
      const result = this.#storage.run(call, work);
      // Most listeners answer at once: no timer and no promise for those.
      return result instanceof Promise ? await this.#within(call, budgetMs, signal, result) : result;
    } catch (error) {
      throw signal?.aborted === true && error === signal.reason ? error : stamped(error, site);
    } finally {
      siblings.delete(call);
    }
  }

  /** All calls under way, outermost first. */
  report(): readonly PendingReport[] {
    const now = performance.now();
    const rows: PendingReport[] = [];
    const add = (call: PendingCall, depth: number): void => {
      rows.push({ plugin: call.plugin, action: call.action, forMs: now - call.startedAt, depth });
      for (const child of call.children) add(child, depth + 1);
    };
    for (const root of this.#roots) add(root, 0);
    return rows;
  }

  async #within<Result>(
    call: PendingCall,
    budgetMs: number,
    signal: AbortSignal | undefined,
    result: Promise<Result>,
  ): Promise<Result> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = Number.isFinite(budgetMs) ? setTimeout(() => reject(spent(call, budgetMs)), budgetMs) : undefined;
    const abort = (): void => reject(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([result, promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

function spent(call: PendingCall, budgetMs: number): CodedError {
  let culprit = call;
  for (let next = call; ; culprit = next) {
    const last = [...next.children].at(-1);
    if (last === undefined) break;
    next = last;
  }
  const through = culprit === call ? "" : `, which \`${call.plugin}\` waits for in ${call.action}`;
  return budgetError(culprit.plugin, culprit.action, budgetMs, through);
}

/** The error of a plugin, with the plugin and what it was doing; one that is stamped already stays as it is. */
function stamped(error: unknown, { plugin, action }: CallSite): unknown {
  if (error instanceof CodedError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CodedError("E_PLUGIN_FAILED", `plugin \`${plugin}\` failed in ${action}: ${message}`, {
    cause: error,
    data: { plugin, action },
  });
}
