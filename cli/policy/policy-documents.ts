import { readFileSync } from "node:fs";
import { type ManagedFile, readManagedFiles } from "../../core/platform/managed-files.ts";
import { managedPlaces } from "../../core/platform/managed-paths.ts";
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
  return loadPolicy(namedFiles(context, args) ?? readManagedFiles());
}

/**
 * The files that `--policy` names, or our own of this machine: one that is for another agent may have been compiled of them, and
 * would hold on to what they do not say any more. Throws `E_IO`.
 */
export function compiledFiles(context: VerbContext, args: ParsedArguments): readonly ManagedFile[] {
  return namedFiles(context, args) ?? readManagedFiles(managedPlaces(process.platform).slice(0, 1));
}

function namedFiles({ cwd }: VerbContext, args: ParsedArguments): readonly ManagedFile[] | undefined {
  return args.values.get(POLICY_FLAG.name)?.map((text) => {
    const file = absolutePath(text, cwd);
    return { file, trusted: true as const, text: textOf(file) };
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
