import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { messageOf, type ContentBlock } from "plugsmith/plugin-api";
import type { CallTool } from "./tool-calls.ts";

const MENTION = /(?<=^|\s)@(?:"([^"\n]+)"|([^\s`'"<>()]+))/gu;
/** Files that one text attaches at most. */
const MAX_FILES = 20;

/** The paths that `@path` names in a text, in order, each once. */
export function mentionsOf(text: string): readonly string[] {
  if (!text.includes("@")) return [];
  const found = [...text.matchAll(MENTION)].map((match) => match[1] ?? (match[2] ?? "").replace(/[.,;:!?]+$/u, ""));
  return [...new Set(found)].filter((path) => path !== "");
}

/** Reads the files among what is mentioned by the tool for it; what is no file is only a word, what may not be read is said so. */
export async function attachments(text: string, directory: string, call: CallTool): Promise<readonly ContentBlock[]> {
  const files = mentionsOf(text)
    .map((path) => ({ path, file: path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(directory, path) }))
    .filter(({ file }) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  const blocks: ContentBlock[] = [];
  for (const { path, file } of files.slice(0, MAX_FILES)) {
    const text = await call("Read", { file_path: file }).then(
      (content) => `Contents of \`${path}\`:\n${content}`,
      (error: unknown) => `\`${path}\` was not attached: ${messageOf(error)}`,
    );
    blocks.push({ type: "text", text });
  }
  if (files.length > MAX_FILES) {
    const left = files.slice(MAX_FILES).map(({ path }) => `\`${path}\``);
    blocks.push({
      type: "text",
      text: `Not attached, because ${String(MAX_FILES)} files are the limit: ${left.join(", ")}`,
    });
  }
  return blocks;
}
