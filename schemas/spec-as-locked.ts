import { githubUrl, parseGitUrl } from "./git-url.ts";
import type { LockedSource } from "./lockfile.ts";
import type { SourceSpec } from "./source-spec.ts";

/**
 * Where a source leads, as policy is asked about it before anything is fetched: which release or commit it is does not matter there and
 * is made up. `undefined` for what lies in its marketplace. Throws `E_SOURCE` for a repository that is none.
 */
export function specAsLocked(spec: SourceSpec): LockedSource | undefined {
  switch (spec.kind) {
    case "github":
    case "git": {
      const { url } = spec.kind === "github" ? githubUrl(spec.repo) : parseGitUrl(spec.url);
      return { kind: "git", url, commit: "0".repeat(40), path: spec.path ?? "" };
    }
    case "npm":
      return { kind: "npm", package: spec.package, version: "0.0.0", registry: spec.registry, integrity: "" };
    case "archive":
      return { kind: "archive", url: spec.url, sha256: spec.sha256 ?? "0".repeat(64) };
    case "directory":
      return { kind: "directory", path: spec.path };
    case "command":
      return { kind: "command", command: spec.command };
    default:
      return undefined;
  }
}
