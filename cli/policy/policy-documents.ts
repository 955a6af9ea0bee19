import { readFileSync } from "node:fs";
import { type ManagedFile, readManagedFiles } from "../../core/platform/managed-files.ts";
import { loadPolicy } from "../../core/settings/policy-documents.ts";
import type { Policy } from "../../core/settings/policy-documents.ts";
import { ioError } from "../../schemas/system-error.ts";
import type { VerbContext } from "../context.ts";
import type { FlagSpec, ParsedArguments } from "../flags.ts";
import { absolutePath } from "../path.ts";

/** Looks at files that are to become the policy in place of those of this machine. */
export const POLICY_FLAG: FlagSpec = {
  name: "policy",
  value: "file",
  repeatable: true,
  summary: "this file, not what is in force on this machine (may be given several times)",
};

/** The policy of this machine, or that of the files that `--policy` names, whoever owns them. Throws `E_IO`. */
export async function askedPolicy(context: VerbContext, args: ParsedArguments): Promise<Policy> {
  return loadPolicy(askedFiles(context, args));
}

/** The managed files of this machine, or those that `--policy` names. Throws `E_IO`. */
export function askedFiles({ cwd }: VerbContext, args: ParsedArguments): readonly ManagedFile[] {
  const named = args.values.get(POLICY_FLAG.name);
  if (named === undefined) return readManagedFiles();
  return named.map((text) => {
    const file = absolutePath(text, cwd);
    return { file, trusted: true, text: textOf(file) };
  });
}

/** The text of a file that was named. Throws `E_IO`. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw ioError("read", file, error);
  }
}
