import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How a command ended. */
export interface Outcome {
  readonly status: number | null;
  /** Of both streams. */
  readonly output: string;
}

/** Where a command runs. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

const TIMEOUT_MS = 300_000;

/** Runs a program of the machine to its end; on Windows through a shell, since programs are scripts there. */
export function run(command: string, args: readonly string[], options: RunOptions): Outcome {
  const shell = process.platform === "win32";
  const result = spawnSync(command, args, { encoding: "utf8", shell, timeout: TIMEOUT_MS, ...options });
  return { status: result.status, output: `${result.stdout}${result.stderr}${result.error?.message ?? ""}` };
}

/** Runs what has to succeed. Throws what it printed. */
export function must(command: string, args: readonly string[], options: RunOptions): void {
  const { status, output } = run(command, args, options);
  if (status !== 0) throw new Error(`\`${[command, ...args].join(" ")}\` failed:\n${output}`);
}

/** Installs packages into a directory, which is made; their scripts run for `node` alone. Throws what npm printed. */
export function npmInstall(packageName: string, directory: string, env: NodeJS.ProcessEnv = process.env): void {
  mkdirSync(directory, { recursive: true });
  const manifest = { name: "runtime", private: true, allowScripts: { node: true } };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  must("npm", ["install", ...quiet, packageName], { cwd: directory, env });
}

/** Gets a Node of a major version from npm into a directory; returns the folder of its program. Throws what npm printed. */
export function installNode(major: number, directory: string, env?: NodeJS.ProcessEnv): string {
  npmInstall(`node@${String(major)}`, directory, env);
  return join(directory, "node_modules/node/bin");
}
