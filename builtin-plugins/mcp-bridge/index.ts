import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  messageOf,
  contextTexts,
  definePlugin,
  mcpServerPoint,
  mcpServersService,
  notification,
  personService,
  pluginsService,
  processService,
  promptExpansion,
  secretService,
  sessionStart,
  settingsService,
  workspaceService,
  type Plugin,
  type PluginContext,
} from "plugsmith/plugin-api";
import { Announcements } from "./announcements.ts";
import { bridgeLimits, type Bridge } from "./bridge.ts";
import { removeOldFiles } from "./old-files.ts";
import { mcpCommand } from "./mcp-command.ts";
import { OfferedServers } from "./offered-servers.ts";
import { expandPrompt } from "./prompts.ts";
import { ResourceTools } from "./resource-tools.ts";
import { ServerSet } from "./server-set.ts";

/** How long large results and lists of servers are kept. */
const KEPT_DAYS = [
  ["results", 7],
  ["lists", 90],
] as const;

const plugin: Plugin = definePlugin({
  async activate(context) {
    const bridge = await openBridge(context);
    const servers = await context.read(mcpServerPoint);
    const inputs = { servers: () => servers.all(), plugins: bridge.plugins };
    const set = new ServerSet(context, bridge, inputs, () => {
      resources.update();
      offered.changed();
    });
    const resources = new ResourceTools(context, bridge, set);
    const offered = new OfferedServers(bridge, set);
    const announcements = new Announcements(() => set.members);
    const sync = (): void => {
      set.sync().catch((error: unknown) => {
        if (!context.signal.aborted) context.log.warn(messageOf(error));
      });
    };
    context.onDispose(() => set.close());
    for (const watched of [servers, bridge.settings]) {
      const watching = watched.onChange(sync);
      context.onDispose(() => watching.dispose());
    }
    await set.sync();
    context.provide(mcpServersService, offered);
    for (const [folder, days] of KEPT_DAYS) removeOldFiles(join(bridge.directory, folder), days);
    context.listen(sessionStart, async (payload, { signal }) => {
      const enough = new AbortController();
      const waiting = AbortSignal.any([signal, enough.signal]);
      await Promise.race([
        set.settled(),
        pause(bridge.limits.firstWaitMs, undefined, { signal: waiting }).catch(() => undefined),
      ]);
      enough.abort();
      return payload;
    });
    context.listen(contextTexts, (payload) => announcements.add(payload));
    context.listen(promptExpansion, async ({ text }, { signal }) => {
      return (await mcpCommand(set, text, signal)) ?? expandPrompt(set.members, bridge, text, signal);
    });
  },
});

export default plugin;

async function openBridge(context: PluginContext): Promise<Bridge> {
  const workspace = await context.use(workspaceService);
  const plugins = await context.use(pluginsService);
  return {
    processes: await context.use(processService),
    workspace,
    settings: await context.use(settingsService),
    person: () => context.find(personService),
    secrets: () => context.find(secretService),
    plugins: () => plugins.all(),
    emit: context.emit.bind(context),
    notify: (kind, message) => {
      context.emit(notification, { kind, message }).catch((error: unknown) => {
        context.log.warn(`${message} (and nobody could be told: ${String(error)})`);
      });
    },
    log: context.log,
    directory: context.plugin.dataDirectory,
    limits: bridgeLimits(workspace.environment),
    signal: context.signal,
  };
}
