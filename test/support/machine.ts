import { expect } from "vitest";
import type { Generation, RootClosure } from "../../schemas/generation.ts";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import { homeAt } from "../../marketplace/home.ts";
import { type CommandOptions, type CommandResult, plugin } from "./command.ts";
import { readDocument } from "./json-document.ts";
import { type FixtureMarket, marketFiles } from "./plugin-files.ts";
import { type TemporaryHome, temporaryHome } from "./temporary-home.ts";

/** How one command differs from one that runs beside the homes with the home `home`. */
export interface At {
  /** Name of the home below the place. */
  readonly home?: string | undefined;
  /** Directory relative to the place. */
  readonly cwd?: string | undefined;
  readonly env?: CommandOptions["env"];
  readonly node?: CommandOptions["node"];
  readonly onStart?: CommandOptions["onStart"];
}

/** A place with homes (machines of people), projects and marketplaces side by side; disposed with everything in it. */
export interface Place extends TemporaryHome {
  run(words: readonly string[], at?: At): Promise<CommandResult>;
  /** Runs what must succeed and returns what it printed on stdout. */
  ok(words: readonly string[], at?: At): Promise<string>;
  /** Runs what must fail with this exit code; returns stderr. */
  fails(exit: number, words: readonly string[], at?: At): Promise<string>;
  /** Runs with `--json` and reads the one document on stdout. */
  json(words: readonly string[], at?: At): Promise<CommandResult & { readonly document: Document }>;
  /** Runs, and when consent is asked for, again with that answer. */
  accept(words: readonly string[], at?: At): Promise<string>;
  /** Writes a folder marketplace and returns its path. */
  market(market: FixtureMarket): string;
  generation(home?: string): Generation | undefined;
  /** What a root holds: the user's, or that of a project directory relative to the place. */
  root(key: string, home?: string): RootClosure | undefined;
  /** `id version` of everything in a root, sorted. */
  holds(key: string, home?: string): readonly string[];
}

/** A `--json` document. */
export type Document = Readonly<Record<string, unknown>>;

/** Makes a place whose commands are the real program. */
export function place(): Place {
  return placeWhere(plugin);
}

/** Makes a place whose commands are run by a function. */
export function placeWhere(
  command: (words: readonly string[], options: CommandOptions) => Promise<CommandResult>,
): Place {
  const files = temporaryHome();
  const run: Place["run"] = (words, { home = "home", cwd = ".", ...rest } = {}) =>
    command(words, { home: files.path(home), cwd: files.path(cwd), ...rest });
  const generation: Place["generation"] = (home = "home") => readCurrent(homeAt(files.path(home)));
  const root: Place["root"] = (key, home) => generation(home)?.roots[key === "user" ? key : files.path(key)];
  const ok: Place["ok"] = async (words, at) => {
    const result = await run(words, at);
    const output = result.exit === 0 ? "" : result.stdout + result.stderr;
    expect({ words, exit: result.exit, output }).toEqual({ words, exit: 0, output: "" });
    return result.stdout;
  };
  return {
    ...files,
    run,
    ok,
    generation,
    root,
    async fails(exit, words, at) {
      const result = await run(words, at);
      expect({ words, exit: result.exit, output: result.exit === exit ? "" : result.stdout + result.stderr }).toEqual({
        words,
        exit,
        output: "",
      });
      return result.stderr;
    },
    async json(words, at) {
      const result = await run([...words, "--json"], at);
      return { ...result, document: readDocument(result.stdout) };
    },
    async accept(words, at) {
      const first = await run(words, at);
      if (first.exit !== 3) return first.exit === 0 ? first.stdout : ok(words, at);
      return ok([...words, "--accept", acceptOf(first.stderr)], at);
    },
    market(market) {
      for (const [path, text] of Object.entries(marketFiles(market))) files.write(`${market.name}/${path}`, text);
      return files.path(market.name);
    },
    holds: (key, home) => (root(key, home)?.plugins ?? []).map(({ id, version }) => `${id} ${version}`),
  };
}

/** The digest in the hint of a refusal. */
function acceptOf(text: string): string {
  return /--accept (sha256-[0-9a-f]{64})/u.exec(text)?.[1] ?? "none";
}

/** Files of a plugin with a hook, so that consent is needed. `text` makes different bytes. */
export function hookFiles(text: string = "0"): Readonly<Record<string, string>> {
  return {
    "hooks/hooks.json": JSON.stringify({
      hooks: {
        PreToolUse: [{ hooks: [{ type: "command", command: "node", args: ["${CLAUDE_PLUGIN_ROOT}/guard.mjs"] }] }],
      },
    }),
    "guard.mjs": `process.exitCode = ${text};\n`,
  };
}
