import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  binPoint,
  contextTexts,
  definePlugin,
  directoryChanged,
  processService,
  settingsService,
  toolPoint,
  workspaceService,
  type Plugin,
} from "plugsmith/plugin-api";
import { BackgroundTasks } from "./background-tasks.ts";
import { bashTool } from "./bash-tool.ts";
import { bashOutputTool, killShellTool } from "./background-tools.ts";
import { shellEnvironment } from "./shell-environment.ts";
import { findShell } from "./shell-program.ts";

/** Bash under its public name and fields (formats.md §6.5), with tasks in the background. */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const [processes, workspace, settings, bins] = await Promise.all([
      context.use(processService),
      context.use(workspaceService),
      context.find(settingsService),
      context.read(binPoint),
    ]);
    const tasks = new BackgroundTasks();
    context.onDispose(() => tasks.stopAll());
    const environment = () => shellEnvironment(workspace.environment, bins.all());
    const bash = bashTool({
      workspace,
      settings,
      tasks,
      shell: findShell(workspace.environment),
      folder: (session) => {
        const folder = join(context.plugin.dataDirectory, session ?? "no-session");
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        return folder;
      },
      start: (request) => processes.start({ ...request, plugin: context.plugin, environment: environment() }),
      moved: (session, from, to) => context.emit(directoryChanged, { session, from, to }),
    });
    for (const tool of [bash, bashOutputTool(tasks), killShellTool(tasks)]) {
      context.contribute(toolPoint, tool.descriptor.name, tool);
    }
    context.listen(contextTexts, (collected) => {
      const news = tasks.takeNews(collected.session);
      return news.length === 0 ? collected : { ...collected, texts: [...collected.texts, ...news] };
    });
  },
});

export default plugin;
