import { readRegistry } from "../catalog/registry.ts";
import { committedNumbers, newestNumber, readGenerationNumber } from "../generations/generations.ts";
import { liveLeases } from "../generations/lease.ts";
import { generationFile, readTextIfPresent } from "../generations/state-files.ts";
import type { Home } from "../home.ts";
import type { Services } from "../services.ts";
import { repositoryFolder } from "../sources/repositories.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { treesOf, type Generation } from "../../schemas/generation.ts";
import { parseGitUrl } from "../../schemas/identity.ts";
import { join } from "node:path";

/** What of a home has to stay. */
export interface Needed {
  /** Numbers of generations, newest first. */
  readonly generations: readonly number[];
  /** The generation that is current; `undefined` before the first. */
  readonly current: Generation | undefined;
  /** Digests of trees, those with npm packages among them. */
  readonly trees: ReadonlySet<string>;
  readonly manifests: ReadonlySet<string>;
  /** Trees that are gone or go, whose lists of files tell a person what changed since a consent. */
  readonly listed: ReadonlySet<string>;
  /** Names of folders of the git cache. */
  readonly repositories: ReadonlySet<string>;
  /** Whether a kept plugin has npm packages, which may have to be put together anew. */
  readonly hasPackages: boolean;
  /** Revision in use by name of the marketplace. */
  readonly catalogs: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the needs of a home are read with. */
export interface NeedsOptions {
  readonly home: Home;
  /** How many generations are kept beside those that sessions run, the current one counted. */
  readonly keep: number;
  readonly consent: Pick<Services["consent"], "last">;
}

/**
 * Finds what the newest generations, those that sessions hold, locks, other agents and marketplaces need. Reads only.
 * Throws `E_STATE_CORRUPT` and `E_SCHEMA_NEWER` when a file that says what is needed cannot be read: then nothing may go.
 */
export function findNeeded({ home, keep, consent }: NeedsOptions): Needed {
  const newest = newestNumber(home);
  const numbers = committedNumbers(home, newest);
  const leased = new Set(liveLeases(home).map(({ generation }) => generation));
  const kept = numbers.filter((number, at) => at < keep || number === newest || leased.has(number));
  if (newest !== 0 && !numbers.includes(newest)) throw lost(home, newest);
  const diagnostics: Diagnostic[] = [];
  const generations = kept.flatMap((number): readonly Generation[] => {
    try {
      return [readGenerationNumber(home, number)];
    } catch (error) {
      if (!isCodedError(error) || error.code !== "E_STATE_CORRUPT") throw error;
      if (number === newest) throw lost(home, newest, error);
      const { code, message } = error;
      diagnostics.push({ code, severity: "warning", message, file: generationFile(home, number), hint: DOCTOR_HINT });
      return [];
    }
  });
  const plugins = generations.flatMap(({ roots }) => Object.values(roots).flatMap((root) => root.plugins));
  const current = generations.find(({ number }) => number === newest);
  const records = [...readRegistry(home.marketplaces).values()];
  const named = digestsIn([...locksOf(home, current), home.agentState]);
  const urls = [
    ...plugins.flatMap(({ source }) => (source.kind === "git" ? [source.url] : [])),
    ...records.flatMap(({ root }) => (root.kind === "git" ? [root.url] : [])),
  ];
  return {
    generations: kept,
    current,
    trees: new Set([...plugins.flatMap(treesOf), ...named]),
    manifests: new Set([...plugins.map(({ manifest }) => manifest), ...named]),
    listed: new Set(plugins.flatMap(({ id }) => consent.last(id)?.tree ?? [])),
    repositories: new Set(urls.map((url) => repositoryFolder(parseGitUrl(url)))),
    hasPackages: plugins.some(({ packages, launchers }) => packages !== undefined || launchers !== undefined),
    catalogs: new Map(records.map(({ name, revision }) => [name, revision])),
    diagnostics,
  };
}

const DOCTOR_HINT = "`plugin doctor --fix` puts damaged state files aside";

/** The locks of the roots that this machine knows; one that somebody pulled may name trees that no generation has yet. */
function locksOf(home: Home, current: Generation | undefined): readonly string[] {
  const projects = Object.keys(current?.roots ?? {}).filter((root) => root !== "user");
  return [home.lock, ...projects.map((root) => join(root, "plugins.lock"))];
}

/** Every digest in some files. What they mean does not matter: too much is kept rather than too little. */
function digestsIn(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => {
    try {
      return readTextIfPresent(file)?.match(/sha256-[0-9a-f]{64}/gu) ?? [];
    } catch (error) {
      // A lock of a project that lies where this person may not read cannot be synced by them either.
      if (isCodedError(error) && error.code === "E_IO") return [];
      throw error;
    }
  });
}

function lost(home: Home, number: number, cause?: unknown): CodedError {
  return new CodedError(
    "E_STATE_CORRUPT",
    `generation ${number}, which is current, cannot be read, so it is not known what is needed`,
    { where: generationFile(home, number), hint: "run `plugin doctor --fix` first; nothing was removed", cause },
  );
}
