import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { timeOnce, type Invocation } from "./measure.ts";

const PROGRAM = fileURLToPath(new URL("../dist/plugin.js", import.meta.url));
const HOST = fileURLToPath(new URL("../dist/plugsmith.js", import.meta.url));

/** The built `plugin` on the Node that runs this file, in a home of its own. */
export class BenchHome {
  readonly directory: string;
  readonly #env: NodeJS.ProcessEnv;

  /** `name` is that of the Plugsmith home below the directory. */
  constructor(directory: string, name = ".plugsmith") {
    mkdirSync(directory, { recursive: true });
    this.directory = directory;
    this.#env = {
      PATH: process.env["PATH"],
      HOME: directory,
      PLUGSMITH_HOME: join(directory, name),
      PLUGSMITH_AGENTS: "off",
    };
  }

  /** The same home in another place. */
  copy(directory: string): BenchHome {
    cpSync(this.directory, directory, { recursive: true, verbatimSymlinks: true });
    return new BenchHome(directory);
  }

  /** A command line of `plugin`, to be timed. */
  plugin(args: readonly string[], cwd: string = this.directory): Invocation {
    return { command: process.execPath, args: [PROGRAM, ...args], cwd, env: this.#env };
  }

  /** A command line of `plugsmith`, to be timed. */
  plugsmith(args: readonly string[], cwd: string): Invocation {
    return { command: process.execPath, args: [HOST, ...args], cwd, env: this.#env };
  }

  /** Runs `plugin` untimed; a failure throws with what it printed on stderr. */
  async run(args: readonly string[], cwd: string = this.directory): Promise<void> {
    await timeOnce(this.plugin(args, cwd));
  }
}

/** A fresh home that knows one marketplace and has `names` of it installed. */
export async function homeWith(folder: string, market: string, names: readonly string[] = []): Promise<BenchHome> {
  const home = new BenchHome(folder);
  await home.run(["marketplace", "add", market]);
  if (names.length > 0) await home.run(["add", ...names, "--yes"]);
  return home;
}
