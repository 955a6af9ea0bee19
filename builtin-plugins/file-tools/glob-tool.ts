import { defineTool, type Tool, type ToolCall } from "plugsmith/plugin-api";
import { search, type SearchResult } from "./search.ts";
import { patternBelow, readableFiles, searchRoot, type Rules } from "./search-root.ts";

const MAX_FILES = 200;

interface GlobInput {
  readonly pattern: string;
  readonly path?: string;
}

/** Finds files by their names, the newest first. */
export function globTool(rules: Rules): Tool {
  return defineTool<GlobInput>({
    name: "Glob",
    description: `Finds files by a pattern such as \`**/*.ts\` or \`docs/**/*.{md,txt}\`, the newest first, at most ${MAX_FILES}. A pattern without a slash matches names in every folder. Files that \`.gitignore\` excludes are shown only when nothing else matches.`,
    inputSchema: {
      type: "object",
      properties: {
        pattern: { type: "string", minLength: 1, maxLength: 1024, description: "The pattern, relative to `path`" },
        path: { type: "string", description: "Absolute path of the folder; default: the working directory" },
      },
      required: ["pattern"],
    },
    readOnly: true,
    pathFields: ["path"],
    run: async (input, call) => {
      const root = searchRoot(input.path, call);
      const pattern = patternBelow(input.pattern, root);
      const { files, notes } = await found(root, pattern, rules, call);
      const newest = files.toSorted(
        (left, right) => right.modifiedMs - left.modifiedMs || order(left.file, right.file),
      );
      const shown = newest.slice(0, MAX_FILES).map(({ file }) => file);
      const more = newest.length - shown.length;
      const remarks = [...notes, ...(more > 0 ? [`${String(more)} more files match`] : [])];
      if (shown.length === 0) return [`no file matches \`${input.pattern}\` in \`${root}\``, ...remarks].join("\n");
      return [...shown, ...remarks.map((remark) => `(${remark})`)].join("\n");
    },
  });
}

async function found(root: string, pattern: string, rules: Rules, call: ToolCall): Promise<SearchResult> {
  for (const respectIgnored of [true, false]) {
    const result = await search({ kind: "glob", root, pattern, respectIgnored }, call.signal);
    const files = await readableFiles(result.files, rules, call);
    if (files.length === 0 && respectIgnored && result.notes.length === 0) continue;
    const ignored = files.length > 0 && !respectIgnored ? ["`.gitignore` excludes these files"] : [];
    return { files, notes: [...result.notes, ...ignored] };
  }
  return { files: [], notes: [] };
}

function order(left: string, right: string): number {
  return left < right ? -1 : 1;
}
