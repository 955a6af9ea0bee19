import type { Digest } from "../lockfile.ts";
import { digestOf } from "../tree-digest.ts";
import { type LockedLauncher, lockedLauncherToJson } from "./launcher-lock.ts";

/** Digest of everything that a launcher was locked to; what its derived tree is known by, and what consent covers. */
export function lockedLauncherDigest(locked: LockedLauncher): Digest {
  return digestOf(JSON.stringify(lockedLauncherToJson(locked)));
}

/** The digest that consent to a plugin is bound to, given that of its own files and what its launchers are locked to. */
export function closureWithLaunchers(closure: string, launchers: ReadonlyMap<string, LockedLauncher>): string {
  if (launchers.size === 0) return closure;
  const lines = [...launchers].map(([key, locked]) => `${key} ${lockedLauncherDigest(locked)}`);
  return digestOf(["plugsmith closure 1 with launchers", closure, ...lines.toSorted()].join("\n"));
}
