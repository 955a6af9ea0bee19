import {
  definePlugin,
  notification,
  outputStylePoint,
  promptTextsService,
  settingsService,
  systemPrompt,
  type Plugin,
} from "plugsmith/plugin-api";
import { chooseStyle } from "./choice.ts";

/** Behind all other parts: a style is appended (formats.md §5.3). */
const ORDER = 1_000;

/** Output styles of plugins and folders. */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const reader = await context.read(outputStylePoint);
    context.listen(systemPrompt, async (collected, { signal }) => {
      const { session, parts } = collected;
      // Agents have a prompt of their own.
      if (session.agentPath.length > 0) return collected;
      const set = (await context.find(settingsService))?.get("outputStyle");
      const wanted = session.options.outputStyle ?? (typeof set === "string" ? set : undefined);
      const choice = chooseStyle(reader.all(), wanted);
      if (choice.kind === "unknown") {
        context.log.warn(choice.reason);
        await context.emit(notification, { session, kind: "output-style", message: choice.reason });
      }
      if (choice.kind !== "style") return collected;
      const { plugin: owner, file, keepsCoding, name } = choice.style;
      const texts = await context.use(promptTextsService);
      const callId = `output-style-${session.id}`;
      const { text } = await texts.render({ plugin: owner, document: { file }, session, callId, signal });
      const part = { order: ORDER, text: `# Output style: ${name}\n\n${text.trim()}` };
      return { session, parts: [...parts, keepsCoding ? part : { ...part, replaces: ["coding"] }] };
    });
  },
});
export default plugin;
