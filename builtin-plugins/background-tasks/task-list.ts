import type { BackgroundTasks, NewTask, RunningTask, Session, TaskEnd } from "plugsmith/plugin-api";

/** A task with what is known of it. */
export interface KeptTask {
  readonly id: string;
  readonly task: NewTask;
  /** Resolves when `end` is there. */
  readonly settled: Promise<void>;
  end: TaskEnd | undefined;
  /** How much of its output was shown. */
  shown: number;
  /** Whether the model knows that it ended. */
  isTold: boolean;
}

const MAX_RUNNING = 20;
const MAX_RESULT = 30_000;

/** Tasks in the background, by session; they end with it. */
export class TaskList implements BackgroundTasks {
  readonly #kept = new WeakMap<object, Map<string, KeptTask>>();
  readonly #running = new Set<KeptTask>();
  readonly #counts = new Map<string, number>();
  /** For calls outside sessions. */
  readonly #nobody = {};

  requireRoom(): void {
    if (this.#running.size < MAX_RUNNING) return;
    throw new Error(`${String(MAX_RUNNING)} tasks run in the background already; end one with TaskStop first`);
  }

  add(task: NewTask): string {
    const { kind, session } = task;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const kept: KeptTask = {
      id: `${kind}_${String(count)}`,
      task,
      settled: task.ended.then((end) => {
        session?.signal.removeEventListener("abort", stop);
        this.#running.delete(kept);
        kept.end = end;
      }),
      end: undefined,
      shown: 0,
      isTold: false,
    };
    const stop = (): void => void task.stop();
    this.#of(session).set(kept.id, kept);
    this.#running.add(kept);
    session?.signal.addEventListener("abort", stop, { once: true });
    if (session?.signal.aborted === true) stop();
    return kept.id;
  }

  running(session: Session): readonly RunningTask[] {
    return [...this.#of(session).values()].flatMap(({ id, end, task: { kind, description, command, agent } }) =>
      end === undefined ? [{ id, kind, description, command, agent }] : [],
    );
  }

  isAwaited(session: Session): boolean {
    return this.#awaited(session).length > 0;
  }

  async nextEnd(session: Session): Promise<void> {
    const awaited = this.#awaited(session);
    if (awaited.length > 0) await Promise.race(awaited.map(({ settled }) => settled));
  }

  /** Throws for an id that this session does not have. */
  find(session: Session | undefined, id: string): KeptTask {
    const tasks = this.#of(session);
    const task = tasks.get(id);
    if (task !== undefined) return task;
    const known = [...tasks.keys()].join(", ");
    throw new Error(`there is no background task \`${id}\` in this session; there is ${known === "" ? "none" : known}`);
  }

  /** What ended since it was last asked, for the model. */
  takeNews(session: Session): readonly string[] {
    const ended = [...this.#of(session).values()].filter((kept) => kept.end !== undefined && !kept.isTold);
    return ended.map((kept) => {
      kept.isTold = true;
      return news(kept);
    });
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map(({ task }) => task.stop()));
  }

  #awaited(session: Session): readonly KeptTask[] {
    return [...this.#of(session).values()].filter(({ task, isTold }) => task.isAwaited && !isTold);
  }

  #of(session: Session | undefined): Map<string, KeptTask> {
    const key = session ?? this.#nobody;
    let tasks = this.#kept.get(key);
    if (tasks === undefined) {
      tasks = new Map();
      this.#kept.set(key, tasks);
    }
    return tasks;
  }
}

function news({ id, task, end }: KeptTask): string {
  const { how = "ended", result } = end ?? {};
  const shown = task.kind === "bash" ? `\`${shortened(task.command ?? task.description)}\`` : task.description;
  const what = `The background ${task.kind === "bash" ? "command" : "agent"} ${id} (${shown}) ${how}`;
  if (result === undefined) return `${what}; TaskOutput shows its output.`;
  if (result.length <= MAX_RESULT) return `${what}:\n${result}`;
  return `${what}:\n${result.slice(0, MAX_RESULT).toWellFormed()}\n… (the rest is in TaskOutput)`;
}

function shortened(command: string): string {
  const line = command.replaceAll(/\s+/gu, " ").trim();
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
