import { realpathSync, statSync } from "node:fs";
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
): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const entry of catalog.entries) {
    if (entry.source.kind !== "relative") continue;
    const problem = await problemOf(entry.source.path, root, repositories);
    if (problem !== undefined) diagnostics.push(finding(entry, entry.source.path, problem));
  }
  return diagnostics;
}

type Problem = "missing" | "escapes" | "no-root";

async function problemOf(path: string, root: CatalogRoot, repositories: Repositories): Promise<Problem | undefined> {
  switch (root.kind) {
    case "none":
      return "no-root";
    case "directory":
      return directoryProblem(root.path, path);
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

function directoryProblem(root: string, path: string): Problem | undefined {
  const place = join(root, path);
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return "missing";
  const real = realpathSync.native(place);
  return real === root || real.startsWith(`${root}${sep}`) ? undefined : "escapes";
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
