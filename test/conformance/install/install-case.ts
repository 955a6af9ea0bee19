import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { memoryTree, readPlugin } from "../../../schemas/formats/index.ts";
import { type LockedSource, readLockfile } from "../../../schemas/lockfile.ts";
import type { CorpusMarket, Served } from "./corpus-market.ts";
import { Transcript } from "./transcript.ts";

/** A plugin of the corpus that is installed with the real command, and what is special about it. */
export interface InstallCase {
  readonly what: string;
  /** Part of the corpus folder's name. */
  readonly repository: string;
  readonly plugin: string;
  /** `checkout`: a folder that is a clone with a work tree. */
  readonly over: "http" | "file" | "checkout";
  /** Ids that come along, without marketplace. */
  readonly brings?: readonly string[];
  /** Kinds of contribution it must have. */
  readonly kinds: readonly string[];
  /** Whether the transcript is printed. */
  readonly printed?: boolean;
}

/** The three cases that the project promises, and some that have hooks, servers and everything. */
export const INSTALL_CASES: readonly InstallCase[] = [
  {
    what: "a plugin with dependencies",
    repository: "acaprino",
    plugin: "senior-review",
    over: "http",
    brings: ["python-development", "typescript-development"],
    kinds: ["agent"],
    printed: true,
  },
  {
    what: "an LSP server that only the catalog entry declares",
    repository: "AodhanHayter",
    plugin: "nix-lsp",
    over: "http",
    kinds: ["lsp"],
    printed: true,
  },
  {
    what: "an entry with a `skills` list on the root of the repository",
    repository: "supabase",
    plugin: "postgres-best-practices",
    over: "http",
    kinds: ["skill"],
    printed: true,
  },
  {
    what: "LSP servers over file://",
    repository: "anthropics+claude-plugins-official",
    plugin: "gopls-lsp",
    over: "file",
    kinds: ["lsp"],
  },
  {
    what: "one hundred skills on a root source",
    repository: "K-Dense",
    plugin: "scientific-skills",
    over: "file",
    kinds: ["skill"],
  },
  {
    what: "hooks of 1,100 characters and a pre-release",
    repository: "affaan",
    plugin: "ecc",
    over: "http",
    kinds: ["hook", "mcp"],
  },
  {
    what: "hooks and agents",
    repository: "anthropics+claude-plugins-official",
    plugin: "hookify",
    over: "http",
    kinds: ["hook", "agent"],
  },
  { what: "hooks that are prompts", repository: "ANcpLua", plugin: "exodia", over: "http", kinds: ["hook", "skill"] },
  {
    what: "a released plugin of a local checkout",
    repository: "acaprino",
    plugin: "senior-review",
    over: "checkout",
    brings: ["python-development", "typescript-development"],
    kinds: ["agent"],
  },
  {
    what: "a local checkout that is one plugin without a version",
    repository: "supabase",
    plugin: "postgres-best-practices",
    over: "checkout",
    kinds: ["skill"],
  },
  {
    what: "a plugin that is its whole repository",
    repository: "vercel+vercel-plugin",
    plugin: "vercel-plugin",
    over: "file",
    kinds: ["skill"],
  },
];

