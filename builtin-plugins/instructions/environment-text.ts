import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Session, Workspace } from "plugsmith/plugin-api";

/** Facts about where the session runs, as they were when it began. */
export function environmentText(workspace: Workspace, session: Session): string {
  const { projectDirectory } = session.isIsolated === true ? session : workspace;
  const isRepository = existsSync(join(projectDirectory, ".git"));
  return [
    "Environment at the beginning of the session:",
    `- Working directory: ${session.directory}`,
    `- Project: ${projectDirectory}${isRepository ? " (a git repository)" : ""}`,
    `- Platform: ${process.platform} ${process.arch}`,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
  ].join("\n");
}
