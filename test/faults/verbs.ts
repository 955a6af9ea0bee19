import { readFileSync } from "node:fs";
import { hookFiles, type Place } from "../support/machine.ts";

/** A verb under fault, as data. */
export interface FaultedVerb {
  readonly name: string;
  /** Brings the place to the state before the verb. */
  readonly prepare: (at: Place) => Promise<void>;
  /** The words, without the digest that consent asks for. */
  readonly words: readonly string[];
  /** Directory relative to the place; default the place itself. */
  readonly cwd?: string | undefined;
}

const TOOLS = {
  name: "acme",
  plugins: {
    app: {
      version: "1.0.0",
      dependencies: [{ name: "kit", version: "^1.0.0" }],
      files: { "notes.txt": "n".repeat(70_000) },
    },
    kit: { version: "1.0.0", files: hookFiles() },
    spare: { version: "1.0.0" },
  },
} as const;

/** The market's second state: one plugin with other bytes and a dependency more. */
const TOOLS_LATER = {
  ...TOOLS,
  plugins: {
    ...TOOLS.plugins,
    app: { ...TOOLS.plugins.app, version: "1.1.0", dependencies: ["kit", "spare"], skills: ["app", "more"] },
  },
} as const;

async function market(at: Place): Promise<void> {
  at.write("project/.git/HEAD", "");
  await at.ok(["marketplace", "add", at.market(TOOLS)]);
}

async function installed(at: Place): Promise<void> {
  await market(at);
  await at.accept(["add", "app@acme"]);
}

async function renewed(at: Place): Promise<void> {
  await installed(at);
  at.market(TOOLS_LATER);
}

/** Every verb that changes a home, each from a state in which it has something to do. */
export const FAULTED_VERBS: readonly FaultedVerb[] = [
  { name: "add", prepare: market, words: ["add", "app@acme"] },
  { name: "update", prepare: renewed, words: ["update"] },
  { name: "remove", prepare: installed, words: ["remove", "app@acme"] },
  {
    name: "sync",
    prepare: async (at) => {
      await market(at);
      await at.ok(["add", "spare@acme", "--scope", "project"], { cwd: "project" });
      // Somebody else's change arrives: another plugin is wanted.
      const text = readFileSync(at.path("project/plugins.json"), "utf8");
      at.write("project/plugins.json", text.replace('"spare@acme"', '"app@acme": "^1.0.0",\n    "spare@acme"'));
    },
    words: ["sync"],
    cwd: "project",
  },
  { name: "marketplace update", prepare: renewed, words: ["marketplace", "update"] },
  {
    name: "rollback",
    prepare: async (at) => {
      await installed(at);
      await at.ok(["add", "spare@acme"]);
    },
    words: ["rollback"],
  },
  {
    name: "cache gc",
    prepare: async (at) => {
      await renewed(at);
      await at.ok(["update"]);
      await at.ok(["remove", "app@acme"]);
    },
    words: ["cache", "gc", "--keep", "1"],
  },
  {
    name: "import",
    prepare: (at) => {
      const source = { source: "directory", path: at.market(TOOLS) };
      at.write("home/.claude/plugins/known_marketplaces.json", JSON.stringify({ acme: { source } }));
      at.write("home/.claude/settings.json", JSON.stringify({ enabledPlugins: { "app@acme": true } }));
      return Promise.resolve();
    },
    words: ["import", "claude", "--yes"],
  },
];
