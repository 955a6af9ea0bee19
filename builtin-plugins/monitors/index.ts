import {
  contextTexts,
  definePlugin,
  inheritedEnvironment,
  monitorPoint,
  personService,
  processService,
  sessionEnd,
  workspaceService,
  type Plugin,
  type PluginContext,
  type Session,
} from "plugsmith/plugin-api";
import { SessionMonitors } from "./session-monitors.ts";

const plugin: Plugin = definePlugin({
  activate(context) {
    const bySession = new Map<Session, SessionMonitors>();
    // Not when the session begins: one that no model works in has nobody whom lines could be told.
    context.listen(contextTexts, async (collected) => {
      const { session, texts } = collected;
      if (!bySession.has(session)) {
        if (session.agentPath.length > 0 || !(await isAttended(context))) return collected;
        const processes = await context.use(processService);
        const workspace = await context.use(workspaceService);
        const made = new SessionMonitors(session, { processes, workspace, log: context.log });
        if (!bySession.has(session)) bySession.set(session, made);
      }
      const monitors = bySession.get(session);
      if (monitors === undefined) return collected;
      // Again and again: a skill may have been invoked since.
      const all = (await context.read(monitorPoint)).all();
      const inherited = all.map(
        async ({ plugin }) => [plugin.id, await inheritedEnvironment(context, plugin)] as const,
      );
      monitors.start(all, new Map(await Promise.all(inherited)));
      return { ...collected, texts: [...texts, ...monitors.take()] };
    });
    context.listen(sessionEnd, async ({ session }) => {
      const monitors = bySession.get(session);
      bySession.delete(session);
      await monitors?.stop();
    });
    context.onDispose(async () => {
      await Promise.all([...bySession.values()].map((monitors) => monitors.stop()));
    });
  },
});

export default plugin;

/** Monitors run beside a person only (formats.md §1.8). */
async function isAttended(context: PluginContext): Promise<boolean> {
  return (await context.find(personService)) !== undefined;
}
