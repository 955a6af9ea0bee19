import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isCodedError } from "../../../schemas/errors.ts";
import { readCatalog } from "../../../schemas/marketplace.ts";
import type { CatalogEntry } from "../../../schemas/plugin-manifest.ts";
import { FixtureRepository } from "../../support/git-repository.ts";

const CATALOG = ".claude-plugin/marketplace.json";

/** A corpus repository that is a marketplace. */
export interface CorpusMarket {
  /** Folder of the corpus, `owner+repository`. */
  readonly repository: string;
  /** Absolute path of that folder; never written to. */
  readonly directory: string;
  /** What the catalog calls itself, the folder when it cannot be read. */
  readonly name: string;
  /** Why the catalog cannot be read at all, if so. */
  readonly problem?: string | undefined;
  /** Entries whose source is a path in the marketplace. */
  readonly relative: readonly CatalogEntry[];
}

/** Every marketplace of a corpus, by folder name. */
export function corpusMarkets(corpus: string): readonly CorpusMarket[] {
  return readdirSync(corpus, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(corpus, entry.name, CATALOG)))
    .map((entry) => entry.name)
    .sort()
    .map((repository) => readMarket(join(corpus, repository), repository));
}

function readMarket(directory: string, repository: string): CorpusMarket {
  try {
    const { value } = readCatalog(readFileSync(join(directory, CATALOG)), { file: CATALOG });
    const relative = value.entries.filter((entry) => entry.source.kind === "relative");
    return { repository, directory, name: value.name, relative };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { repository, directory, name: repository, problem: error.message, relative: [] };
  }
}

/** Where a corpus repository was copied to. */
export interface Served {
  readonly repository: FixtureRepository;
  /** The commit that all tags name. */
  readonly tagged: string;
  /** The newest commit. */
  readonly head: string;
}

/**
 * Copies a corpus repository into a real bare git repository `<directory>/<repository>.git`: one commit with every file, tagged
 * `name--vX` for every entry with a version, and one more commit with the same tree on top. Folders that entries name and the corpus lacks (it
 * keeps data files only) hold a README when `complete` is set.
 */
export function copyToGit(market: CorpusMarket, directory: string, complete = false): Served {
  const repository = new FixtureRepository(join(directory, `${market.repository}.git`));
  mkdirSync(join(repository.directory, "info"), { recursive: true });
  // Attributes of the repository itself must not change what is stored.
  writeFileSync(
    join(repository.directory, "info", "attributes"),
    "* -text -filter -eol -ident -working-tree-encoding\n",
  );
  repository.git([`--work-tree=${market.directory}`, "add", "--all", "--force", "."]);
  const missing = complete ? market.relative.filter((entry) => !existsSync(folderOf(market, entry))) : [];
  for (const entry of missing) addReadme(repository, pathOf(entry), `# ${entry.name}\n`);
  const tagged = commit(repository, []);
  const tags = market.relative.flatMap((entry) => {
    const version = versionOf(market, entry);
    return version === undefined ? [] : [`create refs/tags/${entry.name}--v${version} ${tagged}\n`];
  });
  repository.git(["update-ref", "--stdin"], Buffer.from([...new Set(tags)].join("")));
  const head = commit(repository, ["-p", tagged]);
  return { repository, tagged, head };
}

/** Commits the index as it is; bare repositories have no `git commit`. */
function commit(repository: FixtureRepository, parents: readonly string[]): string {
  const tree = repository.git(["write-tree"]);
  const made = repository.git(["commit-tree", tree, ...parents, "-m", "the corpus"]);
  repository.git(["update-ref", "refs/heads/main", made]);
  return made;
}

function pathOf(entry: CatalogEntry): string {
  return entry.source.kind === "relative" ? entry.source.path : "";
}

function folderOf(market: CorpusMarket, entry: CatalogEntry): string {
  return join(market.directory, pathOf(entry));
}

function addReadme(repository: FixtureRepository, folder: string, text: string): void {
  const blob = repository.git(["hash-object", "-w", "--stdin"], Buffer.from(text));
  repository.git(["update-index", "--add", "--cacheinfo", `100644,${blob},${folder}/README.md`]);
}

/** The version that a tag can stand for, as the plugin or its entry says it. */
function versionOf(market: CorpusMarket, entry: CatalogEntry): string | undefined {
  const file = join(folderOf(market, entry), ".claude-plugin", "plugin.json");
  const declared: unknown = existsSync(file) ? readVersion(readFileSync(file, "utf8")) : undefined;
  const version = typeof declared === "string" ? declared : entry.version;
  return version !== undefined && /^\d+\.\d+\.\d+$/.test(version) && /^[\w.-]+$/.test(entry.name) ? version : undefined;
}

function readVersion(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
