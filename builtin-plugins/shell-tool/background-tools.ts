import { defineTool, type Tool } from "plugsmith/plugin-api";
import type { BackgroundTasks } from "./background-tasks.ts";

/** Shows what a command in the background has written since it was last asked. */
export function bashOutputTool(tasks: BackgroundTasks): Tool {
  return defineTool<{ readonly bash_id: string }>({
    name: "BashOutput",
    description: "Shows the new output of a command that runs in the background, and whether it still runs.",
    inputSchema: {
      type: "object",
      properties: { bash_id: { type: "string", description: "The id that Bash gave" } },
      required: ["bash_id"],
    },
    readOnly: true,
    run: ({ bash_id }, { session }) => {
      const task = tasks.find(session, bash_id);
      const { text, next } = task.output.from(task.shownBytes);
      const rest = task.output.bytes - next;
      task.shownBytes = next;
      const state = task.state.kind === "running" ? "still runs" : task.state.how;
      const more = rest > 0 ? `\n(${String(rest)} more bytes are there; ask again)` : "";
      return `${bash_id} ${state}\n${text === "" ? "(no new output)" : text}${more}`;
    },
  });
}

/** Ends a command in the background. */
export function killShellTool(tasks: BackgroundTasks): Tool {
  return defineTool<{ readonly shell_id: string }>({
    name: "KillShell",
    description: "Ends a command that runs in the background, with all that it started.",
    inputSchema: {
      type: "object",
      properties: { shell_id: { type: "string", description: "The id that Bash gave" } },
      required: ["shell_id"],
    },
    // It only takes back what this session was allowed to start: nobody has to be asked.
    readOnly: true,
    run: async ({ shell_id }, { session }) => {
      const task = tasks.find(session, shell_id);
      if (task.state.kind === "ended") return `${shell_id} ${task.state.how} before`;
      await tasks.stop(task);
      return `${shell_id} was ended`;
    },
  });
}
