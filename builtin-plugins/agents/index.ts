import {
  agentPoint,
  agentsService,
  contextTexts,
  definePlugin,
  systemPrompt,
  toolOpinion,
  toolPoint,
  type Plugin,
} from "plugsmith/plugin-api";
import { announcement } from "./announcement.ts";
import { Catalog } from "./catalog.ts";
import { Runner } from "./runner.ts";
import { agentTool } from "./tool.ts";
import { isGranted, permits } from "./tool-set.ts";

/** Agents of plugins and folders, and the general one (formats.md §5.2). */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const reader = await context.read(agentPoint);
    let current: Catalog | undefined;
    const catalog = (): Catalog => (current ??= new Catalog(reader.all(), (message) => context.log.warn(message)));
    const watching = reader.onChange(() => {
      current = undefined;
    });
    context.onDispose(() => watching.dispose());
    const runner = new Runner(context, catalog);

    context.provide(agentsService, {
      list: () => catalog().definitions.map(({ name, description }) => ({ name, description })),
      run: (request) => runner.run(request, () => undefined),
    });
    context.contribute(toolPoint, "Agent", agentTool(runner));
    context.listen(systemPrompt, async (collected, { signal }) => {
      const { session, parts } = collected;
      const definition = runner.definitionOf(session);
      if (definition === undefined) return collected;
      const text = await runner.promptOf(definition, session, signal);
      // The agent's text stands in place of who the model is otherwise, and how it works.
      return { session, parts: [{ order: 0, text, topic: "role", replaces: ["role", "coding"] }, ...parts] };
    });
    context.listen(contextTexts, (collected) => {
      const { session, texts } = collected;
      if (!isGranted(session, "Agent")) return collected;
      const text = announcement(session, catalog().definitions);
      return text === undefined ? collected : { ...collected, texts: [...texts, text] };
    });
    // What was checked when the agent was spawned is checked again at each call, whoever runs its turns; an agent that was
    // chosen for the main conversation has no other check.
    context.listen(toolOpinion, ({ session, name }) => {
      const chosen = session.options.agent === undefined ? undefined : runner.definitionOf(session);
      if (isGranted(session, name) && (chosen === undefined || permits(chosen, { name }))) return { decision: "pass" };
      const agent = chosen?.name ?? session.agentPath.join("/");
      return { decision: "deny", reason: `agent \`${agent}\` may not use \`${name}\`` };
    });
  },
});
export default plugin;
