import { readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** Largest document that is read (attacks.md §0). */
const MAX_BYTES = 1_048_576;
const TEXT = new TextDecoder("utf-8");
const LANGUAGE = /^[a-z][a-z0-9+#._/-]{0,63}$/iu;

/** Reads a file of a plugin and leaves out its front matter. Throws when it is absent, too large, or leads out of the plugin. */
export function readBody(directory: string, file: string): string {
  const path = resolve(directory, file);
  const real = realpathSync(path);
  const inside = relative(realpathSync(directory), real);
  if (isAbsolute(inside) || inside === ".." || inside.startsWith(`..${sep}`)) {
    throw new Error(
      `\`${path}\` leads out of its plugin to \`${real}\`, so it is not read; replace the link by the file`,
    );
  }
  const { size } = statSync(real);
  if (size > MAX_BYTES) {
    throw new Error(
      `\`${path}\` has ${String(size)} bytes, more than the ${String(MAX_BYTES)} that are read; shorten it`,
    );
  }
  return bodyOf(TEXT.decode(readFileSync(real)));
}

/** A document without its front matter: the first line is `---`, and a later one that is `---` and blanks closes it. */
export function bodyOf(document: string): string {
  const text = document.startsWith("\uFEFF") ? document.slice(1) : document;
  const firstEnd = text.indexOf("\n");
  if (!text.startsWith("---") || firstEnd === -1) return text;
  const language = text.slice(3, firstEnd).trim();
  if (language !== "" && !LANGUAGE.test(language)) return text;
  for (let at = text.indexOf("\n---", firstEnd); at !== -1; at = text.indexOf("\n---", at + 4)) {
    const end = text.indexOf("\n", at + 4);
    const rest = text.slice(at + 4, end === -1 ? text.length : end);
    if (/^[ \t\r]*$/u.test(rest)) return end === -1 ? "" : text.slice(end + 1);
  }
  return text;
}
