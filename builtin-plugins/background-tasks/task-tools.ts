import { setTimeout } from "node:timers/promises";
import { defineTool, type Tool } from "plugsmith/plugin-api";
import type { TaskList } from "./task-list.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 600_000;

interface OutputInput {
  readonly task_id?: string;
  readonly bash_id?: string;
  readonly block?: boolean;
  readonly timeout?: number;
}

/** Shows what a task has written since it was last asked. */
export function taskOutputTool(tasks: TaskList): Tool {
  return defineTool<OutputInput>({
    name: "TaskOutput",
    description:
      "Shows the new output of a command or agent that runs in the background, and whether it still runs. Waits for its end unless `block` is false. You are told of the end of each task without asking.",
    inputSchema: {
      type: "object",
      properties: {
        task_id: { type: "string", description: "The id that Bash or Agent gave" },
        bash_id: { type: "string", description: "Older name of `task_id`; does not wait" },
        block: { type: "boolean", description: "Wait for the end; default true" },
        timeout: {
          type: "integer",
          minimum: 0,
          maximum: MAX_TIMEOUT_MS,
          description: `Milliseconds to wait at most; default ${DEFAULT_TIMEOUT_MS}`,
        },
      },
    },
    readOnly: true,
    aliases: ["BashOutput", "AgentOutput"],
    run: async (input, { session, signal }) => {
      const id = idIn(input.task_id ?? input.bash_id);
      const kept = tasks.find(session, id);
      const waits = input.block ?? input.bash_id === undefined;
      if (waits) await within(kept.settled, input.timeout ?? DEFAULT_TIMEOUT_MS, signal);
      const { text, next, more } = kept.task.output(kept.shown);
      kept.shown = next;
      if (kept.end !== undefined && !more) kept.isTold = true;
      const rest = more ? "\n(more is there; ask again)" : "";
      return `${id} ${kept.end?.how ?? "still runs"}\n${text === "" ? "(no new output)" : text}${rest}`;
    },
  });
}

/** Ends a task. */
export function taskStopTool(tasks: TaskList): Tool {
  return defineTool<{ readonly task_id?: string; readonly shell_id?: string }>({
    name: "TaskStop",
    description: "Ends a command or agent that runs in the background, with all that it started.",
    inputSchema: {
      type: "object",
      properties: {
        task_id: { type: "string", description: "The id that Bash or Agent gave" },
        shell_id: { type: "string", description: "Older name of `task_id`" },
      },
    },
    // It only takes back what this session was allowed to start: nobody has to be asked.
    readOnly: true,
    aliases: ["KillShell", "KillBash"],
    run: async ({ task_id, shell_id }, { session }) => {
      const id = idIn(task_id ?? shell_id);
      const kept = tasks.find(session, id);
      if (kept.end !== undefined) return `${id} ${kept.end.how} before`;
      await kept.task.stop();
      await kept.settled;
      // Whoever ends it knows.
      kept.isTold = true;
      return `${id} was ended`;
    },
  });
}

function idIn(given: string | undefined): string {
  if (given !== undefined) return given;
  throw new Error("give the id of the task in `task_id`");
}

async function within(settled: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([settled, setTimeout(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) })]);
  } finally {
    over.abort();
  }
}
