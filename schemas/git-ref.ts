import { CodedError } from "./errors.ts";
import { escapeControl } from "./names.ts";

const MAX_REF_LENGTH = 255;

/** Why a text is no branch or tag name by the rules of `git check-ref-format`; `undefined` when it is one. */
export function refProblem(ref: string): string | undefined {
  if (ref === "") return "is empty";
  if (ref.length > MAX_REF_LENGTH) return `has more than ${MAX_REF_LENGTH} characters`;
  if (ref.startsWith("-")) return "starts with `-`";
  if (ref === "@" || ref.includes("@{")) return "holds `@{` or is `@`";
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(ref)) return "holds a space, a control character or one of `~^:?*[\\`";
  if (!ref.isWellFormed()) return "holds a lone surrogate";
  if (ref.includes("..")) return "holds `..`";
  if (ref.endsWith(".")) return "ends with `.`";
  for (const part of ref.split("/")) {
    if (part === "") return "has an empty part between slashes";
    if (part.startsWith(".")) return "has a part that starts with `.`";
    if (part.toLowerCase().endsWith(".lock")) return "has a part that ends with `.lock`";
  }
  return undefined;
}

/** Refuses what is no branch or tag name with `E_GIT_REF`. */
export function checkRefName(ref: string): void {
  const problem = refProblem(ref);
  if (problem === undefined) return;
  throw new CodedError("E_GIT_REF", `git ref \`${escapeControl(ref.slice(0, MAX_REF_LENGTH))}\` ${problem}`, {
    hint: "name a branch or a tag, e.g. `v1.2.0`",
  });
}

/** The commit in lower case. Anything but 40 hexadecimal digits is refused with `E_GIT_REF`. */
export function checkCommit(commit: string): string {
  if (/^[0-9a-fA-F]{40}$/.test(commit)) return commit.toLowerCase();
  throw new CodedError("E_GIT_REF", `\`${escapeControl(commit.slice(0, 64))}\` is no full commit id`, {
    hint: "pin all 40 hexadecimal digits of the commit",
  });
}
