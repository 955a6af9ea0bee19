import { realpathSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import type { Home } from "../home.ts";
import type { Target } from "../install/change.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

export { loadIntent, loadLock, parseLock, type LoadedFile, type LoadedLock } from "./loaded-file.ts";

/** Where the files of one root lie; all absolute. */
export interface RootFiles {
  /** Key of the root in a generation: `user`, or the project's real path. */
  readonly key: string;
  readonly intent: string;
  readonly lock: string;
  /** A project's private picks, kept out of the repository by the `.gitignore` that is made beside them; absent for `user`. */
  readonly local: string | undefined;
}

/** The files of the root that a target names. Throws `E_USAGE` when there can be no such root and `E_NOT_FOUND`. */
export function rootFiles(home: Home, target: Target): RootFiles {
  if (target.scope === "user") return { key: "user", intent: home.intent, lock: home.lock, local: undefined };
  const directory = realDirectory(target.directory, target.scope);
  const own = join(directory, ".plugsmith");
  if (own === home.directory || directory === home.directory) {
    throw new CodedError("E_USAGE", `\`${directory}\` holds the home and cannot be a project`, {
      hint: "use `--scope user`, or run the command inside a project",
    });
  }
  return {
    key: directory,
    intent: join(directory, "plugins.json"),
    lock: join(directory, "plugins.lock"),
    local: join(own, "local.json"),
  };
}

function realDirectory(directory: string | undefined, scope: string): string {
  if (directory === undefined) {
    throw new CodedError("E_USAGE", `the scope \`${scope}\` needs a project directory`, {
      hint: "run the command inside a project, or use `--scope user`",
    });
  }
  try {
    return realpathSync(directory);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR")) throw ioError("resolve", directory, error);
    throw new CodedError("E_NOT_FOUND", `the project directory \`${directory}\` does not exist`, { where: directory });
  }
}
