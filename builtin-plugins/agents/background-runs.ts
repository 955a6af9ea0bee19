import {
  messageOf,
  backgroundTasksService,
  notification,
  workspaceService,
  type BackgroundTasks,
  type PluginContext,
  type SpawnRequest,
  type TaskEnd,
} from "plugsmith/plugin-api";
import { AgentLog, lineOf } from "./agent-log.ts";
import type { AgentAnswer, Runner } from "./runner.ts";

/** Agents that work beside their parent's turn. */
export class BackgroundRuns {
  readonly #context: PluginContext;
  readonly #runner: Runner;
  readonly #running = new Set<Promise<TaskEnd>>();

  constructor(context: PluginContext, runner: Runner) {
    this.#context = context;
    this.#runner = runner;
  }

  /** Who keeps them; absent where no plugin does, or the environment says that nothing runs in the background. */
  async keeper(): Promise<BackgroundTasks | undefined> {
    const environment = (await this.#context.find(workspaceService))?.environment ?? {};
    const isOff = /^(?:1|true|yes|on)$/iu.test(environment["CLAUDE_CODE_DISABLE_BACKGROUND_TASKS"] ?? "");
    return isOff ? undefined : this.#context.find(backgroundTasksService);
  }

  /** Begins an agent and returns the id of its task. Throws as `Runner.open`; the signal of the request only bounds its beginning. */
  async start(request: SpawnRequest, description: string, keeper: BackgroundTasks): Promise<string> {
    const { parent } = request;
    keeper.requireRoom();
    const opened = await this.#runner.open(request, true);
    const stopping = new AbortController();
    const log = new AgentLog();
    const work = this.#runner.work(opened, {
      ...request,
      signal: AbortSignal.any([stopping.signal, parent.signal, this.#context.signal]),
      onEvent: (event) => {
        request.onEvent?.(event);
        const line = lineOf(event);
        if (line !== undefined) log.add(line);
      },
    });
    const failed = (error: unknown): AgentAnswer => ({
      text: messageOf(error),
      isError: true,
    });
    const { name } = opened.definition;
    const ended = work.catch(failed).then(async ({ text, isError }): Promise<TaskEnd> => {
      log.add(text);
      const how = stopping.signal.aborted ? "was ended" : isError ? "failed" : "has finished";
      await this.#tell(request, `agent \`${name}\` (${description}) ${how}`, description);
      return { how, result: text };
    });
    this.#running.add(ended);
    void ended.finally(() => this.#running.delete(ended));
    return keeper.add({
      session: parent,
      kind: "agent",
      description,
      agent: name,
      isAwaited: true,
      output: (from) => log.from(from),
      ended,
      stop: async () => {
        stopping.abort(new Error("it was ended"));
        await ended;
      },
    });
  }

  /** All that run have ended; whoever disposes the plugin has aborted them. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #tell({ parent }: SpawnRequest, message: string, title: string): Promise<void> {
    if (this.#context.signal.aborted || parent.signal.aborted) return;
    try {
      await this.#context.emit(notification, { session: parent, kind: "agent_completed", title, message });
    } catch (error) {
      this.#context.log.debug(`nobody heard that ${message}: ${String(error)}`);
    }
  }
}
