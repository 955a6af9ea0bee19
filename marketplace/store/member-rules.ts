import { CodedError } from "../../schemas/errors.ts";

/** Bounds of one tree (attacks.md, default limits). */
export interface TreeLimits {
  /** Files, directories and links together. */
  readonly entries: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly pathBytes: number;
  readonly depth: number;
}

/** The limits that hold unless policy says otherwise. */
export const DEFAULT_TREE_LIMITS: TreeLimits = {
  entries: 20_000,
  fileBytes: 64 * 1024 * 1024,
  totalBytes: 512 * 1024 * 1024,
  pathBytes: 1024,
  depth: 32,
};

/** The longest name that every common file system takes. */
const MAX_NAME_BYTES = 255;

/**
 * Refuses a member whose last name some file system would take for something else (attacks.md AX13 to AX16, GT13) or whose
 * path is too long (AX20). Throws `E_ARCHIVE_PATH` or `E_LIMIT_PATH`.
 */
export function checkMember(path: string, name: string, depth: number, limits: TreeLimits): void {
  const problem = nameProblem(name);
  if (problem !== undefined) {
    throw new CodedError("E_ARCHIVE_PATH", `the member ${quoted(path)} ${problem}`, {
      where: path,
      hint: "rename or remove the file in the plugin's source",
    });
  }
  const bytes = Buffer.byteLength(path);
  const tooLong =
    bytes > limits.pathBytes
      ? `is ${bytes} bytes long, the limit is ${limits.pathBytes}`
      : depth > limits.depth
        ? `lies ${depth} directories deep, the limit is ${limits.depth}`
        : Buffer.byteLength(name) > MAX_NAME_BYTES
          ? `has a name of more than ${MAX_NAME_BYTES} bytes`
          : undefined;
  if (tooLong === undefined) return;
  throw new CodedError("E_LIMIT_PATH", `the path ${quoted(path)} ${tooLong}`, {
    where: path,
    hint: "shorten the path in the plugin's source",
  });
}

/**
 * Names with equal keys are one name on some file system: NFKC and full case folding (attacks.md AX09, AX10).
 * Upper case first, because only that direction expands (`ß` to `SS`).
 */
export function collisionKey(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase();
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").replace(IGNORABLE, "");
}

/** A name as a person may see it: in backticks, with control and invisible characters escaped, cut at 120 characters. */
export function quoted(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  const escaped = short.replace(UNPRINTABLE, (match) => `\\u{${(match.codePointAt(0) ?? 0).toString(16)}}`);
  return `\`${escaped}\``;
}

const PLAIN = /^[\u0020-\u007e]*$/;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Code points that some file system leaves out when it compares names. */
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;

function nameProblem(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return "has an empty or relative name";
  if (name.includes("/")) return "has a slash inside a name";
  if (name.includes("\\")) return "has a backslash in its name";
  if (/[\u0000-\u001f\u007f]/.test(name)) return "has a control character in its name";
  if (isGitDirectory(name)) return "is repository data of git";
  if (/[<>:"|?*]/.test(name)) return 'has one of `<>:"|?*` in its name';
  if (/[. ]$/.test(name)) return "has a name that ends with a dot or a space";
  if (RESERVED.test(name.replace(/ +(?=\.|$)/g, ""))) return "has a name that Windows reserves";
  // A name that is no UTF-8 arrives with a replacement character.
  if (!PLAIN.test(name) && (!name.isWellFormed() || name.includes("\ufffd")))
    return "has a name that is not valid Unicode";
  return undefined;
}

/** `.git` in every spelling that some file system takes for it: case, ignorable code points, short name, stream, tail. */
function isGitDirectory(name: string): boolean {
  const folded = collisionKey(name)
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "");
  return folded === ".git" || /^git~\d+$/.test(folded);
}
