import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../../schemas/errors.ts";
import type { Home } from "../home.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { isAlive, ownMark, splitMark } from "./process-mark.ts";

/** `change` uses trees that no generation names yet; `collect` removes what no generation names. */
type ClaimKind = "change" | "collect";

/** How a process waits for the claims of others. */
export interface ClaimOptions {
  readonly signal: AbortSignal;
  /** Called once, with a process that is waited for. */
  readonly onWait?: ((holder: number) => void) | undefined;
}

/** How long a collection waits for changes that are under way. */
const COLLECTION_DEADLINE_MS = 20_000;
const SLEEP_MS = 20;

/** A file among the leases that says what this process does with the store; it counts until it is disposed or the process ends. */
export class StoreClaim {
  readonly #file: string;

  constructor(home: Home, kind: ClaimKind) {
    this.#file = join(home.leases, `${ownMark()}-${kind}-${randomBytes(4).toString("hex")}`);
    try {
      mkdirSync(home.leases, { recursive: true, mode: 0o700 });
      writeFileSync(this.#file, "", { flag: "wx", mode: 0o600 });
    } catch (error) {
      throw ioError("claim the store with", this.#file, error);
    }
  }

  /** Never throws: what stays counts no longer than this process. */
  [Symbol.dispose](): void {
    try {
      rmSync(this.#file, { force: true });
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}

/**
 * Keeps every tree in the store until the claim is disposed, also those that no generation names yet. A collection that has
 * begun is waited for; one that begins later waits for the claim. A home that cannot be written needs no claim: nothing can
 * be collected there. Throws `E_INTERRUPTED`.
 */
export async function claimStore(home: Home, options: ClaimOptions): Promise<Disposable> {
  let told = false;
  for (;;) {
    let claim: StoreClaim;
    try {
      claim = new StoreClaim(home, "change");
    } catch (error) {
      if (error instanceof CodedError && isSystemError(error.cause)) return { [Symbol.dispose]: () => undefined };
      throw error;
    }
    // Written before it is looked, as the collection does: one of the two sees the other.
    const [collector] = holders(home, "collect");
    if (collector === undefined) return claim;
    claim[Symbol.dispose]();
    if (!told) options.onWait?.(collector);
    told = true;
    await pause(options.signal);
  }
}

/**
 * Runs `work` while no other process uses trees that no generation names. Throws `E_LOCKED` when one of them takes too long,
 * for example because it waits for a person's answer, and `E_INTERRUPTED`.
 */
export async function whileNobodyChanges<Result>(
  home: Home,
  options: ClaimOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  using _ = new StoreClaim(home, "collect");
  let deadline: number | undefined;
  for (let [holder] = holders(home, "change"); holder !== undefined; [holder] = holders(home, "change")) {
    if (deadline === undefined) options.onWait?.(holder);
    deadline ??= performance.now() + COLLECTION_DEADLINE_MS;
    if (performance.now() >= deadline) throw busy(holder);
    await pause(options.signal);
  }
  return await work();
}

/** Processes that live and hold such a claim. */
function holders(home: Home, kind: ClaimKind): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync(home.leases);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw ioError("list", home.leases, error);
  }
  return names.flatMap((name) => {
    const { mark, rest } = splitMark(name) ?? { mark: "", rest: "" };
    return rest.startsWith(`${kind}-`) && isAlive(mark) ? [Number.parseInt(mark, 10)] : [];
  });
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(SLEEP_MS, undefined, { signal });
  } catch (cause) {
    throw new CodedError("E_INTERRUPTED", "interrupted while waiting for another `plugin` command", { cause });
  }
}

function busy(holder: number): CodedError {
  return new CodedError("E_LOCKED", `process ${holder} is changing plugins, so nothing can be removed now`, {
    hint: `wait for process ${holder} to end, or answer what it asks, then run this command again`,
    data: { holder },
  });
}