/** Runs one case; gives its transcript and what was wrong. */
export async function runInstallCase(
  one: InstallCase,
  {
    market,
    served,
    source,
    program,
    home,
  }: {
    readonly market: CorpusMarket;
    readonly served: Served;
    readonly source: string;
    readonly program: string;
    readonly home: string;
  },
): Promise<{ readonly transcript: Transcript; readonly problems: readonly string[] }> {
  const transcript = new Transcript(program, home);
  const problems: string[] = [];
  const id = `${one.plugin}@${market.name}`;
  const expectExit = async (exit: number, ...words: readonly string[]): Promise<string> => {
    const run = await transcript.run(...words);
    if (run.exit !== exit)
      problems.push(`\`plugin ${words.join(" ")}\` exits ${run.exit} instead of ${exit}: ${run.stderr}`);
    return run.stdout;
  };
  await expectExit(0, "marketplace", "add", source);
  await expectExit(0, "info", id);
  const first = await transcript.run("add", id, "--yes");
  const digest = /--accept (sha256-[0-9a-f]{64})/.exec(first.stderr)?.[1];
  if ((first.exit === 3) !== first.stdout.includes("can execute"))
    problems.push(`\`add\` exits ${first.exit} for what it shows`);
  if (first.exit === 3 && digest !== undefined) await expectExit(0, "add", id, "--yes", "--accept", digest);
  else if (first.exit !== 0) problems.push(`\`add\` exits ${first.exit}: ${first.stderr}`);

  const lock = readLockfile(readFileSync(join(home, "plugins.lock"), "utf8"), "plugins.lock");
  const wanted = [one.plugin, ...(one.brings ?? [])].map((name) => `${name}@${market.name}`).sort();
  if (Object.keys(lock.plugins).join() !== wanted.join())
    problems.push(`the lock holds ${Object.keys(lock.plugins).join()}`);
  for (const [name, { source: locked }] of Object.entries(lock.plugins)) {
    if (!isWhereItShould(locked, one, served)) problems.push(`${name} is locked at ${JSON.stringify(locked)}`);
  }

  await expectExit(0, "list");
  await expectExit(0, "list", "--check");
  await expectExit(0, "verify");
  await expectExit(0, "info", id);
  problems.push(...compareInventory(one, market, await expectExit(0, "info", id, "--json")));
  if (!(await expectExit(0, "add", id, "--yes")).includes("nothing to do")) problems.push("a second `add` is no no-op");
  await expectExit(0, "sync", "--frozen");
  await expectExit(0, "remove", id, "--yes");
  const left: unknown = JSON.parse(await expectExit(0, "list", "--json"));
  if (JSON.stringify(field(left, "plugins")) !== "[]")
    problems.push(`after \`remove\` there is still ${JSON.stringify(left)}`);
  return { transcript, problems };
}

/** A release is locked at its tag; what has none at the newest commit, or, in a folder, at the folder. */
function isWhereItShould(locked: LockedSource, { over }: InstallCase, { tagged, head }: Served): boolean {
  if (locked.kind === "directory") return over === "checkout";
  if (locked.kind !== "git") return false;
  return locked.tag === undefined ? over !== "checkout" && locked.commit === head : locked.commit === tagged;
}

/** What `info` reports must be what reading the folder itself says. */
function compareInventory(one: InstallCase, market: CorpusMarket, printed: string): readonly string[] {
  const entry = market.relative.find(({ name }) => name === one.plugin);
  const path = entry?.source.kind === "relative" ? entry.source.path : "";
  const folder = join(market.directory, path);
  // The copy that was served has a README there.
  const tree = existsSync(folder) ? openDirectoryTree(folder) : memoryTree({ "README.md": "" });
  const { manifest } = readPlugin(tree, {
    ...(entry === undefined ? {} : { entry, rootIsMarketplace: path === "" }),
    fallbackName: one.plugin,
  });
  const expected = inventory(manifest?.contributions ?? []);
  const [installed] = list(field(JSON.parse(printed), "installed"));
  const shown = inventory(list(field(field(installed, "manifest"), "contributions")));
  const problems = one.kinds.filter((kind) => !shown.some((name) => name.startsWith(`${kind} `)));
  return [
    ...problems.map((kind) => `it provides no ${kind}`),
    ...(shown.join("\n") === expected.join("\n")
      ? []
      : [`\`info\` says\n${shown.join("\n")}\nthe folder says\n${expected.join("\n")}`]),
  ];
}

function inventory(contributions: readonly unknown[]): readonly string[] {
  return contributions
    .map((one) => [field(one, "kind"), field(one, "name"), field(one, "event"), field(one, "description")].join(" "))
    .sort();
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
