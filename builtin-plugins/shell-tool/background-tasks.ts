import type { ProcessEnd, RunningProcess, Session } from "plugsmith/plugin-api";
import type { OutputFile } from "./output-file.ts";

/** How a task is. */
export type TaskState = { readonly kind: "running" } | { readonly kind: "ended"; readonly how: string };

/** A command that runs beside the conversation. */
export interface Task {
  readonly id: string;
  readonly command: string;
  readonly output: OutputFile;
  readonly process: RunningProcess;
  state: TaskState;
  /** What BashOutput has shown. */
  shownBytes: number;
}

interface Shelf {
  readonly tasks: Map<string, Task>;
  news: string[];
}

const MAX_RUNNING = 20;

/** Commands in the background, by session; they end with it. */
export class BackgroundTasks {
  readonly #shelves = new WeakMap<object, Shelf>();
  readonly #running = new Set<Task>();
  /** For calls outside sessions. */
  readonly #nobody = {};
  #count = 0;

  /** Throws when too many run already. */
  requireRoom(): void {
    if (this.#running.size < MAX_RUNNING) return;
    throw new Error(`${String(MAX_RUNNING)} commands run in the background already; end one with KillShell first`);
  }

  /** Takes over a running command. */
  add(session: Session | undefined, command: string, process: RunningProcess, output: OutputFile): Task {
    this.#count += 1;
    const task: Task = {
      id: `bash_${String(this.#count)}`,
      command,
      output,
      process,
      state: { kind: "running" },
      shownBytes: 0,
    };
    const shelf = this.#shelf(session);
    shelf.tasks.set(task.id, task);
    this.#running.add(task);
    const stop = (): void => void this.stop(task);
    session?.signal.addEventListener("abort", stop, { once: true });
    const ended = (how: string): void => {
      session?.signal.removeEventListener("abort", stop);
      output.close();
      task.state = { kind: "ended", how };
      this.#running.delete(task);
      shelf.news.push(
        `The background command ${task.id} (\`${shortened(command)}\`) ${how}; BashOutput shows its output.`,
      );
    };
    process.ended.then(
      (end) => ended(howEnded(end)),
      (error: unknown) => ended(`could not run: ${error instanceof Error ? error.message : String(error)}`),
    );
    return task;
  }

  /** Throws for an id that this session does not have. */
  find(session: Session | undefined, id: string): Task {
    const { tasks } = this.#shelf(session);
    const task = tasks.get(id);
    if (task !== undefined) return task;
    const known = [...tasks.keys()].join(", ");
    throw new Error(
      `there is no background command \`${id}\` in this session; there is ${known === "" ? "none" : known}`,
    );
  }

  /** Ends a task with all that it started. */
  async stop(task: Task): Promise<void> {
    if (task.state.kind === "running") await task.process.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((task) => this.stop(task)));
  }

  /** What ended since it was last asked, for the model. */
  takeNews(session: Session): readonly string[] {
    const shelf = this.#shelf(session);
    const { news } = shelf;
    shelf.news = [];
    return news;
  }

  #shelf(session: Session | undefined): Shelf {
    const key = session ?? this.#nobody;
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = { tasks: new Map(), news: [] };
      this.#shelves.set(key, shelf);
    }
    return shelf;
  }
}

/** In words. */
export function howEnded({ code, signal }: ProcessEnd): string {
  if (signal !== undefined) return `was ended by ${signal}`;
  return code === 0 ? "ended well" : `ended with exit code ${String(code ?? "unknown")}`;
}

function shortened(command: string): string {
  const line = command.replaceAll(/\s+/gu, " ").trim();
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
