import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import { routingFiles } from "../routing/test-files.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import type { LeftOut, PackedFile } from "./packed-file.ts";

/** Names that are in no package, wherever they lie. */
const NEVER: Readonly<Record<string, string>> = {
  ".git": "history of the repository",
  ".hg": "history of the repository",
  ".svn": "history of the repository",
  node_modules: "installed by whoever needs it",
  ".DS_Store": "made by the desktop",
  "Thumbs.db": "made by the desktop",
  ".idea": "settings of an editor",
  ".vscode": "settings of an editor",
  ".gitignore": "for the repository",
  ".gitattributes": "for the repository",
  ".pluginignore": "for `plugin pack`",
};

const TEST_CASES = "test cases";

/** Names at the top of a plugin that are for its author; of `tests` the files stay that declare prompts. */
const AT_TOP: Readonly<Record<string, string>> = {
  tests: TEST_CASES,
  test: "test cases",
  ".github": "for the code host",
  ".gitlab-ci.yml": "for the code host",
};

const LEFTOVER = /~$|\.sw[op]$|\.orig$/u;
const ARCHIVE = /\.(?:tgz|tar\.gz|zip)$/u;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** What a folder comes to. */
export interface Collected {
  readonly files: readonly Omit<PackedFile, "why">[];
  readonly left: readonly LeftOut[];
}

/** Reads what belongs into the package of a plugin; `directory` is absolute and the root of the tree. */
export function collect(tree: FileTree, directory: string): Collected {
  const rules = new IgnoreRules(directory);
  const files: Omit<PackedFile, "why">[] = [];
  const left: LeftOut[] = [];
  const prompts = routingFiles(tree);
  const visit = (folder: string): void => {
    for (const { name, kind } of tree.list(folder) ?? []) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const shown = kind === "directory" ? `${path}/` : path;
      const why = reasonAgainst(path, kind, prompts) ?? ignoredBy(rules.ignoring(shown));
      if (why !== undefined) left.push({ path: shown, why });
      else if (kind === "directory") visit(path);
      else {
        const node = tree.stat(path);
        const bytes = node?.kind === "file" ? tree.read(path, MAX_FILE_BYTES) : undefined;
        if (node?.kind === "file" && bytes !== undefined) files.push({ path, bytes, executable: node.executable });
        else left.push({ path, why: node?.kind === "directory" ? "a link to a folder" : "a link out of the plugin" });
      }
    }
  };
  visit("");
  return { files, left };
}

/** Whoever installs a plugin is told which of its prompts another would answer, so its declared ones travel with it. */
function reasonAgainst(path: string, kind: string, prompts: readonly string[]): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isTop = name === path;
  if (kind === "other") return "no regular file";
  if (Object.hasOwn(NEVER, name)) return NEVER[name];
  if (path === "tests" && prompts.length > 0) return undefined;
  if (path.startsWith("tests/") && !prompts.includes(path)) return TEST_CASES;
  if (isTop && Object.hasOwn(AT_TOP, name)) return AT_TOP[name];
  if (LEFTOVER.test(name)) return "left over by an editor";
  return isTop && ARCHIVE.test(name) ? "an archive" : undefined;
}

function ignoredBy(file: string | undefined): string | undefined {
  return file === undefined ? undefined : `ignored by ${file}`;
}
