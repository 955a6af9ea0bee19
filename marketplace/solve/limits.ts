import { setImmediate } from "node:timers/promises";

import { CodedError } from "../../schemas/errors.ts";
import { ROOT_ID } from "./incompatibility.ts";

/** Where the solver gives up with E_RESOLVE_LIMIT. */
export interface Limits {
  /** Decisions and deductions. */
  readonly steps: number;
  /** Time of its own; waiting for the provider does not count. */
  readonly timeMs: number;
  /** Packages met. */
  readonly nodes: number;
  /** Length of the shortest chain of requirements from the request to a package. */
  readonly depth: number;
  /** Versions of one package. */
  readonly candidates: number;
}

/** The limits of attacks.md §0; of its 10 s some are left for the refusal itself. */
export const DEFAULT_LIMITS: Limits = { steps: 100_000, timeMs: 9_500, nodes: 5_000, depth: 64, candidates: 5_000 };

const SLICE_MS = 50;

/** A clock that only goes forward; loading `performance` costs 2 ms. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Counts steps and time, and lets other work of the process run between slices. */
export class Budget {
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  #steps = 0;
  #spentMs = 0;
  #sliceStart: number;

  constructor(limits: Limits, signal: AbortSignal | undefined) {
    this.#limits = limits;
    this.#signal = signal;
    this.#sliceStart = nowMs();
  }

  get steps(): number {
    return this.#steps;
  }

  /** Counts one step. @throws E_RESOLVE_LIMIT */
  step(): void {
    this.#steps++;
    const { steps, timeMs } = this.#limits;
    if (this.#steps > steps) throw exhausted(`${steps} steps`, { steps });
    if (this.#steps % 64 === 0 && this.#elapsedMs() > timeMs) throw exhausted(`${timeMs} ms`, { timeMs });
  }

  /** Awaits a provider; its time is not counted. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#spentMs = this.#elapsedMs();
    const result = await work;
    this.#signal?.throwIfAborted();
    this.#sliceStart = nowMs();
    return result;
  }

  /** Whether it is time to let other work run with `rest`. */
  get isSliceOver(): boolean {
    return this.#steps % 16 === 0 && nowMs() - this.#sliceStart > SLICE_MS;
  }

  /** Yields to the event loop once. */
  async rest(): Promise<void> {
    await this.outside(setImmediate());
  }

  #elapsedMs(): number {
    return this.#spentMs + nowMs() - this.#sliceStart;
  }
}

/** How packages were reached, for the limits on nodes and depth. */
export class Reach {
  readonly #limits: Limits;
  readonly #dependants = new Map<string, Set<string>>();
  #depths = new Map<string, number>([[ROOT_ID, 0]]);

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The length of the shortest known chain to a package. */
  depth(id: string): number {
    return this.#depths.get(id) ?? 0;
  }

  /** Records that `from` needs `id`; tells whether `id` is new. @throws E_RESOLVE_LIMIT with the path */
  meet(id: string, from: string): boolean {
    const dependants = this.#dependants.get(id);
    if (dependants === undefined) this.#dependants.set(id, new Set([from]));
    else dependants.add(from);
    const depth = this.depth(from) + 1;
    const before = this.#depths.get(id);
    if (before === undefined || depth < before) this.#depths.set(id, depth);
    if (before !== undefined) return false;
    const { nodes, depth: maxDepth } = this.#limits;
    if (this.#dependants.size > nodes) {
      throw this.#tooLarge(id, `the request reaches more than ${nodes} packages`, { nodes });
    }
    if (depth > maxDepth) {
      this.#depths = this.#shortest();
      if (this.depth(id) > maxDepth) {
        throw this.#tooLarge(id, `a chain of requirements is longer than ${maxDepth}`, { depth: maxDepth });
      }
    }
    return true;
  }

  #shortest(): Map<string, number> {
    const needs = new Map<string, string[]>();
    for (const [id, dependants] of this.#dependants) {
      for (const from of dependants) {
        const list = needs.get(from);
        if (list === undefined) needs.set(from, [id]);
        else list.push(id);
      }
    }
    const depths = new Map([[ROOT_ID, 0]]);
    for (const [id, depth] of depths) {
      for (const next of needs.get(id) ?? []) if (!depths.has(next)) depths.set(next, depth + 1);
    }
    return depths;
  }

  #path(id: string): string[] {
    const path: string[] = [];
    for (let at = id; at !== ROOT_ID;) {
      path.unshift(at);
      const depth = this.depth(at);
      const nearer = [...(this.#dependants.get(at) ?? [])].filter((from) => this.depth(from) < depth).sort()[0];
      if (nearer === undefined) break;
      at = nearer;
    }
    return path;
  }

  #tooLarge(id: string, what: string, data: Record<string, unknown>): CodedError {
    const path = this.#path(id);
    const shown = path.length > 8 ? [...path.slice(0, 4), `(${path.length - 7} more)`, ...path.slice(-3)] : path;
    return new CodedError("E_RESOLVE_LIMIT", `${what}, at ${shown.map((part) => `\`${part}\``).join(" → ")}`, {
      hint: `look at what \`${path[0] ?? id}\` requires`,
      data: { ...data, path },
    });
  }
}

function exhausted(what: string, data: Record<string, unknown>): CodedError {
  return new CodedError("E_RESOLVE_LIMIT", `no answer was found within ${what}`, {
    hint: "ask for fewer plugins at once, or give narrower ranges",
    data,
  });
}
