import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Invocation } from "./measure.ts";

const PROGRAM = fileURLToPath(new URL("../dist/plugin.js", import.meta.url));

/** The built `plugin` on the Node that runs this file, in a home of its own. */
export class BenchHome {
  readonly directory: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.directory = directory;
    this.#env = { PATH: process.env["PATH"], HOME: directory, PLUGSMITH_HOME: join(directory, ".plugsmith") };
  }

  /** A command line of `plugin`, to be timed. */
  plugin(args: readonly string[], cwd: string = this.directory): Invocation {
    return { command: process.execPath, args: [PROGRAM, ...args], cwd, env: this.#env };
  }

  /** Runs `plugin` untimed; a failure throws with its output. */
  run(args: readonly string[], cwd: string = this.directory): void {
    const { command, args: all, env } = this.plugin(args, cwd);
    const result = spawnSync(command, all, { cwd, env, encoding: "utf8" });
    if (result.status !== 0) {
      const shown = args.slice(0, 6).join(" ");
      throw new Error(`\`plugin ${shown}\` ended with ${String(result.status)}:\n${result.stdout}${result.stderr}`);
    }
  }
}
