import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { isObject, type ToolContent, type ToolResult } from "plugsmith/plugin-api";

/** What models can look at. */
const IMAGES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const MAX_IMAGE_BASE64 = 5 * 1024 * 1024;
const PREVIEW = 4_000;
const ENDING = /^[a-z0-9]{1,8}$/u;

/** Where and how much of a result is kept. */
export interface ResultLimits {
  /** Folder for what is too large for the model; made when it is first needed. */
  readonly directory: string;
  /** Characters of text that reach the model. */
  readonly maxText: number;
}

/** A server's result as a model gets it: text, images; everything else becomes a file or a line that names it. */
export function toolResult(result: Readonly<Record<string, unknown>>, limits: ResultLimits): ToolResult {
  const written: readonly unknown[] = Array.isArray(result["content"]) ? result["content"] : [];
  const structured = result["structuredContent"];
  const content = written.map((part) => toolContent(part, limits.directory));
  if (content.length === 0 && structured !== undefined) content.push(text(JSON.stringify(structured)));
  return {
    content: cappedText(content, limits),
    ...(result["isError"] === true && { isError: true }),
    ...(structured !== undefined && { structured }),
  };
}

/** One part of a result, of a prompt or of a resource. */
export function toolContent(part: unknown, directory: string): ToolContent {
  if (!isObject(part)) return text("[a malformed part was left out]");
  const { type, text: words, data, uri, name, resource } = part;
  const mediaType = typeof part["mimeType"] === "string" ? part["mimeType"] : "application/octet-stream";
  if (type === "text" && typeof words === "string") return text(words);
  if ((type === "image" || type === "audio") && typeof data === "string") return binary(data, mediaType, directory);
  if (type === "resource_link" && typeof uri === "string") {
    return text(`[resource ${typeof name === "string" ? name : uri}: ${uri}]`);
  }
  if (type === "resource" && isObject(resource)) return resourceContent(resource, directory);
  return text(`[a part of the unknown type ${JSON.stringify(type)} was left out]`);
}

/** The content of a resource. */
export function resourceContent(resource: Readonly<Record<string, unknown>>, directory: string): ToolContent {
  const { uri, text: words, blob, mimeType } = resource;
  if (typeof words === "string") return text(words);
  if (typeof blob === "string") {
    return binary(blob, typeof mimeType === "string" ? mimeType : "application/octet-stream", directory);
  }
  return text(`[resource ${String(uri)} is empty]`);
}

function binary(data: string, mediaType: string, directory: string): ToolContent {
  if (IMAGES.has(mediaType) && data.length <= MAX_IMAGE_BASE64) return { type: "image", mediaType, data };
  const ending = mediaType.split(/[/;]/u)[1] ?? "";
  const file = keep(directory, ENDING.test(ending) ? ending : "bin", Buffer.from(data, "base64"));
  return text(`[${mediaType}, ${String(Math.floor((data.length * 3) / 4))} bytes, is in ${file}]`);
}

function cappedText(content: readonly ToolContent[], { directory, maxText }: ResultLimits): readonly ToolContent[] {
  const texts = content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const length = texts.reduce((sum, part) => sum + part.length, 0);
  if (length <= maxText) return content;
  const whole = texts.join("\n");
  const file = keep(directory, "txt", Buffer.from(whole));
  const preview = whole.slice(0, Math.min(PREVIEW, maxText)).toWellFormed();
  const note = `[the result has ${String(length)} characters, too many; all of it is in ${file}, this is its beginning]`;
  return [text(`${note}\n${preview}`), ...content.filter(({ type }) => type === "image")];
}

function keep(directory: string, ending: string, bytes: Uint8Array): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `${randomUUID()}.${ending}`);
  writeFileSync(file, bytes, { mode: 0o600 });
  return file;
}

function text(words: string): ToolContent {
  return { type: "text", text: words };
}
