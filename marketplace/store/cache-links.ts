import { lstatSync, mkdirSync, readlinkSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { runTree, type Generation } from "../../schemas/generation.ts";
import type { Home } from "../home.ts";
import { namesIn } from "./folders.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { ownMark } from "./process-mark.ts";

/**
 * Brings the links `cache/plugins/<market>/<plugin>/<version>` from one generation to the next; they are for people, nothing
 * reads them. A link that cannot be made or removed is a warning. The caller holds the home.
 */
export function updateCacheLinks(home: Home, before: Generation | undefined, after: Generation): readonly Diagnostic[] {
  const old = wantedLinks(home, before);
  const wanted = wantedLinks(home, after);
  return changeLinks(home, {
    stray: [...old.keys()].filter((path) => !wanted.has(path)),
    missing: [...wanted].filter(([path, tree]) => old.get(path) !== tree),
  });
}

/** How the links differ from those of a generation. */
export interface WrongLinks {
  /** Paths of what is no link of the generation. */
  readonly stray: readonly string[];
  /** Path and tree of those that are not there or lead elsewhere. */
  readonly missing: readonly (readonly [path: string, tree: string])[];
}

/** Looks at every link that is there; an interrupted or failed change may have left others. What is no link is somebody's own. */
export function wrongLinks(home: Home, generation: Generation | undefined): WrongLinks {
  const wanted = wantedLinks(home, generation);
  const present = new Map(
    directories(home.cache)
      .flatMap(directories)
      .flatMap((plugin) => namesIn(plugin).map((version) => join(plugin, version)))
      .flatMap((path): readonly (readonly [path: string, target: string])[] => {
        const target = targetOf(path);
        return target === undefined ? [] : [[path, target]];
      }),
  );
  return {
    stray: [...present].filter(([path, target]) => wanted.get(path) !== target).map(([path]) => path),
    missing: [...wanted].filter(([path, tree]) => present.get(path) !== tree),
  };
}

/** Makes links right that are wrong; what cannot be is a warning. The caller holds the home. */
export function changeLinks(home: Home, { stray, missing }: WrongLinks): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const mark = ownMark();
  const attempt = (path: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const { message, hint } = ioError("update the link", path, error);
      diagnostics.push({ code: "E_IO", severity: "warning", message, file: path, hint });
    }
  };
  for (const path of stray) attempt(path, () => prune(home, path));
  for (const [path, tree] of missing) attempt(path, () => link(path, tree, mark));
  return diagnostics;
}

/** Absolute link path → absolute tree path of a generation. Of two trees with one version string the one of the later root wins. */
function wantedLinks(home: Home, generation: Generation | undefined): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const [, { plugins }] of Object.entries(generation?.roots ?? {}).sort(([left], [right]) =>
    left < right ? -1 : 1,
  )) {
    for (const plugin of plugins) {
      const { id, version } = plugin;
      const at = id.lastIndexOf("@");
      const market = at === -1 ? "local" : id.slice(at + 1);
      const name = at === -1 ? id : id.slice(0, at);
      const path = [home.cache, safeName(market), safeName(name), safeName(version)].join(sep);
      links.set(path, `${home.trees}${sep}${runTree(plugin)}`);
    }
  }
  return links;
}

/** One path component that is a plain name on every file system; different texts give different names. */
function safeName(text: string): string {
  if (/^\w[\w+@-]{0,199}$/u.test(text)) return text;
  const encoded = text.replace(/[^A-Za-z0-9._+@-]/gu, (character) =>
    encodeURIComponent(character.toWellFormed()).replace(/[*'()!~]/g, hex),
  );
  const plain = encoded.replace(/^\.+|\.+$/g, (dots) => dots.replaceAll(".", "%2E"));
  return plain === "" ? "%" : plain.slice(0, 200);
}

function hex(character: string): string {
  return `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
}

function link(path: string, tree: string, mark: string): void {
  const directory = dirname(path);
  const target = relative(directory, tree);
  if (presentTarget(path) === target) return;
  mkdirSync(directory, { recursive: true });
  const temporary = join(directory, `.${mark}`);
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}

function presentTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EINVAL")) return undefined;
    throw error;
  }
}

/** The absolute path that a link leads to; `undefined` for what is none. */
function targetOf(path: string): string | undefined {
  const target = presentTarget(path);
  return target === undefined ? undefined : resolve(dirname(path), target);
}

function directories(directory: string): readonly string[] {
  return namesIn(directory)
    .map((name) => join(directory, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}

/** Removes a link and the directories that it leaves empty. */
function prune(home: Home, path: string): void {
  try {
    unlinkSync(path);
    for (let directory = dirname(path); directory !== home.cache; directory = dirname(directory)) rmdirSync(directory);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
  }
}
