import {
  definePlugin,
  modelsService,
  modelSwitchService,
  promptExpansion,
  settingsService,
  toolPoint,
  toolsService,
  turnsService,
  type Plugin,
  type Session,
  type TurnEvent,
  type TurnRequest,
  type TurnResult,
} from "plugsmith/plugin-api";
import { LastRequests } from "./last-requests.ts";
import { ModelChoice } from "./model-choice.ts";
import { ModelQuestions } from "./model-questions.ts";
import { ModelSwitcher } from "./model-switcher.ts";
import { Prompts } from "./prompt.ts";
import { ToolRuns } from "./tool-runs.ts";
import { ToolList } from "./tool-list.ts";
import { TurnSignal } from "./turn-signal.ts";
import { Turn, type TurnParts } from "./turn.ts";

const plugin: Plugin = definePlugin({
  async activate(context) {
    const settings = await context.find(settingsService);
    const tools = new ToolList(await context.read(toolPoint), settings, context.log);
    const models = new ModelChoice(context, settings);
    const requests = new LastRequests();
    const busy = new WeakMap<Session, Turn>();
    const parts: TurnParts = {
      context,
      models,
      prompts: new Prompts(context),
      tools,
      requests,
      report: (session, event) => busy.get(session)?.offer(event),
    };
    const switcher = new ModelSwitcher(context, models, requests);

    async function* run(request: TurnRequest): AsyncGenerator<TurnEvent, TurnResult> {
      const { session } = request;
      if (busy.has(session)) {
        throw new Error(`session \`${session.id}\` is in a turn already; wait for its end, or interrupt it`);
      }
      using sources = new TurnSignal([request.signal, session.signal, context.signal]);
      const turn = new Turn(parts, request, sources.signal);
      busy.set(session, turn);
      try {
        return yield* turn.run();
      } finally {
        busy.delete(session);
      }
    }

    context.provide(turnsService, { run });
    context.provide(toolsService, new ToolRuns(context, tools, parts.report));
    context.provide(modelsService, new ModelQuestions(models));
    context.provide(modelSwitchService, switcher);
    context.listen(promptExpansion, ({ session, text }, { signal }) => switcher.command(session, text, signal));
  },
});

export default plugin;
