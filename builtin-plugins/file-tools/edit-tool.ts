import { defineTool, type Tool } from "plugsmith/plugin-api";
import { writeAtomically } from "./atomic-write.ts";
import type { Folders, NamedFile } from "./folders.ts";
import { linesOf, numberedLines } from "./numbered-lines.ts";
import { replaceText } from "./replace-text.ts";
import type { SeenFiles } from "./seen-files.ts";
import { decodeText, encodeText, PLAIN_TEXT, readBytes, type TextFile } from "./text-file.ts";

const SNIPPET_LINES = 4;
const MAX_SNIPPET_LINES = 60;

interface EditInput {
  readonly file_path: string;
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all?: boolean;
}

/** Replaces one text of a file that was read before, or every occurrence of it; every other byte stays. */
export function editTool(folders: Folders, seen: SeenFiles): Tool {
  return defineTool<EditInput>({
    name: "Edit",
    description:
      "Replaces `old_string` in a file by `new_string`. The file must have been read before. `old_string` must occur exactly once (give enough lines around it) unless `replace_all` is set, and must match every character, without the line numbers that Read shows. An empty `old_string` creates a file.",
    inputSchema: {
      type: "object",
      properties: {
        file_path: { type: "string", minLength: 1, description: "Absolute path of the file" },
        old_string: { type: "string", description: "The text to replace" },
        new_string: { type: "string", description: "The text to put in its place" },
        replace_all: { type: "boolean", default: false, description: "Replace every occurrence" },
      },
      required: ["file_path", "old_string", "new_string"],
    },
    pathFields: ["file_path"],
    run: (input, call) => {
      const file = folders.resolve(input.file_path, call, "write");
      const { before, after, count, format } = edited(file, input, (bytes) => seen.require(call.session, file, bytes));
      const bytes = encodeText(after, format);
      writeAtomically(file, bytes);
      seen.note(call.session, file, bytes);
      const times = count === 1 ? "" : ` (${String(count)} places)`;
      return {
        content: [{ type: "text", text: `changed \`${file.path}\`${times}\n${snippet(before, after)}` }],
        structured: {
          filePath: file.path,
          oldString: input.old_string,
          newString: input.new_string,
          replaceAll: input.replace_all ?? false,
        },
      };
    },
  });
}

interface Edited {
  readonly before: string;
  readonly after: string;
  readonly count: number;
  readonly format: Omit<TextFile, "text">;
}

function edited(file: NamedFile, input: EditInput, requireSeen: (bytes: Buffer) => void): Edited {
  const { old_string: old, new_string: next, replace_all: all = false } = input;
  if (old === next) throw new Error("`old_string` and `new_string` are equal; there is nothing to change");
  if (file.stats === undefined) {
    if (old !== "") throw new Error(`there is no file \`${file.path}\`; create it with Write`);
    return { before: "", after: next, count: 1, format: PLAIN_TEXT };
  }
  const bytes = readBytes(file);
  requireSeen(bytes);
  const decoded = decodeText(bytes);
  if (decoded === undefined) throw new Error(`\`${file.path}\` is no text that can be changed without harm`);
  const { text: before, ...format } = decoded;
  if (old === "" && before !== "") {
    throw new Error(`\`${file.path}\` exists and is not empty; give the \`old_string\` to replace`);
  }
  if (old === "") return { before, after: next, count: 1, format };
  return { before, ...replaceText(file.path, decoded, old, next, all), format };
}

/** The lines around what changed first. */
function snippet(before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  let first = 0;
  while (first < now.length && now[first] === old[first]) first += 1;
  let tail = 0;
  while (tail < now.length - first && now[now.length - 1 - tail] === old[old.length - 1 - tail]) tail += 1;
  const from = Math.max(0, first - SNIPPET_LINES);
  const to = Math.min(now.length - tail + SNIPPET_LINES, from + MAX_SNIPPET_LINES);
  return numberedLines(now.slice(from, to), from + 1);
}
