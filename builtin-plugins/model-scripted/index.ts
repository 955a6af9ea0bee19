import { definePlugin, modelPoint, workspaceService, type Plugin } from "plugsmith/plugin-api";
import { ScriptedModel } from "./scripted-model.ts";

const plugin: Plugin = definePlugin({
  async activate(context) {
    const { directory } = await context.use(workspaceService);
    context.contribute(modelPoint, "scripted", new ScriptedModel(directory));
  },
});

export default plugin;
