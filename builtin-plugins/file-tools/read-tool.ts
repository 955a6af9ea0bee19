import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { defineTool, type Tool, type ToolResult } from "plugsmith/plugin-api";
import type { Folders, NamedFile } from "./folders.ts";
import { linesOf, numberedLines } from "./numbered-lines.ts";
import { isMissing } from "./real-path.ts";
import type { SeenFiles } from "./seen-files.ts";
import { decodeText, readBytes } from "./text-file.ts";

const MAX_LINES = 2_000;
const MAX_LINE_CHARACTERS = 2_000;
const MAX_OUTPUT_CHARACTERS = 100_000;
const MAX_IMAGE_BYTES = 3_750_000;

interface ReadInput {
  readonly file_path: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** Reads a text with line numbers, or an image. */
export function readTool(folders: Folders, seen: SeenFiles): Tool {
  return defineTool<ReadInput>({
    name: "Read",
    description: `Reads a file: a text with line numbers (at most ${MAX_LINES} lines at once, longer lines are cut), or an image. Give \`offset\` and \`limit\` for a part of a long file. The number and the tab in front of each line are not part of the file.`,
    inputSchema: {
      type: "object",
      properties: {
        file_path: { type: "string", minLength: 1, description: "Absolute path of the file" },
        offset: { type: "integer", minimum: 0, description: "First line to read, counted from 1" },
        limit: { type: "integer", minimum: 1, description: "How many lines to read" },
      },
      required: ["file_path"],
    },
    readOnly: true,
    pathFields: ["file_path"],
    run: (input, call) => {
      const file = folders.resolve(input.file_path, call, "read");
      if (file.stats === undefined) throw new Error(`there is no file \`${file.path}\`${similar(file)}`);
      const bytes = readBytes(file);
      const mediaType = imageType(bytes);
      if (mediaType !== undefined) seen.note(call.session, file, bytes);
      if (mediaType !== undefined) return image(file, bytes, mediaType);
      const decoded = decodeText(bytes);
      if (decoded === undefined) throw new Error(`\`${file.path}\` is binary; use another program to look into it`);
      seen.note(call.session, file, bytes);
      return part(file, linesOf(decoded.text), input);
    },
  });
}

function part({ path }: NamedFile, lines: readonly string[], { offset = 1, limit = MAX_LINES }: ReadInput): ToolResult {
  if (lines.length === 0) return text(`(\`${path}\` is empty)`);
  const first = Math.max(1, offset);
  if (first > lines.length) {
    throw new Error(`\`${path}\` has ${String(lines.length)} lines; there is nothing from line ${String(first)} on`);
  }
  const shown: string[] = [];
  let characters = 0;
  for (const line of lines.slice(first - 1, first - 1 + limit)) {
    const cut = line.length > MAX_LINE_CHARACTERS ? `${line.slice(0, MAX_LINE_CHARACTERS)}… (line cut)` : line;
    characters += cut.length + 8;
    if (characters > MAX_OUTPUT_CHARACTERS && shown.length > 0) break;
    shown.push(cut);
  }
  const next = first + shown.length;
  const rest =
    next > lines.length
      ? ""
      : `\n(lines ${String(next)} to ${String(lines.length)} are not shown; go on with \`offset\` ${String(next)})`;
  return text(numberedLines(shown, first) + rest);
}

function image({ path }: NamedFile, bytes: Buffer, mediaType: string): ToolResult {
  if (bytes.length > MAX_IMAGE_BYTES) {
    throw new Error(
      `the image \`${path}\` is too large (${String(bytes.length)} bytes, at most ${String(MAX_IMAGE_BYTES)}); scale it down`,
    );
  }
  return { content: [{ type: "image", mediaType, data: bytes.toString("base64") }] };
}

function text(content: string): ToolResult {
  return { content: [{ type: "text", text: content }] };
}

/** By its first bytes: a name may lie. */
function imageType(bytes: Buffer): string | undefined {
  const head = bytes.toString("latin1", 0, 12);
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "image/gif";
  if (head.startsWith("RIFF") && head.slice(8) === "WEBP") return "image/webp";
  return undefined;
}

/** Names beside a missing file that differ from it in case or ending only. */
function similar({ real }: NamedFile): string {
  const stem = (name: string): string => name.replace(/\.[^.]*$/u, "").toLowerCase();
  const wanted = stem(basename(real));
  try {
    const names = readdirSync(dirname(real)).filter((name) => stem(name) === wanted);
    return names.length === 0
      ? ""
      : `; beside it there is ${names
          .slice(0, 3)
          .map((name) => `\`${name}\``)
          .join(", ")}`;
  } catch (error) {
    if (isMissing(error)) return `, and no folder \`${dirname(real)}\``;
    throw error;
  }
}
