import {
  agentsService,
  definePlugin,
  hookPoint,
  looseFoldersService,
  modelsService,
  pluginOptions,
  pluginsService,
  processService,
  settingsService,
  toolPoint,
  workspaceService,
  type Plugin,
  type PluginContext,
} from "plugsmith/plugin-api";
import { listenToSessions } from "./events/session-hooks.ts";
import { listenToTools } from "./events/tool-hooks.ts";
import type { Surroundings } from "./handlers/surroundings.ts";
import { HookRunner } from "./hook-runner.ts";
import { HookSet } from "./hook-set.ts";

const plugin: Plugin = definePlugin({
  activate(context) {
    let set: Promise<HookSet> | undefined;
    let surroundings: Promise<Surroundings> | undefined;
    const runner = new HookRunner(
      () => (set ??= openSet(context)),
      () => (surroundings ??= openSurroundings(context)),
      context.log,
    );
    listenToTools(context, runner);
    listenToSessions(context, runner);
  },
});

export default plugin;

async function openSet(context: PluginContext): Promise<HookSet> {
  return new HookSet({
    reader: await context.read(hookPoint),
    plugins: await context.use(pluginsService),
    workspace: await context.use(workspaceService),
    folders: await context.find(looseFoldersService),
  });
}

async function openSurroundings(context: PluginContext): Promise<Surroundings> {
  return {
    processes: await context.use(processService),
    settings: await context.use(settingsService),
    workspace: await context.use(workspaceService),
    emit: context.emit.bind(context),
    models: () => context.find(modelsService),
    agents: () => context.find(agentsService),
    tools: async () => (await context.read(toolPoint)).all(),
    optionsOf: (id) => pluginOptions(context, id),
  };
}
