import { backgroundTasksService, contextTexts, definePlugin, toolPoint, type Plugin } from "plugsmith/plugin-api";
import { TaskList } from "./task-list.ts";
import { taskOutputTool, taskStopTool } from "./task-tools.ts";

/** Commands and agents that run beside the conversation, whoever began them. */
const plugin: Plugin = definePlugin({
  activate(context) {
    const tasks = new TaskList();
    context.onDispose(() => tasks.stopAll());
    context.provide(backgroundTasksService, tasks);
    for (const tool of [taskOutputTool(tasks), taskStopTool(tasks)]) {
      context.contribute(toolPoint, tool.descriptor.name, tool);
    }
    context.listen(contextTexts, (collected) => {
      const news = tasks.takeNews(collected.session);
      return news.length === 0 ? collected : { ...collected, texts: [...collected.texts, ...news] };
    });
  },
});

export default plugin;
