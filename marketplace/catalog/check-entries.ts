import { readdirSync, realpathSync, statSync } from "node:fs";
import { join, posix, sep } from "node:path";

import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { Catalog } from "../../schemas/marketplace.ts";
import { parseGitUrl } from "../../schemas/identity.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import { lookUp } from "../sources/git-tree.ts";
import type { Repositories } from "../sources/repositories.ts";
import type { CatalogRoot } from "./snapshot.ts";

/** Whether the directories that a catalog names exist inside it; looks at names only, never at contents. */
export async function checkEntries(
  catalog: Catalog,
  root: CatalogRoot,
  repositories: Repositories,
  directories: ReadonlySet<string> = new Set(),
): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  const looks = root.kind === "directory" ? new DirectoryLooks(root.path) : undefined;
  for (const entry of catalog.entries) {
    if (entry.source.kind !== "relative") continue;
    const { path } = entry.source;
    const problem =
      root.kind === "directory" ? looks?.problemOf(path) : await problemOf(path, root, { repositories, directories });
    if (problem !== undefined) diagnostics.push(finding(entry, path, problem));
  }
  return diagnostics;
}

type Problem = "missing" | "escapes" | "no-root";

async function problemOf(
  path: string,
  root: Exclude<CatalogRoot, { readonly kind: "directory" }>,
  { repositories, directories }: { readonly repositories: Repositories; readonly directories: ReadonlySet<string> },
): Promise<Problem | undefined> {
  switch (root.kind) {
    case "none":
      return "no-root";
    case "npm":
      return directories.has(path) ? undefined : "missing";
    case "git": {
      const repository = repositories.remote(parseGitUrl(root.url));
      const commit = await repository.commit(root.commit);
      const found =
        commit === undefined ? undefined : await lookUp(repository, commit.tree, posix.join(root.path, path));
      if (found === "escapes") return "escapes";
      return found?.kind === "directory" ? undefined : "missing";
    }
  }
}

/** Answers about directories from one listing a parent, so that a thousand neighbours cost one look. */
class DirectoryLooks {
  readonly #root: string;
  readonly #listings = new Map<string, ReadonlyMap<string, "directory" | "link" | "other"> | undefined>();

  constructor(root: string) {
    this.#root = realpathSync.native(root);
  }

  problemOf(path: string): Problem | undefined {
    let at = "";
    for (const segment of path.split("/")) {
      if (segment === "") continue;
      const kind = this.#list(at)?.get(segment);
      if (kind === "link") return this.#followed(path);
      if (kind !== "directory") return "missing";
      at = at === "" ? segment : `${at}/${segment}`;
    }
    return undefined;
  }

  #followed(path: string): Problem | undefined {
    const place = join(this.#root, path);
    if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return "missing";
    const real = realpathSync.native(place);
    return real === this.#root || real.startsWith(`${this.#root}${sep}`) ? undefined : "escapes";
  }

  #list(directory: string): ReadonlyMap<string, "directory" | "link" | "other"> | undefined {
    const known = this.#listings.get(directory);
    if (known !== undefined) return known;
    const entries = readdirSync(join(this.#root, directory), { withFileTypes: true });
    const kinds = new Map(
      entries.map(
        (entry) => [entry.name, entry.isDirectory() ? "directory" : entry.isSymbolicLink() ? "link" : "other"] as const,
      ),
    );
    this.#listings.set(directory, kinds);
    return kinds;
  }
}

function finding(entry: CatalogEntry, path: string, problem: Problem): Diagnostic {
  const shown = path === "" ? "." : path;
  const where = {
    severity: "error",
    file: entry.where.file,
    line: entry.where.line,
    column: entry.where.column,
    dropped: "plugin",
  } as const;
  switch (problem) {
    case "missing":
      return {
        code: "E_ENTRY",
        message: `entry \`${entry.name}\` names the directory \`${shown}\`, which does not exist`,
        hint: "correct its `source`",
        ...where,
      };
    case "escapes":
      return {
        code: "E_PATH_ESCAPE",
        message: `entry \`${entry.name}\` names \`${shown}\`, a link that leaves the marketplace`,
        hint: "replace the link by the directory",
        ...where,
      };
    case "no-root":
      return {
        code: "E_ENTRY",
        message: `entry \`${entry.name}\` has a path as its source, but a catalog fetched from a URL has no directories`,
        hint: "add the repository that holds the catalog instead",
        ...where,
      };
  }
}
