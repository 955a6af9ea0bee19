import type { FileContribution } from "../../plugin-manifest.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { nodeOf, reportLink } from "../read-context.ts";
import { baseName, joinTreePath } from "../tree-path.ts";

/** Reads contributions that are files taken as they are: workflows, themes, executables. `ending` filters folders. */
export function readPlainFiles(
  context: ReadContext,
  requests: readonly PathRequest[],
  kind: FileContribution["kind"],
  ending: string,
): readonly FileContribution[] {
  const files = new Set<string>();
  for (const request of requests) {
    const node = nodeOf(context, request, kind);
    if (node?.kind === "file") files.add(request.path);
    if (node?.kind !== "directory") continue;
    for (const { name, kind: entryKind } of context.tree.list(request.path) ?? []) {
      if (!name.endsWith(ending)) continue;
      const child = joinTreePath(request.path, name);
      const shape = entryKind === "link" ? context.tree.stat(child) : undefined;
      if (shape?.kind === "refused-link") reportLink(context, shape, kind);
      if ((shape?.kind ?? entryKind) === "file") files.add(child);
    }
  }
  return Array.from(files, (file) => ({
    kind,
    name: ending === "" ? baseName(file) : baseName(file).slice(0, -ending.length),
    file,
  }));
}
