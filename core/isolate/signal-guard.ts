import type { Registration } from "../../plugin-api/disposable.ts";

/**
 * Keeps the host's inspector closed: without a listener of its own, Node opens it for whoever sends SIGUSR1, which every process of
 * the same user can. Installed by the host's entry before any code of a plugin runs; `noticed` hears of each attempt.
 */
export function guardInspector(noticed: () => void): Registration {
  if (process.platform === "win32") return { dispose: () => undefined };
  process.on("SIGUSR1", noticed);
  return { dispose: () => process.off("SIGUSR1", noticed) };
}
