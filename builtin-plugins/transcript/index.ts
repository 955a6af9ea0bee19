import { realpathSync } from "node:fs";
import { definePlugin, sessionEnd, sessionsService, workspaceService, type Plugin } from "plugsmith/plugin-api";
import { SessionOpener } from "./session-opener.ts";
import { SessionStore } from "./session-store.ts";

const plugin: Plugin = definePlugin({
  async activate(context) {
    const { plugsmithHome } = await context.use(workspaceService);
    const store = new SessionStore(plugsmithHome);
    const opener = new SessionOpener({
      store,
      log: context.log,
      // The end of an agent is told by whoever ran it.
      ended: async (session) => {
        if (session.parent === undefined) await context.emit(sessionEnd, { session, reason: "other" });
      },
    });
    context.onDispose(() => opener.dispose());
    context.provide(sessionsService, {
      open: async (request) => opener.open(request),
      list: async (directory) => store.list(realpathSync(directory)),
    });
  },
});

export default plugin;
