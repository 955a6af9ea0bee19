import {
  agentsService,
  definePlugin,
  hookPoint,
  modelsService,
  pluginsService,
  processService,
  secretService,
  settingsService,
  toolPoint,
  workspaceService,
  type Plugin,
  type Plugins,
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
  return new HookSet(await context.read(hookPoint), await context.use(pluginsService));
}

async function openSurroundings(context: PluginContext): Promise<Surroundings> {
  const plugins = await context.use(pluginsService);
  return {
    processes: await context.use(processService),
    settings: await context.use(settingsService),
    workspace: await context.use(workspaceService),
    emit: context.emit.bind(context),
    models: () => context.find(modelsService),
    agents: () => context.find(agentsService),
    tools: async () => (await context.read(toolPoint)).all(),
    optionsOf: (id) => optionsOf(id, plugins, context),
  };
}

/** Every option of a plugin as text; the sensitive ones come from the keychain at the moment they are needed. */
async function optionsOf(
  id: string,
  plugins: Plugins,
  context: PluginContext,
): Promise<Readonly<Record<string, string>>> {
  const loaded = plugins.all().find(({ plugin }) => plugin.id === id);
  if (loaded === undefined) return {};
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(loaded.options)) {
    values[key] = Array.isArray(value) ? value.join(",") : String(value);
  }
  const secrets = Object.entries(loaded.manifest.userConfig).filter(([, option]) => option.sensitive);
  for (const [key] of secrets) {
    const secret = await (await context.use(secretService)).option(id, key);
    if (secret !== undefined) values[key] = secret;
  }
  return values;
}
