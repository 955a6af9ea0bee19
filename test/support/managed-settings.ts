import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import type { CommandOptions, CommandResult } from "./command.ts";
import type { Place } from "./machine.ts";

/** Why managed files cannot be tested here; where `CI` is `true` and we are root, the tests run and fail instead. */
export function skipsMounts(): boolean {
  const isRoot = process.getuid?.() === 0;
  const works = isRoot && spawnSync("unshare", ["--mount", "true"]).status === 0;
  if (!works) console.log("managed policy: not tested here, because mount namespaces need root and `unshare`");
  return !works && !(isRoot && process.env["CI"] === "true");
}

/** How a command under managed settings differs from one that runs with the home `home` beside it. */
export interface ManagedRun {
  readonly home?: string | undefined;
  readonly cwd?: string | undefined;
}

/** Makes what runs `plugin` under a managed settings file that is mounted over /etc. */
export function underPolicy(at: Place, policy: unknown): (words: readonly string[], run?: ManagedRun) => CommandResult {
  chmodSync(at.directory, 0o755);
  mkdirSync(at.path("etc/plugsmith"), { recursive: true });
  chmodSync(at.write("etc/plugsmith/managed.json", JSON.stringify(policy, undefined, 2)), 0o644);
  const script = 'mount --make-rprivate / && mount --bind "$0" /etc && exec "$@"';
  const program = [process.execPath, join(inject("bundle"), "plugin.js")];
  return (words, { home = "home", cwd = "." } = {}) => {
    const env: CommandOptions["env"] = { HOME: at.path(home), PLUGSMITH_HOME: at.path(home) };
    const done = spawnSync("unshare", ["--mount", "sh", "-c", script, at.path("etc"), ...program, ...words], {
      cwd: at.path(cwd),
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...env },
    });
    return { exit: done.status ?? 128, stdout: done.stdout, stderr: done.stderr };
  };
}
