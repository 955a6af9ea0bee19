import SemVer from "semver/classes/semver.js";
import compare from "semver/functions/compare.js";
import inc from "semver/functions/inc.js";
import { CodedError } from "../../../schemas/errors.ts";
import { readPlugin } from "../../../schemas/formats/index.ts";
import { releasesOf, semverOf, type Release } from "../../sources/releases.ts";
import type { WorkTree } from "../work-tree.ts";
import { unloadable } from "../unloadable.ts";
import { CATALOG, type AuthorPlugin } from "./author-plugins.ts";
import { bumpBetween, type Level, type PluginState } from "./bump.ts";
import { committedFolder } from "./commit-files.ts";

/** A release that could be made. */
export interface Proposal {
  readonly plugin: AuthorPlugin;
  /** Version of the release before; absent for the first one. */
  readonly from?: string | undefined;
  readonly to: string;
  /** What the changes ask for at least. */
  readonly level: Level | "first";
  readonly reasons: readonly string[];
  readonly tag: string;
  /** What is released, as it is committed now. */
  readonly state: PluginState;
  /** First lines of the commits since the release before, newest first. */
  readonly commits: readonly string[];
}

/** What a repository could release. */
export interface Proposals {
  readonly changed: readonly Proposal[];
  /** Names of plugins that are as their last release has them. */
  readonly unchanged: readonly string[];
}

const FIRST = "0.1.0";
const MAX_COMMITS = 50;

/** Looks which plugins of a repository differ from their last release, by the objects of git, and how much. */
export function proposals(repository: WorkTree, plugins: readonly AuthorPlugin[]): Proposals {
  const tags = repository
    .run(["for-each-ref", "--merged", "HEAD", "--format=%(refname:strip=2) %(objectname)", "refs/tags"])
    .split("\n")
    .map((line) => {
      const [tag = "", commit = ""] = line.split(" ");
      return { tag, commit };
    });
  const released = plugins.map((plugin) => ({ plugin, last: releasesOf(tags, plugin.name)[0] }));
  const objects = objectsOf(
    repository,
    released.flatMap(({ plugin, last }) => [`HEAD:${plugin.folder}`, `${last?.tag ?? "HEAD"}:${plugin.folder}`]),
  );
  const unchanged: string[] = [];
  const changed: Proposal[] = [];
  for (const [at, { plugin, last }] of released.entries()) {
    const now = objects[2 * at];
    if (now === undefined) throw uncommitted(plugin);
    if (last !== undefined && now === objects[2 * at + 1] && versionBefore(repository, plugin, last) === undefined) {
      unchanged.push(plugin.name);
    } else changed.push(proposalOf(repository, plugin, last));
  }
  return { changed, unchanged };
}

/** An entry that stands for the manifest carries the version; the folder says nothing about it. */
function versionBefore(repository: WorkTree, { entry, folder }: AuthorPlugin, last: Release): string | undefined {
  const version = entry?.version === undefined ? undefined : semverOf(entry.version);
  if (version === undefined || version === last.version) return undefined;
  const isManifest =
    repository.ask(["cat-file", "-e", `HEAD:${inside(folder, ".claude-plugin/plugin.json")}`]) === undefined;
  return isManifest ? version : undefined;
}

function uncommitted({ name, folder }: AuthorPlugin): CodedError {
  return new CodedError("E_RELEASE", `\`${name}\` lies in \`${folder}\`, where no file is committed`, {
    hint: "commit the plugin first, or take it out of the catalog",
    where: CATALOG,
  });
}

/** Names of objects, in their order; `undefined` for what is not there. */
function objectsOf(repository: WorkTree, names: readonly string[]): readonly (string | undefined)[] {
  const lines = repository.bytes(["cat-file", "--batch-check=%(objectname)"], `${names.join("\n")}\n`).toString();
  return lines.split("\n").map((line) => (/^[0-9a-f]{40,64}$/u.test(line) ? line : undefined));
}

function proposalOf(repository: WorkTree, plugin: AuthorPlugin, last: Release | undefined): Proposal {
  const state = stateAt(repository, "HEAD", plugin);
  const own = semverOf(state.manifest.version ?? plugin.entry?.version ?? "");
  if (last === undefined) {
    const to = own ?? FIRST;
    return { plugin, to, level: "first", reasons: ["first release"], tag: tagOf(plugin, to), state, commits: [] };
  }
  const { level, reasons } = bumpBetween(stateAt(repository, last.tag, plugin), state);
  const least = next(last.version, level);
  // A version that the author has raised already counts, unless the changes ask for more.
  const to = own !== undefined && compare(own, least) > 0 ? own : least;
  const range = `${last.tag}..HEAD`;
  const commits = repository
    .run(["log", `--max-count=${MAX_COMMITS}`, "--no-merges", "--format=%s", range, "--", plugin.folder || "."])
    .split("\n")
    .filter((line) => line !== "");
  return { plugin, from: last.version, to, level, reasons, tag: tagOf(plugin, to), state, commits };
}

function next(version: string, level: Level): string {
  const raised = inc(new SemVer(version), level);
  if (raised === null) throw new CodedError("E_INTERNAL", `\`${version}\` has no next version`);
  return raised;
}

function tagOf({ name }: AuthorPlugin, version: string): string {
  return `${name}--v${version}`;
}

function stateAt(repository: WorkTree, commit: string, plugin: AuthorPlugin): PluginState {
  const { tree, members } = committedFolder(repository, commit, plugin.folder);
  const { manifest, diagnostics } = readPlugin(tree, { entry: plugin.entry, fallbackName: plugin.name });
  if (manifest !== undefined) return { manifest, tree, members };
  throw unloadable(diagnostics, plugin.folder, `\`${plugin.name}\` at \`${commit}\`: `);
}

/** A path of a plugin from the top of its repository. */
export function inside(folder: string, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}
