import { defineTool, type Tool } from "plugsmith/plugin-api";
import { writeAtomically } from "./atomic-write.ts";
import type { Folders } from "./folders.ts";
import type { SeenFiles } from "./seen-files.ts";
import { decodeText, encodeText, PLAIN_TEXT, readBytes, withLineEnds } from "./text-file.ts";

interface WriteInput {
  readonly file_path: string;
  readonly content: string;
}

/** Writes a whole file; one that exists must have been read before, and keeps its mode, byte order mark and line ends. */
export function writeTool(folders: Folders, seen: SeenFiles): Tool {
  return defineTool<WriteInput>({
    name: "Write",
    description:
      "Writes a whole file and the folders above it. A file that exists must have been read before and is replaced; prefer Edit for a change to a part of it.",
    inputSchema: {
      type: "object",
      properties: {
        file_path: { type: "string", minLength: 1, description: "Absolute path of the file" },
        content: { type: "string", description: "The whole new content" },
      },
      required: ["file_path", "content"],
    },
    pathFields: ["file_path"],
    run: ({ file_path, content }, call) => {
      const file = folders.resolve(file_path, call, "write");
      const existing = file.stats === undefined ? undefined : readBytes(file);
      if (existing !== undefined) seen.require(call.session, file, existing);
      const kept = (existing === undefined ? undefined : decodeText(existing)) ?? PLAIN_TEXT;
      const bytes = encodeText(withLineEnds(content, kept.lineEnd), kept);
      writeAtomically(file, bytes);
      seen.note(call.session, file, bytes);
      const type = existing === undefined ? "create" : "update";
      return {
        content: [{ type: "text", text: `${type === "create" ? "created" : "replaced"} \`${file.path}\`` }],
        structured: { type, filePath: file.path, content },
      };
    },
  });
}
