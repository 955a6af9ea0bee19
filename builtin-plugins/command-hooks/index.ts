import {
  agentsService,
  definePlugin,
  fileChanged,
  hookPoint,
  inheritedEnvironment,
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
import { join } from "node:path";
import { EnvironmentFiles } from "./environment/environment-files.ts";
import { SessionVariables } from "./environment/session-variables.ts";
import { listenToModels } from "./events/model-hooks.ts";
import { listenToPlaces } from "./events/place-hooks.ts";
import { listenToQuestions } from "./events/question-hooks.ts";
import { listenToSessions } from "./events/session-hooks.ts";
import { listenToTools } from "./events/tool-hooks.ts";
import type { Surroundings } from "./handlers/surroundings.ts";
import { HookRunner } from "./hook-runner.ts";
import { HookSet } from "./hook-set.ts";
import { FileWatch } from "./watch/file-watch.ts";

const plugin: Plugin = definePlugin({
  activate(context) {
    let set: Promise<HookSet> | undefined;
    let surroundings: Promise<Surroundings> | undefined;
    const hooks = (): Promise<HookSet> => (set ??= openSet(context));
    const variables = new SessionVariables();
    const runner = new HookRunner(
      hooks,
      () => (surroundings ??= openSurroundings(context)),
      new EnvironmentFiles(join(context.plugin.dataDirectory, "exports"), variables),
      context.log,
    );
    const watch = new FileWatch({
      names: async (session) => (await hooks()).watchedNames(session),
      tell: (session, file, change) => context.emit(fileChanged, { session, file, change }),
      failed: (message) => context.log.warn(message),
    });
    context.onDispose(() => watch.close());
    listenToTools(context, runner);
    listenToSessions(context, runner, watch);
    listenToPlaces(context, runner, watch, variables);
    listenToQuestions(context, runner);
    listenToModels(context, runner);
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
    environmentOf: (plugin) => inheritedEnvironment(context, plugin),
    optionsOf: (id, texts) => pluginOptions(context, id, texts),
  };
}
