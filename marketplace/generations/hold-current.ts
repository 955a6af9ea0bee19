import type { Generation } from "../../schemas/generation.ts";
import type { Home } from "../home.ts";
import { readCurrent, type Report } from "./generations.ts";
import { type HeldLease, takeLease } from "./lease.ts";
import { currentNumber } from "./state-files.ts";

/** A generation that stays on disk with its trees while the lease is held. */
export interface HeldGeneration {
  readonly generation: Generation;
  readonly lease: HeldLease;
}

/**
 * Reads the current generation and keeps it for this process; `undefined` when there is none.
 * A newer one may become current before the lease is held: then that one is taken. Throws as `readCurrent` and `takeLease`.
 */
export function holdCurrent(home: Home, report?: Report): HeldGeneration | undefined {
  for (;;) {
    const before = currentNumber(home);
    const generation = readCurrent(home, report);
    if (generation === undefined) return undefined;
    const lease = takeLease(home, generation.number);
    if (currentNumber(home) === before) return { generation, lease };
    lease.dispose();
  }
}
