import { defineTool, type SpawnRequest, type Tool } from "plugsmith/plugin-api";
import { lineOf } from "./agent-log.ts";
import type { BackgroundRuns } from "./background-runs.ts";
import { GENERAL_PURPOSE } from "./definition.ts";
import type { Runner } from "./runner.ts";

interface AgentInput {
  readonly description: string;
  readonly prompt: string;
  readonly subagent_type?: string | undefined;
  readonly model?: string | undefined;
  readonly run_in_background?: boolean | undefined;
  readonly isolation?: "worktree" | undefined;
}

/** The tool by which a model spawns agents; the manifest announces the same. */
export function agentTool(runner: Runner, background: BackgroundRuns): Tool {
  return defineTool<AgentInput>({
    name: "Agent",
    description:
      "Hands a task to an agent that works in a conversation of its own and returns its last words. It sees nothing of this conversation, so the prompt must say everything it needs to know, and what to report. Several calls in one message run at the same time. With `run_in_background` it works beside this conversation, and you are told when it has finished.",
    inputSchema: {
      type: "object",
      properties: {
        description: { type: "string", description: "The task in three to five words" },
        prompt: { type: "string", description: "The task in full" },
        subagent_type: { type: "string", description: "Name of the agent; `general-purpose` when absent" },
        model: { type: "string", description: "Model for this task instead of the agent's own" },
        run_in_background: {
          type: "boolean",
          description: "Return at once; TaskOutput shows what it does, TaskStop ends it",
        },
        isolation: {
          type: "string",
          enum: ["worktree"],
          description: "`worktree` lets it work in a copy of the repository as it was last committed",
        },
      },
      required: ["description", "prompt"],
      additionalProperties: false,
    },
    readOnly: true,
    concurrencySafe: true,
    aliases: ["Task"],
    run: async (input, { session: parent, signal, progress, report }) => {
      if (parent === undefined) throw new Error("agents can be spawned in a session only");
      const { prompt, subagent_type: agent = GENERAL_PURPOSE.name, model, isolation, description } = input;
      const request: SpawnRequest = {
        parent,
        agent,
        prompt,
        signal,
        ...(model !== undefined && { model }),
        ...(isolation !== undefined && { isolation }),
        onEvent: (event) => {
          const line = report === undefined ? lineOf(event) : undefined;
          report?.(event);
          if (line !== undefined) progress(line);
        },
      };
      const wanted = input.run_in_background ?? runner.get(agent).background === true;
      const keeper = wanted ? await background.keeper() : undefined;
      if (keeper !== undefined) {
        const id = await background.start(request, description, keeper);
        const text = `${id} works in the background; you will be told when it has finished. TaskOutput shows what it does, TaskStop ends it.`;
        return { content: [{ type: "text", text }], structured: { backgroundTaskId: id } };
      }
      const { text, isError } = await runner.run(request);
      return { content: [{ type: "text", text }], isError };
    },
  });
}
