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
import { BackgroundRuns } from "./background-runs.ts";
import { Catalog } from "./catalog.ts";
import { Runner } from "./runner.ts";
import { agentTool } from "./tool.ts";
import { isGranted, permits } from "./tool-set.ts";

/** Behind what people wrote for every conversation. */
const MEMORY_ORDER = 600;

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
    const background = new BackgroundRuns(context, runner);
    context.onDispose(() => background.settled());

    context.provide(agentsService, {
      list: () =>
        catalog().definitions.map(({ name, description, color }) => ({
          name,
          description,
          ...(color !== undefined && { color }),
        })),
      run: (request) => runner.run(request),
    });
    context.contribute(toolPoint, "Agent", agentTool(runner, background));
    context.listen(systemPrompt, async (collected, { signal }) => {
      const { session, parts } = collected;
      const definition = runner.definitionOf(session);
      if (definition === undefined) return collected;
      const text = await runner.promptOf(definition, session, signal);
      const memory = runner.memoryTextOf(session);
      const own = memory === undefined ? parts : [{ order: MEMORY_ORDER, text: memory }, ...parts];
      // The agent's text stands in place of who the model is otherwise, and how it works.
      return { session, parts: [{ order: 0, text, topic: "role", replaces: ["role", "coding"] }, ...own] };
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
