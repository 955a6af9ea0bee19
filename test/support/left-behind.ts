import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { canariesBelow } from "./canary.ts";

/**
 * Before all tests notes what lies in the folder of temporary files, and after them refuses a secret in what they left behind.
 * Only where `CI` is `true`, which has that folder for itself: elsewhere other runs are busy in it.
 */
export function setup(): () => void {
  if (process.env["CI"] !== "true") return () => undefined;
  const before = new Set(readdirSync(tmpdir()));
  return () => refuseLeftBehind(tmpdir(), before);
}

/** Refuses a secret of a test below a folder, in what was not there before. */
export function refuseLeftBehind(folder: string, before: ReadonlySet<string>): void {
  const found = canariesBelow(folder, (name) => !before.has(name));
  if (found.length > 0) throw new Error(`the tests left secrets behind in ${folder}: ${found.flat().join(", ")}`);
}
