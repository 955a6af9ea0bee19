import { lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

import { CodedError } from "../../schemas/errors.ts";

/** A git work tree of this machine that holds a directory. */
export interface WorkTree {
  readonly root: string;
  readonly gitDirectory: string;
  /** The directory inside the work tree, POSIX, `""` for its root. */
  readonly path: string;
}

const OTHERS_WRITE = 0o002;

/**
 * Refuses a directory that a third person owns or that everybody may write, because what it holds can change under us
 * (attacks GT19). Throws `E_SOURCE_BLOCKED`, or `E_NOT_FOUND`.
 */
export function checkOwner(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined)
    throw new CodedError("E_NOT_FOUND", `\`${directory}\` does not exist`, { hint: "check the path" });
  const user = process.getuid?.();
  if (user === undefined) return;
  if (found.uid !== user && found.uid !== 0 && String(found.uid) !== process.env["SUDO_UID"]) {
    throw new CodedError(
      "E_SOURCE_BLOCKED",
      `\`${directory}\` belongs to another user (id ${found.uid}), who could change it at any time`,
      {
        hint: "copy it to a directory of your own",
      },
    );
  }
  if ((found.mode & OTHERS_WRITE) !== 0) {
    throw new CodedError("E_SOURCE_BLOCKED", `everybody on this machine may write to \`${directory}\``, {
      hint: `run \`chmod o-w ${directory}\``,
    });
  }
}

/** The git work tree around a directory, as long as the person owns it; no process is started and no configuration read. */
export function workTreeOf(directory: string): WorkTree | undefined {
  const start = realpathSync.native(directory);
  for (let root = start; ; root = dirname(root)) {
    const marker = join(root, ".git");
    const found = lstatSync(marker, { throwIfNoEntry: false });
    if (found !== undefined) {
      const gitDirectory = found.isDirectory() ? marker : found.isFile() ? linkedDirectory(root, marker) : undefined;
      if (gitDirectory === undefined || !owned(root) || !owned(gitDirectory)) return undefined;
      return { root, gitDirectory, path: relative(root, start).split(sep).join("/") };
    }
    if (dirname(root) === root) return undefined;
  }
}

/** The common directory that a `.git` file of a linked work tree or submodule leads to. */
function linkedDirectory(root: string, marker: string): string | undefined {
  const target = /^gitdir: (.+)$/mu.exec(readFileSync(marker, "utf8"))?.[1];
  if (target === undefined) return undefined;
  const directory = resolve(root, target);
  const common = join(directory, "commondir");
  if (statSync(common, { throwIfNoEntry: false }) === undefined) {
    return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true ? directory : undefined;
  }
  return resolve(directory, readFileSync(common, "utf8").trim());
}

function owned(directory: string): boolean {
  try {
    checkOwner(directory);
    return true;
  } catch (error) {
    if (error instanceof CodedError) return false;
    throw error;
  }
}

/**
 * The real place of a relative source; `root` is a real path. Throws `E_PATH_ESCAPE` when a link leads out of the marketplace, `E_PLUGIN_UNKNOWN`
 * when there is no such directory.
 */
export function directoryInside(root: string, path: string): string {
  const place = join(root, path);
  const found = statSync(place, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    throw new CodedError("E_PLUGIN_UNKNOWN", `the marketplace has no directory \`${path}\``, {
      hint: "ask its owner to correct the entry",
    });
  }
  const real = realpathSync.native(place);
  const within = relative(root, real);
  if (within === ".." || within.startsWith(`..${sep}`) || resolve(within) === within) {
    throw new CodedError("E_PATH_ESCAPE", `\`${path}\` is a link that leaves the marketplace`, {
      hint: "ask its owner to correct the entry",
    });
  }
  return real;
}
