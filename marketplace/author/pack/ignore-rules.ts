import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { ioError, isSystemError } from "../../../schemas/system-error.ts";

/** Files that say what is ignored; of what they say the last counts. */
const RULE_FILES = [".gitignore", ".pluginignore"] as const;

/** Rules of one directory. */
interface Rules {
  readonly directory: string;
  readonly file: string;
  readonly matcher: Ignore;
}

/** What the ignore files of a folder, of those below it, and of those above it in its repository say. */
export class IgnoreRules {
  readonly #root: string;
  readonly #byDirectory = new Map<string, readonly Rules[]>();

  /** `root` is the absolute directory of the plugin. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Name of the file that says that a path is ignored; `undefined` when none does. A folder's path ends with `/`. */
  ignoring(path: string): string | undefined {
    const absolute = join(this.#root, path);
    for (const { directory, file, matcher } of this.#above(dirname(absolute)).toReversed()) {
      const inside = relative(directory, absolute).split(sep).join("/") + (path.endsWith("/") ? "/" : "");
      const { ignored, unignored } = matcher.test(inside);
      if (ignored) return relative(this.#root, join(directory, file)).split(sep).join("/");
      if (unignored) return undefined;
    }
    return undefined;
  }

  /** The rules that hold in a directory, outermost first. */
  #above(directory: string): readonly Rules[] {
    const known = this.#byDirectory.get(directory);
    if (known !== undefined) return known;
    const parent = dirname(directory);
    const isTop = parent === directory || existsSync(join(directory, ".git"));
    const outer = isTop || (!isWithin(directory, this.#root) && !hasRepository(directory)) ? [] : this.#above(parent);
    const rules = [...outer, ...RULE_FILES.flatMap((file) => rulesOf(directory, file))];
    this.#byDirectory.set(directory, rules);
    return rules;
  }
}

function isWithin(directory: string, root: string): boolean {
  return directory === root || directory.startsWith(`${root}${sep}`);
}

/** Whether a directory lies in a repository, whose rules then reach into it. */
function hasRepository(directory: string): boolean {
  if (existsSync(join(directory, ".git"))) return true;
  const parent = dirname(directory);
  return parent !== directory && hasRepository(parent);
}

function rulesOf(directory: string, file: string): readonly Rules[] {
  try {
    return [{ directory, file, matcher: ignore().add(readFileSync(join(directory, file), "utf8")) }];
  } catch (error) {
    if (isSystemError(error, "ENOENT", "EISDIR", "ENOTDIR")) return [];
    throw ioError("read", join(directory, file), error);
  }
}
