import {
  messageOf,
  type BackgroundTasks,
  type ProcessEnd,
  type RunningProcess,
  type Session,
} from "plugsmith/plugin-api";
import type { OutputFile } from "./output-file.ts";

/** A command that was started to run beside the conversation. */
export interface BackgroundCommand {
  readonly session: Session | undefined;
  readonly command: string;
  readonly description: string | undefined;
  readonly process: RunningProcess;
  readonly output: OutputFile;
}

/** Hands a command over to whoever keeps tasks; returns its id. */
export function keepInBackground(tasks: BackgroundTasks, begun: BackgroundCommand): string {
  const { session, command, process, output } = begun;
  const how = (): Promise<string> =>
    process.ended.then(howEnded, (error: unknown) => `could not run: ${messageOf(error)}`);
  return tasks.add({
    session,
    kind: "bash",
    description: begun.description ?? command,
    command,
    // A server would keep the session for ever.
    isAwaited: false,
    output: (from) => {
      const { text, next } = output.from(from);
      return { text, next, more: next < output.bytes };
    },
    ended: how().then((words) => {
      output.close();
      return { how: words };
    }),
    stop: () => process.stop(),
  });
}

/** In words. */
export function howEnded({ code, signal }: ProcessEnd): string {
  if (signal !== undefined) return `was ended by ${signal}`;
  return code === 0 ? "ended well" : `ended with exit code ${String(code ?? "unknown")}`;
}
