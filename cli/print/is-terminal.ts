import { fstatSync, statSync } from "node:fs";
import { devNull } from "node:os";
import { isatty } from "node:tty";

/** Whether a descriptor is a terminal; what cannot be one is told apart without loading Node's streams, which cost 4 ms. */
export function isTerminal(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isCharacterDevice() || stats.rdev === statSync(devNull).rdev) return false;
  } catch {
    // A closed descriptor is no terminal.
    return false;
  }
  return isatty(descriptor);
}
