import { definePlugin, promptTextsService, type Plugin } from "plugsmith/plugin-api";
import { Renderer } from "./renderer.ts";

/** Makes the texts of skills, commands, agents and output styles ready for a model. */
const plugin: Plugin = definePlugin({
  activate(context) {
    context.provide(promptTextsService, new Renderer(context));
  },
});
export default plugin;
