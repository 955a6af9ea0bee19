import type { ErrorCode } from "./errors.ts";

/** Why a path cannot be used, with the code it is reported under. */
export interface PathProblem {
  readonly code: Extract<ErrorCode, "E_PATH" | "E_PATH_ESCAPE">;
  readonly why: string;
}

/**
 * Turns a path that somebody wrote into one relative to the root of its tree: POSIX, no `./`, no trailing slash, `""` for
 * the root. Absolute paths, `~`, `$…`, `file:`, drive letters and `..` are `E_PATH_ESCAPE`, other oddities `E_PATH`.
 */
export function parseTreePath(text: string): { readonly path: string } | { readonly problem: PathProblem } {
  const problem = treePathProblem(text);
  if (problem !== undefined) return { problem };
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  return { path: parts.join("/") };
}

function treePathProblem(text: string): PathProblem | undefined {
  if (text === "") return { code: "E_PATH", why: "is empty" };
  if (text.length > 1_024) return { code: "E_PATH", why: "has more than 1024 characters" };
  if (/[\u0000-\u001f\u007f]/.test(text)) return { code: "E_PATH", why: "holds a control character" };
  if (/^(?:[/~$\\]|file:|[A-Za-z]:)/i.test(text)) return { code: "E_PATH_ESCAPE", why: "is not relative" };
  if (text.split(/[/\\]/).includes("..")) return { code: "E_PATH_ESCAPE", why: "holds `..`" };
  if (text.includes("\\")) return { code: "E_PATH", why: "holds a backslash" };
  return undefined;
}
