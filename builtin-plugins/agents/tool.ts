import { defineTool, type Tool, type TurnEvent } from "plugsmith/plugin-api";
import { GENERAL_PURPOSE } from "./definition.ts";
import type { Runner } from "./runner.ts";

interface AgentInput {
  readonly description: string;
  readonly prompt: string;
  readonly subagent_type?: string | undefined;
  readonly model?: string | undefined;
}

/** The tool by which a model spawns agents; the manifest announces the same. */
export function agentTool(runner: Runner): Tool {
  return defineTool<AgentInput>({
    name: "Agent",
    description:
      "Hands a task to an agent that works in a conversation of its own and returns its last words. It sees nothing of this conversation, so the prompt must say everything it needs to know, and what to report. Several calls in one message run at the same time.",
    inputSchema: {
      type: "object",
      properties: {
        description: { type: "string", description: "The task in three to five words" },
        prompt: { type: "string", description: "The task in full" },
        subagent_type: { type: "string", description: "Name of the agent; `general-purpose` when absent" },
        model: { type: "string", description: "Model for this task instead of the agent's own" },
      },
      required: ["description", "prompt"],
      additionalProperties: false,
    },
    readOnly: true,
    concurrencySafe: true,
    aliases: ["Task"],
    run: async (
      { prompt, subagent_type: agent = GENERAL_PURPOSE.name, model },
      { session: parent, signal, progress },
    ) => {
      if (parent === undefined) throw new Error("agents can be spawned in a session only");
      const { text, isError } = await runner.run(
        { parent, agent, prompt, signal, ...(model !== undefined && { model }) },
        (session, event) => {
          const line = progressOf(event);
          if (line !== undefined) progress(`${session.agentPath.join(" › ")}: ${line}`);
        },
      );
      return { content: [{ type: "text", text }], isError };
    },
  });
}

function progressOf(event: TurnEvent): string | undefined {
  switch (event.type) {
    case "tool-start":
      return `${event.name} ${shortened(JSON.stringify(event.input))}`;
    case "tool-progress":
      return event.text;
    case "notice":
      return event.text;
    case "assistant": {
      const said = event.message.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join(" ");
      return said === "" ? undefined : shortened(said);
    }
    default:
      return undefined;
  }
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ");
  return line.length > 120 ? `${line.slice(0, 119).toWellFormed()}…` : line;
}
