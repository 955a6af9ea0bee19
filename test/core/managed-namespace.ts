import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { TemporaryHome } from "../support/temporary-home.ts";

const PROBE = fileURLToPath(new URL("managed-probe.ts", import.meta.url));
const ORDINARY_USER = 65_534;
const IN_NAMESPACE = ["unshare", "--mount"] as const;

/** What the probe looks at: the files themselves, or the policy that they make. */
export type Probed = "files" | "policy";

/** Whether managed files cannot be tested here; says why, and lets the tests fail instead where `CI` is `true`. */
export function skipsNamespaces(): boolean {
  const works = process.getuid?.() === 0 && run([...IN_NAMESPACE, "true"]).status === 0;
  if (!works) console.log("managed files: not tested here, because mount namespaces need root and `unshare`");
  return !works && process.env["CI"] !== "true";
}

/** An empty directory to be mounted over /etc. */
export function etcOf(home: TemporaryHome): string {
  chmodSync(home.directory, 0o755);
  mkdirSync(home.path("etc"));
  return home.path("etc");
}

/** Writes a managed file as root's own and returns its path. */
export function writeManaged(etc: string, name: string, text: string): string {
  const file = join(etc, name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, text);
  chmodSync(file, 0o644);
  return file;
}

/** Mounts a directory over /etc in a namespace of its own and runs the probe there as an ordinary user. */
export function probeUnder(etc: string, probed: Probed, environment: NodeJS.ProcessEnv = {}): unknown {
  const asUser = `exec setpriv --reuid=${ORDINARY_USER} --regid=${ORDINARY_USER} --clear-groups "$@"`;
  const script = `mount --make-rprivate / && mount --bind "$0" /etc && ${asUser}`;
  const words = [...IN_NAMESPACE, "sh", "-c", script, etc, process.execPath, PROBE, probed];
  const child = run(words, { PATH: process.env["PATH"], ...environment });
  expect({ status: child.status, stderr: child.stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(child.stdout);
}

function run(words: readonly string[], env: NodeJS.ProcessEnv = process.env): SpawnSyncReturns<string> {
  const [command = "", ...rest] = words;
  return spawnSync(command, rest, { encoding: "utf8", env });
}
