import { mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { readManifestHead, type FileTree } from "../../schemas/formats/index.ts";
import { escapeControl } from "../../schemas/names.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { SourceSpec } from "../../schemas/source-spec.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import type { Wanted } from "./listings.ts";
import { checkOwner } from "./local.ts";
import type { Offer, OpenedOffer, PluginSources } from "./offer.ts";
import { semverOf } from "./releases.ts";
import { sourceCommandOutput } from "./source-command.ts";

/** What sources that are commands need from the composition root. */
export interface CommandSourcesOptions {
  readonly openTree: (directory: string) => FileTree;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly progress: (message: string | undefined) => void;
}

/** How long a command may take that says nothing about it. */
const TIMEOUT_SECONDS = 60;

/**
 * Plugins that lie in a directory which a command of the catalog prints. Only `run` runs one, for whoever has asked the person; everything
 * else knows what was run and refuses what was not.
 */
export class CommandSources implements PluginSources {
  readonly #options: CommandSourcesOptions;
  /** By id and command. */
  readonly #trees = new Map<string, FileTree>();
  readonly #directories: string[] = [];

  constructor(options: CommandSourcesOptions) {
    this.#options = options;
  }

  /**
   * Runs a command in an empty directory, in the environment of a program that gets no credentials. Throws `E_SOURCE_COMMAND` when it fails
   * or prints no directory, `E_SOURCE_BLOCKED` for one that others can change, and `E_INTERRUPTED`.
   */
  async run(id: string, source: Extract<SourceSpec, { readonly kind: "command" }>): Promise<void> {
    const { openTree, environment, signal, progress } = this.#options;
    const { command, timeoutSeconds = TIMEOUT_SECONDS } = source;
    progress(`running the command of ${id}`);
    const directory = this.#emptyDirectory();
    const printed = await sourceCommandOutput(command, { id, directory, environment, signal, timeoutSeconds });
    this.#trees.set(keyOf(id, command), openTree(printedDirectory(id, printed)));
  }

  async prefetch(): Promise<void> {
    // Nothing is run that nobody agreed to.
  }

  async offers(snapshot: CatalogSnapshot, entry: CatalogEntry): Promise<readonly Offer[]> {
    const id = `${entry.name}@${snapshot.market.name}`;
    const { source } = entry;
    if (source.kind !== "command") throw new CodedError("E_INTERNAL", `\`${id}\` comes from no command`);
    const locked = { kind: "command", command: source.command } as const;
    const { version } = readManifestHead(this.#tree(locked, id), { entry });
    const semver = version === undefined ? undefined : semverOf(version);
    const unversioned = semver === undefined;
    return [{ id, version: semver ?? version ?? "unknown", unversioned, current: true, source: locked }];
  }

  async peek(_snapshot: CatalogSnapshot, entry: CatalogEntry, offer: Offer): Promise<OpenedOffer> {
    return { offer, entry, tree: this.#tree(offer.source, offer.id), diagnostics: [] };
  }

  async open(wanted: readonly (Wanted & { readonly offer: Offer })[]): Promise<readonly OpenedOffer[]> {
    return Promise.all(wanted.map(({ snapshot, entry, offer }) => this.peek(snapshot, entry, offer)));
  }

  async prepareLocked(): Promise<void> {
    // Nothing is run that nobody agreed to.
  }

  async openLocked(source: LockedSource, id: string): Promise<FileTree> {
    return this.#tree(source, id);
  }

  async close(): Promise<void> {
    for (const directory of this.#directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  }

  #emptyDirectory(): string {
    try {
      const directory = mkdtempSync(join(realpathSync(tmpdir()), "plugsmith-command-"));
      this.#directories.push(directory);
      return directory;
    } catch (error) {
      throw ioError("make a directory in", tmpdir(), error);
    }
  }

  #tree(source: LockedSource, id: string): FileTree {
    if (source.kind !== "command") throw new CodedError("E_INTERNAL", `\`${id}\` comes from no command`);
    const tree = this.#trees.get(keyOf(id, source.command));
    if (tree !== undefined) return tree;
    throw new CodedError("E_TRUST", `\`${id}\` is what \`${source.command}\` prints, which is not run by itself`, {
      hint: `\`plugin add ${id}\` asks whether it may run, and \`plugin sync\` where the plugin was added already`,
    });
  }
}

function keyOf(id: string, command: string): string {
  return `${id}\n${command}`;
}

/** The one line that was printed, as the real directory that it names. */
function printedDirectory(id: string, printed: string): string {
  const path = printed.replace(/\r?\n$/u, "");
  const wrong = (why: string): CodedError =>
    new CodedError("E_SOURCE_COMMAND", `the command of \`${id}\` printed ${why}`, {
      hint: "it has to print the absolute path of the plugin's directory and nothing else; tell the owner of the catalog",
    });
  const shown = `\`${escapeControl(path.slice(0, 200))}\``;
  if (path.trim() === "") throw wrong("nothing");
  if (/[\r\n\0]/u.test(path) || !isAbsolute(path)) throw wrong(`${shown}, which is no absolute path`);
  const directory = realDirectory(path);
  if (directory === undefined) throw wrong(`${shown}, where no directory is`);
  if (directory === dirname(directory) || directory === realDirectory(homedir()))
    throw wrong(`${shown}, which is no directory of a plugin`);
  checkOwner(directory);
  return directory;
}

function realDirectory(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return statSync(real).isDirectory() ? real : undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}
