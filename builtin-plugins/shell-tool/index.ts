import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  backgroundTasksService,
  binPoint,
  definePlugin,
  directoryChanged,
  processService,
  settingsService,
  toolPoint,
  workspaceService,
  type Plugin,
} from "plugsmith/plugin-api";
import { bashTool } from "./bash-tool.ts";
import { shellEnvironment } from "./shell-environment.ts";
import { findShell } from "./shell-program.ts";

/** Bash under its public name and fields (formats.md §6.5), also in the background. */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const [processes, workspace, settings, bins] = await Promise.all([
      context.use(processService),
      context.use(workspaceService),
      context.find(settingsService),
      context.read(binPoint),
    ]);
    const environment = () => shellEnvironment(workspace.environment, bins.all());
    const bash = bashTool({
      workspace,
      settings,
      tasks: () => context.find(backgroundTasksService),
      shell: findShell(workspace.environment),
      folder: (session) => {
        const folder = join(context.plugin.dataDirectory, session ?? "no-session");
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        return folder;
      },
      start: (request) => processes.start({ ...request, plugin: context.plugin, environment: environment() }),
      moved: (session, from, to) => context.emit(directoryChanged, { session, from, to }),
    });
    context.contribute(toolPoint, bash.descriptor.name, bash);
  },
});

export default plugin;
