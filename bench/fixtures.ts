import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A dependency as plugin.json writes it. */
export interface FixtureDependency {
  readonly name: string;
  readonly version?: string;
}

/** A plugin of a generated marketplace. */
export interface FixturePlugin {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: readonly FixtureDependency[];
  readonly description?: string;
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** The files of one plugin that executes nothing: a manifest, a skill, a command, a README. */
export function pluginFiles(plugin: FixturePlugin): ReadonlyMap<string, string> {
  const { name, version } = plugin;
  const prose = `${name} does one thing and says so at some length, as real plugins do.\n`.repeat(20);
  return new Map([
    [".claude-plugin/plugin.json", json({ description: `does ${name}`, ...plugin, author: { name: "bench" } })],
    [`skills/${name}/SKILL.md`, `---\nname: ${name}\ndescription: does ${name}, version ${version}\n---\n\n${prose}`],
    [`commands/${name}-run.md`, `---\ndescription: runs ${name}\n---\n\n${prose}`],
    ["README.md", `# ${name}\n\n${prose}`],
  ]);
}

/** The catalog over plugins that lie in `plugins/<name>`. */
export function catalogOf(market: string, plugins: readonly FixturePlugin[]): string {
  const entries = plugins.map(({ name, description = `does ${name}` }) => ({
    name,
    source: `./plugins/${name}`,
    description,
    category: "bench",
    keywords: ["bench", name],
  }));
  return json({ name: market, owner: { name: "bench" }, plugins: entries });
}

/** Writes a marketplace whose entries are relative; returns its folder. */
export function writeMarketplace(folder: string, market: string, plugins: readonly FixturePlugin[]): string {
  write(join(folder, ".claude-plugin/marketplace.json"), catalogOf(market, plugins));
  for (const plugin of plugins) {
    for (const [path, content] of pluginFiles(plugin)) write(join(folder, "plugins", plugin.name, path), content);
  }
  return folder;
}

/** Writes a marketplace of which only the first `whole` plugins have files, the others just a folder; returns its folder. */
export function writeLargeMarketplace(folder: string, market: string, count: number, whole: number): string {
  const plugins = plainPlugins(count);
  writeMarketplace(folder, market, plugins.slice(0, whole));
  write(join(folder, ".claude-plugin/marketplace.json"), catalogOf(market, plugins));
  for (const { name } of plugins) mkdirSync(join(folder, "plugins", name), { recursive: true });
  return folder;
}

/** Writes a marketplace as a bare repository with one commit; returns its folder. */
export function writeMarketRepository(folder: string, market: string, plugins: readonly FixturePlugin[]): string {
  const files = withFolder(plugins).set(".claude-plugin/marketplace.json", catalogOf(market, plugins));
  importRepository(folder, importedCommit(1, files));
  return folder;
}

/** `count` plugins without dependencies: `p0`, `p1` … */
export function plainPlugins(count: number): FixturePlugin[] {
  return times(count, (at) => ({ name: `p${String(at)}`, version: "1.0.0" }));
}

/** A plugin `bundle` that depends on `count` others of its marketplace, followed by those. */
export function bundlePlugins(count: number): FixturePlugin[] {
  const members = times(count, (at) => ({ name: `dep-${String(at)}`, version: "1.0.0" }));
  return [{ name: "bundle", version: "1.0.0", dependencies: members.map(({ name }) => ({ name })) }, ...members];
}

/**
 * A lattice of `size` × `size` plugins below one root: each depends on every plugin of the next column by a range.
 * Of the versions 1.0.0, 1.1.0 … the last is outside every range, so that the newest is never the answer.
 */
export function latticePlugins(size: number, minor: number, last: number): FixturePlugin[] {
  const version = minor === last ? "2.0.0" : `1.${String(minor)}.0`;
  const nextColumn = (column: number): FixtureDependency[] =>
    column === size ? [] : times(size, (row) => ({ name: nodeName(column, row), version: "^1.0.0" }));
  const nodes = times(size, (column) =>
    times(size, (row) => ({ name: nodeName(column, row), version, dependencies: nextColumn(column + 1) })),
  ).flat();
  return [{ name: "lattice", version, dependencies: nextColumn(0) }, ...nodes];
}

const nodeName = (column: number, row: number): string => `n${String(column)}-${String(row)}`;

function git(folder: string, args: readonly string[], input?: string): void {
  const identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"];
  const result = spawnSync("git", [...identity, "-C", folder, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
  if (result.status !== 0) throw new Error(`\`git ${args.join(" ")}\` failed:\n${result.stderr}`);
}

/** One commit for `git fast-import`: every file of `files` replaces its predecessor. */
function importedCommit(mark: number, files: ReadonlyMap<string, string>): string {
  const data = (text: string): string => `data ${String(Buffer.byteLength(text))}\n${text}\n`;
  const author = `committer bench <bench@example.invalid> ${String(1_700_000_000 + mark)} +0000\n`;
  const changes = [...files].map(([path, content]) => `M 100644 inline ${path}\n${data(content)}`).join("");
  return `commit refs/heads/main\nmark :${String(mark)}\n${author}${data(`revision ${String(mark)}`)}${changes}`;
}

function importRepository(folder: string, stream: string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, ["init", "--quiet", "--bare", "--initial-branch=main", "."]);
  git(folder, ["config", "http.receivepack", "false"]);
  git(folder, ["config", "uploadpack.allowFilter", "true"]);
  git(folder, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
  git(folder, ["fast-import", "--quiet"], stream);
  git(folder, ["update-server-info"]);
}

function withFolder(plugins: readonly FixturePlugin[]): Map<string, string> {
  const files = plugins.flatMap((plugin) =>
    [...pluginFiles(plugin)].map(([path, text]): [string, string] => [`plugins/${plugin.name}/${path}`, text]),
  );
  return new Map(files);
}

/** Writes the lattice as one bare repository: a commit and 26 tags `name--vX.Y.Z` per version; returns its folder. */
export function writeLatticeRepository(folder: string, size = 5, versions = 4): string {
  let stream = "";
  for (let minor = 0; minor < versions; minor += 1) {
    const plugins = latticePlugins(size, minor, versions - 1);
    const files = withFolder(plugins).set(".claude-plugin/marketplace.json", catalogOf("lattice-market", plugins));
    stream += importedCommit(minor + 1, files);
    for (const { name, version } of plugins) {
      stream += `reset refs/tags/${name}--v${version}\nfrom :${String(minor + 1)}\n\n`;
    }
  }
  importRepository(folder, stream);
  return folder;
}

/** Writes a bare marketplace repository whose other files changed in `commits` revisions; returns its folder. */
export function writeLongHistoryRepository(folder: string, commits = 2000): string {
  const plugins = plainPlugins(20);
  const files = withFolder(plugins).set(".claude-plugin/marketplace.json", catalogOf("history-market", plugins));
  let stream = importedCommit(1, files);
  for (let at = 2; at <= commits; at += 1) {
    // Digits that a delta cannot fold away: the history has to weigh something.
    const noise = times(200, (line) => String(Math.sin(at * 1000 + line))).join("\n");
    stream += importedCommit(at, new Map([[`src/file-${String(at % 100)}.txt`, noise]]));
  }
  importRepository(folder, stream);
  return folder;
}
