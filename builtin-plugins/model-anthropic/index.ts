import { definePlugin, modelPoint, workspaceService, type Plugin } from "plugsmith/plugin-api";
import { AnthropicModel } from "./anthropic-model.ts";

const MAX_RETRIES = 8;
const SILENCE_MS = 120_000;

const plugin: Plugin = definePlugin({
  async activate(context) {
    const { environment } = await context.use(workspaceService);
    const { maxRetries, silenceMs } = context.options;
    const model = new AnthropicModel({
      environment,
      maxRetries: typeof maxRetries === "number" ? maxRetries : MAX_RETRIES,
      silenceMs: typeof silenceMs === "number" ? silenceMs : SILENCE_MS,
    });
    context.contribute(modelPoint, "anthropic", model);
  },
});

export default plugin;
