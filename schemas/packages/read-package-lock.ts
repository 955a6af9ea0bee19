import type { Diagnostic } from "../diagnostic.ts";
import { CodedError, isCodedError } from "../errors.ts";
import type { FileTree } from "../formats/file-tree.ts";
import { blankComments, blankTrailingCommas } from "../json-scan.ts";
import { readJson } from "../json-text.ts";
import { isRecord } from "../record.ts";
import { readBunLock } from "./bun-lock.ts";
import { lockProblem, type LockDocument } from "./lock-problem.ts";
import { readNpmLock } from "./npm-lock.ts";
import type { PackageLock } from "./package-lock.ts";
import { readRequirements } from "./package-requirements.ts";

/** What the files at the root of a plugin say about npm packages of its own. */
export type PackageReading =
  | { readonly kind: "locked"; readonly lock: PackageLock }
  /** The packages cannot be had as they were locked; everything else of the plugin can. */
  | { readonly kind: "refused"; readonly problem: Diagnostic };

/** Lock files that are followed, the first one there counts. */
const FOLLOWED = ["bun.lock", "npm-shrinkwrap.json", "package-lock.json"] as const;
const OTHERS: readonly string[] = ["yarn.lock", "pnpm-lock.yaml", "bun.lockb"];
const MAX_LOCK_BYTES = 16_000_000;

/** Reads which packages a plugin locks; `undefined` when it needs none. Nothing is thrown for what its author wrote. */
export function readPackageLock(tree: FileTree): PackageReading | undefined {
  if (tree.stat("package.json")?.kind !== "file") return undefined;
  const isThere = (file: string): boolean => tree.stat(file)?.kind === "file";
  const file = FOLLOWED.find(isThere);
  const other = OTHERS.find(isThere);
  if (file === undefined && other === undefined) return undefined;
  try {
    const requirements = readRequirements(lockDocument(tree, "package.json"));
    const { dependencies, optionalDependencies } = requirements;
    if (Object.keys({ ...dependencies, ...optionalDependencies }).length === 0) return undefined;
    if (file === undefined) {
      throw new CodedError("E_PACKAGE_LOCK", `the packages that \`${other ?? ""}\` locks are not installed`, {
        where: other,
        hint: "`npm install --package-lock-only` writes a lock that is followed",
      });
    }
    const read = file === "bun.lock" ? readBunLock : readNpmLock;
    const lock = read(lockDocument(tree, file), requirements);
    return lock.packages.length === 0 ? undefined : { kind: "locked", lock };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { kind: "refused", problem: packageProblemOf(error) };
  }
}

/** An error about a plugin's packages as a finding: the plugin works without them, as far as it can. */
function packageProblemOf({ code, message, hint, where }: CodedError): Diagnostic {
  const [, file, line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(where ?? "") ?? [];
  return {
    code,
    severity: "warning",
    message,
    ...(file === undefined || file === "" ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
    ...(hint === undefined ? {} : { hint }),
    dropped: "packages",
  };
}

function lockDocument(tree: FileTree, file: string): LockDocument {
  const bytes = tree.read(file, MAX_LOCK_BYTES) ?? new Uint8Array();
  // Bun writes commas after the last members.
  const input = file === "bun.lock" ? blankTrailingCommas(blankComments(new TextDecoder().decode(bytes))) : bytes;
  const { value, locate } = readJson(input, { file, dangerousKeys: "drop", maxBytes: MAX_LOCK_BYTES });
  if (isRecord(value)) return { file, value, locate };
  throw lockProblem({ file, locate }, [], `\`${file}\` is no object`, "its author has to mend it");
}
