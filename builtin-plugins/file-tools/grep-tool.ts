import { messageOf, defineTool, type Tool, type ToolCall, type ToolResult } from "plugsmith/plugin-api";
import { FILE_TYPES } from "./file-types.ts";
import type { FoundFile } from "./search-request.ts";
import { search } from "./search.ts";
import { patternBelow, readableFiles, searchRoot, shownName, type Rules } from "./search-root.ts";

const HEAD_LIMIT = 250;
const MAX_OUTPUT_CHARACTERS = 30_000;
const MAX_TOUCHED = 100;

interface GrepInput {
  readonly pattern: string;
  readonly path?: string;
  readonly glob?: string;
  readonly type?: string;
  readonly output_mode?: "content" | "files_with_matches" | "count";
  readonly "-i"?: boolean;
  readonly "-n"?: boolean;
  readonly "-A"?: number;
  readonly "-B"?: number;
  readonly "-C"?: number;
  readonly head_limit?: number;
  readonly offset?: number;
  readonly multiline?: boolean;
}

const COUNT = { type: "integer", minimum: 0 };

/** Finds lines by a regular expression. */
export function grepTool(rules: Rules): Tool {
  return defineTool<GrepInput>({
    name: "Grep",
    description:
      "Searches the contents of files for a regular expression of JavaScript. `files_with_matches` (default) lists files, the newest first; `content` shows lines; `count` shows numbers of matches. Binary files and those that `.gitignore` excludes are passed over.",
    inputSchema: {
      type: "object",
      properties: {
        pattern: { type: "string", minLength: 1, description: "The regular expression" },
        path: { type: "string", description: "Absolute path of a file or folder; default: the working directory" },
        glob: { type: "string", maxLength: 1024, description: "Only files with such names, e.g. `*.{ts,tsx}`" },
        type: { type: "string", description: "Only files of a language, e.g. `js`, `py`, `rust`, or with this ending" },
        output_mode: { type: "string", enum: ["content", "files_with_matches", "count"] },
        "-i": { type: "boolean", description: "Ignore case" },
        "-n": { type: "boolean", description: "Show line numbers (`content`; default true)" },
        "-A": { ...COUNT, description: "Lines to show after each match (`content`)" },
        "-B": { ...COUNT, description: "Lines to show before each match (`content`)" },
        "-C": { ...COUNT, description: "Lines to show before and after each match (`content`)" },
        head_limit: { ...COUNT, description: `Show at most so many lines or files; default ${HEAD_LIMIT}, 0 for all` },
        offset: { ...COUNT, description: "Pass over so many lines or files first" },
        multiline: { type: "boolean", description: "Let a match span lines; `.` then matches line ends too" },
      },
      required: ["pattern"],
    },
    readOnly: true,
    pathFields: ["path"],
    run: async (input, call) => {
      const root = searchRoot(input.path, call);
      const around = input["-C"] ?? 0;
      const mode = input.output_mode ?? "files_with_matches";
      const { source, ignoreCase } = expression(input.pattern);
      const { files, notes } = await search(
        {
          kind: "grep",
          root,
          pattern: source,
          ignoreCase: ignoreCase || input["-i"] === true,
          multiline: input.multiline ?? false,
          glob: input.glob === undefined ? undefined : patternBelow(input.glob, root),
          endings: input.type === undefined ? undefined : (FILE_TYPES[input.type] ?? [input.type]),
          lines: mode === "content",
          before: input["-B"] ?? around,
          after: input["-A"] ?? around,
        },
        call.signal,
      );
      const readable = await readableFiles(files, rules, call);
      return result(shown(readable, mode, input, call), readable, notes, input);
    },
  });
}

/** Throws for what is no regular expression; a leading `(?i)` is understood. */
function expression(pattern: string): { readonly source: string; readonly ignoreCase: boolean } {
  const ignoreCase = pattern.startsWith("(?i)");
  const source = ignoreCase ? pattern.slice(4) : pattern;
  try {
    void new RegExp(source);
  } catch (error) {
    const why = messageOf(error);
    throw new Error(`the pattern cannot be used: ${why}; put a backslash before characters that are meant literally`, {
      cause: error,
    });
  }
  return { source, ignoreCase };
}

function shown(
  files: readonly FoundFile[],
  mode: NonNullable<GrepInput["output_mode"]>,
  input: GrepInput,
  call: ToolCall,
): readonly string[] {
  if (mode === "count") return files.map(({ file, matches }) => `${shownName(file, call)}:${String(matches)}`);
  if (mode === "files_with_matches") {
    return files.toSorted((left, right) => right.modifiedMs - left.modifiedMs).map(({ file }) => shownName(file, call));
  }
  return files.flatMap((file) => contentLines(file, shownName(file.file, call), input));
}

function contentLines({ lines }: FoundFile, name: string, input: GrepInput): readonly string[] {
  const numbered = input["-n"] ?? true;
  const hasContext = Math.max(input["-A"] ?? 0, input["-B"] ?? 0, input["-C"] ?? 0) > 0;
  let last = lines[0]?.number ?? 0;
  return lines.flatMap(({ number, text, isMatch }) => {
    const mark = isMatch ? ":" : "-";
    const line = `${name}${mark}${numbered ? `${String(number)}${mark}` : ""}${text}`;
    const gap = hasContext && number > last + 1;
    last = number;
    return gap ? ["--", line] : [line];
  });
}

function result(
  lines: readonly string[],
  files: readonly FoundFile[],
  notes: readonly string[],
  { head_limit: head = HEAD_LIMIT, offset = 0 }: GrepInput,
): ToolResult {
  const wanted = lines.slice(offset, head === 0 ? undefined : offset + head);
  const kept: string[] = [];
  let characters = 0;
  for (const line of wanted) {
    characters += line.length + 1;
    if (characters > MAX_OUTPUT_CHARACTERS) break;
    kept.push(line);
  }
  const more = lines.length - offset - kept.length;
  const remarks = [...notes];
  if (more > 0) remarks.push(`${String(more)} more; go on with \`offset\` ${String(offset + kept.length)}`);
  const body = kept.length === 0 ? ["no match"] : kept;
  const text = [...body, ...remarks.map((remark) => `(${remark})`)].join("\n");
  return {
    content: [{ type: "text", text }],
    structured: { numFiles: files.length, filenames: files.slice(0, MAX_TOUCHED).map(({ file }) => file) },
    touched: files.slice(0, MAX_TOUCHED).map(({ file }) => file),
  };
}
