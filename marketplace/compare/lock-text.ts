import { lstatSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import { readTextIfPresent } from "../generations/state-files.ts";
import { anchoredLock } from "../lock/portable-paths.ts";
import { parseLock } from "../lock/root-files.ts";
import { GitRunner } from "../sources/git-runner.ts";
import { type WorkTree, workTreeOf } from "../sources/local.ts";
import type { Services } from "../services.ts";

/**
 * Reads a lock that a person names: a path, or `<revision>:<path>` for one that git has. Both start from `cwd`.
 * Throws `E_NOT_FOUND`, `E_GIT_REF` and what `readLockfile` throws.
 */
export async function namedLock(
  word: string,
  cwd: string,
  services: Pick<Services, "home" | "environment" | "signal">,
): Promise<Lockfile> {
  const file = resolve(cwd, word);
  const text = readTextIfPresent(file);
  if (text !== undefined) return anchoredLock(parseLock(text, file), dirname(file));
  const colon = word.indexOf(":");
  if (colon > 0) return await committedLock(word.slice(0, colon), resolve(cwd, word.slice(colon + 1)), services);
  throw new CodedError("E_NOT_FOUND", `there is no lock \`${word}\``, {
    where: file,
    hint: "name a `plugins.lock`, one of git as `HEAD~1:plugins.lock`, a generation as `3`, or a plugin as `name@market`",
  });
}

async function committedLock(
  revision: string,
  file: string,
  { home, environment, signal }: Pick<Services, "home" | "environment" | "signal">,
): Promise<Lockfile> {
  const place = workTreeOf(dirname(file));
  if (place === undefined)
    throw new CodedError("E_NOT_FOUND", `\`${dirname(file)}\` lies in no git repository`, {
      hint: "name the lock by its path alone",
    });
  if (!/^[\w@{}~^./+-]+$/u.test(revision) || revision.startsWith("-"))
    throw new CodedError("E_GIT_REF", `\`${revision}\` is no revision`, { hint: "write it as `HEAD~1:plugins.lock`" });
  const git = new GitRunner({ directory: home.gitCache, environment: { ...environment }, signal, offline: true });
  const path = place.path === "" ? "" : `${place.path}/`;
  const object = `${revision}:${path}${basename(file)}`;
  const gitDirectory = ownDirectory(place);
  const text = await git.run({ arguments: ["cat-file", "blob", object], gitDirectory });
  return anchoredLock(parseLock(text, object), dirname(file));
}

/** In a linked work tree `HEAD` is its own, not that of the repository it is linked to. */
function ownDirectory({ root, gitDirectory }: WorkTree): string {
  const marker = join(root, ".git");
  if (lstatSync(marker).isDirectory()) return gitDirectory;
  const target = /^gitdir: (.+)$/mu.exec(readFileSync(marker, "utf8"))?.[1];
  return target === undefined ? gitDirectory : resolve(root, target);
}
