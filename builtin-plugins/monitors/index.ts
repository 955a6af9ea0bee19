import {
  contextTexts,
  definePlugin,
  monitorPoint,
  personService,
  processService,
  sessionEnd,
  sessionStart,
  workspaceService,
  type Plugin,
  type PluginContext,
  type Session,
} from "plugsmith/plugin-api";
import { SessionMonitors } from "./session-monitors.ts";

const plugin: Plugin = definePlugin({
  activate(context) {
    const bySession = new Map<Session, SessionMonitors>();
    context.listen(sessionStart, async (start) => {
      const { session } = start;
      if (session.agentPath.length === 0 && !bySession.has(session) && (await isAttended(context))) {
        const monitors = new SessionMonitors(session, {
          processes: await context.use(processService),
          workspace: await context.use(workspaceService),
          log: context.log,
        });
        bySession.set(session, monitors);
        monitors.start((await context.read(monitorPoint)).all());
      }
      return start;
    });
    context.listen(contextTexts, async (collected) => {
      const monitors = bySession.get(collected.session);
      if (monitors === undefined) return collected;
      // A skill may have been invoked since.
      monitors.start((await context.read(monitorPoint)).all());
      return { ...collected, texts: [...collected.texts, ...monitors.take()] };
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
