import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  backgroundTasksService,
  binPoint,
  definePlugin,
  directoryChanged,
  processService,
  settingsService,
  shellVariables,
  toolPoint,
  workspaceService,
  type Plugin,
  type Session,
} from "plugsmith/plugin-api";
import { bashTool } from "./bash-tool.ts";
import { isGuarded, shellEnvironment } from "./shell-environment.ts";
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
    const told = new Set<string>();
    const environment = async (session: Session | undefined): Promise<Readonly<Record<string, string>>> => {
      const { variables } =
        session === undefined ? { variables: {} } : await context.emit(shellVariables, { session, variables: {} });
      for (const name of Object.keys(variables).filter((each) => isGuarded(each) && !told.has(each))) {
        told.add(name);
        context.log.warn(`\`${name}\`, which a hook exports, is left out: it would change every program that runs`);
      }
      return shellEnvironment(workspace.environment, variables, bins.all());
    };
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
      environment,
      start: (request) => processes.start({ ...request, plugin: context.plugin }),
      moved: (session, from, to) => context.emit(directoryChanged, { session, from, to }),
    });
    context.contribute(toolPoint, bash.descriptor.name, bash);
  },
});

export default plugin;
