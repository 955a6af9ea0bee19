import { lstatSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { workspaceService, type Workspace } from "../../plugin-api/services/workspace.ts";
import { CodedError } from "../../schemas/errors.ts";
import { realOr } from "../platform/real-path.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { withoutSecretVariables } from "../secrets/secret-variable.ts";
import type { HostService } from "../services/service-registry.ts";
import type { WorkspaceTrust } from "./workspace-trust.ts";

/** What a workspace is opened with. */
export interface WorkspaceOptions {
  /** The directory that the host was started in. */
  readonly directory: string;
  readonly homeDirectory: string;
  readonly plugsmithHome: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly trust: Pick<WorkspaceTrust, "isTrusted">;
  /** `--trust-workspace`: holds for this run, and nothing is recorded. */
  readonly trustedForThisRun: boolean;
}

/** A directory with one of these is a project; they are looked for and never read, so nothing in them says what is trusted. */
const MARKERS = [".git", "plugins.json", ".plugsmith"];

/** Looks where a host works, and whether a person trusts that place. Throws `E_NOT_FOUND`. */
export function openWorkspace(options: WorkspaceOptions): Workspace {
  const { plugsmithHome, environment, trust, trustedForThisRun } = options;
  const directory = realDirectory(options.directory);
  const homeDirectory = realOr(options.homeDirectory);
  const projectDirectory = findProject(directory, { homeDirectory, plugsmithHome });
  return Object.freeze({
    directory,
    projectDirectory,
    homeDirectory,
    plugsmithHome,
    trusted: trustedForThisRun || trust.isTrusted(projectDirectory),
    environment: Object.freeze(withoutSecretVariables(environment)),
  });
}

/** The workspace as a service. */
export function serveWorkspace(workspace: Workspace): HostService {
  return { key: workspaceService.key, open: () => workspace };
}

/**
 * The project that a real path lies in: the nearest folder that is marked as one, else the path itself. The person's own
 * home and what lies above it is never a project of what is below it: it would pass its trust on to every download.
 */
export function findProject(
  directory: string,
  { homeDirectory, plugsmithHome }: Pick<Workspace, "homeDirectory" | "plugsmithHome">,
): string {
  const own = realOr(plugsmithHome);
  const person = realOr(homeDirectory);
  for (let folder = directory; ; folder = dirname(folder)) {
    if (person === folder || person.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return directory;
    if (MARKERS.some((marker) => isThere(join(folder, marker), own))) return folder;
    if (folder === dirname(folder)) return directory;
  }
}

/** The real path of a directory. Throws `E_NOT_FOUND`. */
export function realDirectory(path: string): string {
  try {
    const real = realpathSync.native(path);
    if (lstatSync(real).isDirectory()) return real;
  } catch (error) {
    if (!isSystemError(error) || (error.code !== "ENOENT" && error.code !== "ENOTDIR")) {
      throw ioError("resolve", path, error);
    }
  }
  throw new CodedError("E_NOT_FOUND", `\`${path}\` is not a directory`, { hint: "name one that exists" });
}

/** Our own home is no mark of a project, wherever it lies. */
function isThere(path: string, plugsmithHome: string): boolean {
  return path !== plugsmithHome && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
