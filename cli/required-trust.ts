import { join } from "node:path";
import { findProject, realDirectory } from "../core/trust/workspace.ts";
import { openWorkspaceTrust } from "../core/trust/workspace-trust.ts";
import { CodedError } from "../schemas/errors.ts";
import { homeDirectoryOf, homeOf } from "./home.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The real path of the project around a directory. Throws `E_NOT_FOUND`. */
export function projectAround(directory: string, environment: Environment): string {
  const homes = { homeDirectory: homeDirectoryOf(environment), plugsmithHome: homeOf(environment).directory };
  return findProject(realDirectory(directory), homes);
}

/** Whether this person trusts a project. */
export function isTrusted(project: string, environment: Environment): boolean {
  return openWorkspaceTrust(join(homeOf(environment).state, "trust.json"), () => new Date()).isTrusted(project);
}

/**
 * Refuses what would run something that the project around a directory brings, while nobody trusts it; `what` says it as a clause.
 * Throws `E_TRUST`.
 */
export function requireTrust(
  directory: string,
  { what, shown }: { readonly what: string; readonly shown: string },
  environment: Environment,
): void {
  const project = projectAround(directory, environment);
  if (isTrusted(project, environment)) return;
  throw new CodedError("E_TRUST", `${what}, and nobody trusts \`${project}\` yet`, {
    hint: `\`plugin trust ${shown}\` trusts it, \`--trust-workspace\` for this run`,
  });
}
