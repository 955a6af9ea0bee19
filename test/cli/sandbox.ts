import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { CANARY_ENVIRONMENT, refuseCanary } from "../support/canary.ts";
import { warmHome } from "../support/command.ts";
import { readDocument } from "../support/json-document.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

/** What one run of the program printed and answered. */
export interface Run {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run differs from an unattended one in the sandbox's directory. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A private machine for the real program: own HOME, own Plugsmith home, own working directory. */
export interface Sandbox extends Disposable {
  readonly files: TemporaryHome;
  readonly home: string;
  readonly run: (words: readonly string[], options?: RunOptions) => Run;
  /** Runs and reads the one JSON document on stdout, which must have the shape that is promised for its verb. */
  readonly json: (
    words: readonly string[],
    options?: RunOptions,
  ) => Run & { readonly document: Readonly<Record<string, unknown>> };
  readonly start: (
    words: readonly string[],
    options?: RunOptions,
  ) => { readonly child: ChildProcess; readonly ended: Promise<Run> };
  /** Writes a marketplace of plugins that hold one command each, plus the files named. */
  readonly market: (name: string, plugins: Readonly<Record<string, PluginFixture>>) => string;
}

/** A plugin of a fixture marketplace. */
export interface PluginFixture {
  readonly version?: string;
  readonly dependencies?: readonly unknown[];
  readonly files?: Readonly<Record<string, string>>;
  readonly manifest?: string;
}

/** A hook that executes something, so that consent is needed. */
export const HOOK: Readonly<Record<string, string>> = {
  "hooks/hooks.json": JSON.stringify({
    hooks: {
      PreToolUse: [{ hooks: [{ type: "command", command: "node", args: ["${CLAUDE_PLUGIN_ROOT}/guard.mjs"] }] }],
    },
  }),
  "guard.mjs": "process.exitCode = 0;\n",
};

/** Makes a sandbox; dispose it. */
export function sandbox(): Sandbox {
  const files = temporaryHome();
  const home = files.path("plugsmith");
  mkdirSync(files.path("work"));
  const settings = (options: RunOptions) => ({
    cwd: options.cwd ?? files.path("work"),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: files.directory,
      PLUGSMITH_HOME: home,
      PLUGSMITH_AGENTS: "off",
      LANG: "C.UTF-8",
      ...CANARY_ENVIRONMENT,
      ...options.env,
    },
  });
  const argv = (words: readonly string[]): readonly string[] => [join(inject("bundle"), "plugin.js"), ...words];
  const run = (words: readonly string[], options: RunOptions = {}): Run => {
    warmHome(home);
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, argv(words), {
      ...settings(options),
      input: options.input ?? "",
      encoding: "utf8",
    });
    refuseCanary(stdout + stderr, `what \`${words.join(" ")}\` printed`);
    return { status, signal, stdout, stderr };
  };
  return {
    files,
    home,
    run,
    json(words, options) {
      const result = run([...words, "--json"], options);
      return { ...result, document: readDocument(result.stdout) };
    },
    start(words, options = {}) {
      warmHome(home);
      const child = spawn(process.execPath, argv(words), { ...settings(options), stdio: ["ignore", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const ended = new Promise<Run>((resolve) => {
        child.once("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
      }).then((result) => {
        refuseCanary(stdout + stderr, `what \`${words.join(" ")}\` printed`);
        return result;
      });
      return { child, ended };
    },
    market(name, plugins) {
      const directory = `markets/${name}`;
      for (const [plugin, fixture] of Object.entries(plugins)) {
        const { version = "1.0.0", dependencies = [], files: extra = {} } = fixture;
        const manifest =
          fixture.manifest ?? JSON.stringify({ name: plugin, version, description: plugin, dependencies });
        files.write(`${directory}/${plugin}/.claude-plugin/plugin.json`, manifest);
        files.write(
          `${directory}/${plugin}/commands/${plugin}.md`,
          `---\ndescription: ${plugin}\n---\n\nDo ${plugin}.\n`,
        );
        for (const [path, content] of Object.entries(extra)) files.write(`${directory}/${plugin}/${path}`, content);
      }
      const entries = Object.keys(plugins).map((plugin) => ({
        name: plugin,
        source: `./${plugin}`,
        description: plugin,
      }));
      files.write(
        `${directory}/.claude-plugin/marketplace.json`,
        JSON.stringify({ name, owner: { name: "t" }, plugins: entries }, undefined, 2),
      );
      return files.path(directory);
    },
    [Symbol.dispose]() {
      makeWritable(files.directory);
      files[Symbol.dispose]();
    },
  };
}

/** Store trees are read-only; they have to be writable to be removed. */
function makeWritable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(directory, entry.name));
  }
}
