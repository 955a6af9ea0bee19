import type { PluginInfo } from "./plugin-info.ts";
import type { Workspace } from "./services/workspace.ts";

/** The places of a plugin and of the project by the names that its programs find in their environment and its texts as `${…}`. */
export function pluginVariables(
  { directory, dataDirectory }: Pick<PluginInfo, "directory" | "dataDirectory">,
  { projectDirectory }: Pick<Workspace, "projectDirectory">,
): Readonly<Record<string, string>> {
  return {
    CLAUDE_PLUGIN_ROOT: directory,
    PLUGIN_ROOT: directory,
    CLAUDE_PLUGIN_DATA: dataDirectory,
    PLUGIN_DATA: dataDirectory,
    CLAUDE_PROJECT_DIR: projectDirectory,
    PROJECT_DIR: projectDirectory,
  };
}
