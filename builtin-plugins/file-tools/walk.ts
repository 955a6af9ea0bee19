import { readdirSync, readFileSync, type Dirent } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";

const VERSION_CONTROL: ReadonlySet<string> = new Set([".git", ".hg", ".svn", ".jj"]);
const MAX_IGNORE_BYTES = 1024 * 1024;

interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
}

/** The files below a folder in the order of their names; links are not followed, folders of version control not entered. */
export function* walk(root: string, respectIgnored: boolean): Generator<string> {
  const above = respectIgnored ? rulesAbove(root) : [];
  // Whoever names an ignored folder means what is in it.
  yield* below(root, isIgnored(above, root, true) ? [] : above, respectIgnored);
}

function* below(folder: string, inherited: readonly IgnoreFile[], respectIgnored: boolean): Generator<string> {
  const entries = listed(folder);
  const rules =
    respectIgnored && entries.some(({ name }) => name === ".gitignore")
      ? [...inherited, ...rulesOf(folder)]
      : inherited;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory();
    if ((isFolder && VERSION_CONTROL.has(entry.name)) || isIgnored(rules, path, isFolder)) continue;
    if (isFolder) yield* below(path, rules, respectIgnored);
    else if (entry.isFile()) yield path;
  }
}

/** The rule nearest to the file decides, as in git. */
function isIgnored(files: readonly IgnoreFile[], path: string, isFolder: boolean): boolean {
  for (const { folder, rules } of files.toReversed()) {
    const inside = relative(folder, path).split(sep).join("/");
    if (inside === "" || inside.startsWith("../")) continue;
    const { ignored, unignored } = rules.test(isFolder ? `${inside}/` : inside);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** Rules from the top of the repository down to the folder above. */
function rulesAbove(root: string): readonly IgnoreFile[] {
  const folders: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    const isTop = listed(folder).some(({ name }) => name === ".git");
    if (folder !== root) folders.unshift(folder);
    if (isTop) return folders.flatMap(rulesOf);
    // Without a repository nobody reads the `.gitignore` of the folders above.
    if (dirname(folder) === folder) return [];
  }
}

function rulesOf(folder: string): readonly IgnoreFile[] {
  const text = optional(() => readFileSync(join(folder, ".gitignore"), "utf8"));
  if (text === undefined || text.length > MAX_IGNORE_BYTES) return [];
  return [{ folder, rules: ignore({ ignorecase: false }).add(text) }];
}

function listed(folder: string): readonly Dirent[] {
  const entries = optional(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

const UNREADABLE: ReadonlySet<unknown> = new Set(["ENOENT", "EACCES", "EPERM", "ENOTDIR", "EISDIR", "ELOOP"]);

/** What cannot be read is passed over, as every search does. */
function optional<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && UNREADABLE.has(error.code)) return undefined;
    throw error;
  }
}
