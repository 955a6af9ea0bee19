import { statSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { Permissions, ToolCall } from "plugsmith/plugin-api";
import { isMissing, realPath } from "./real-path.ts";
import type { FoundFile } from "./search-request.ts";

/** The present rules; absent where no plugin provides them. */
export type Rules = () => Promise<Permissions | undefined>;

/** The real path of what a search is given. Throws when it is not there. */
export function searchRoot(given: string | undefined, { directory }: ToolCall): string {
  const path =
    given === undefined || given === "" ? directory : isAbsolute(given) ? resolve(given) : resolve(directory, given);
  const real = realPath(path);
  try {
    statSync(real);
  } catch (error) {
    if (isMissing(error))
      throw new Error(`there is no file or folder \`${path}\`; give one that exists in \`path\``, { cause: error });
    throw error;
  }
  return real;
}

/** A pattern below `root`. Throws for one that leaves it: the permissions have judged the folder in `path` alone. */
export function patternBelow(pattern: string, root: string): string {
  const inside = isAbsolute(pattern) && pattern.startsWith(`${root}/`) ? pattern.slice(root.length + 1) : pattern;
  if (isAbsolute(inside) || /(?:^|[/{,(|])\.\.(?:[/},)|]|$)/u.test(inside)) {
    throw new Error(`the pattern \`${pattern}\` leaves \`${root}\`; give the folder to search in \`path\``);
  }
  return inside;
}

/** Leaves out files that a rule keeps from being read. */
export async function readableFiles(
  files: readonly FoundFile[],
  rules: Rules,
  { session }: ToolCall,
): Promise<readonly FoundFile[]> {
  const permissions = await rules();
  return permissions === undefined ? files : files.filter(({ file }) => permissions.mayRead(file, session));
}

/** As results name a file: relative to the working directory where it is below it. */
export function shownName(file: string, { directory }: ToolCall): string {
  const inside = relative(realPath(directory), file);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? file : inside;
}
