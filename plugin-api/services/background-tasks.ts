import { defineService, type Service } from "../service.ts";
import type { Session } from "../session.ts";

/** What a task has written from some place on. */
export interface TaskText {
  readonly text: string;
  /** Where to go on. */
  readonly next: number;
  /** Whether more is there already. */
  readonly more: boolean;
}

/** How a task ended. */
export interface TaskEnd {
  /** In words that follow its name, e.g. `ended with exit code 1`. */
  readonly how: string;
  /** What came of it, for the model; told together with the end. */
  readonly result?: string | undefined;
}

/** What people, models and hooks see of a task. */
export interface TaskInfo {
  readonly kind: "bash" | "agent";
  /** One line. */
  readonly description: string;
  /** Of a shell. */
  readonly command?: string | undefined;
  /** The name of an agent. */
  readonly agent?: string | undefined;
}

/** Work that was begun and goes on beside the turns of a session. */
export interface NewTask extends TaskInfo {
  /** Absent outside sessions. */
  readonly session: Session | undefined;
  /** Whether a session that nobody sits in front of goes on until it has ended. */
  readonly isAwaited: boolean;
  output(from: number): TaskText;
  /** Never rejects. */
  readonly ended: Promise<TaskEnd>;
  /** Ends it with all that it started; resolves when it has ended. */
  stop(): Promise<void>;
}

/** A task that runs. */
export interface RunningTask extends TaskInfo {
  /** As models name it, e.g. `bash_1`. */
  readonly id: string;
}

/** Keeps tasks: shows their output, tells the model that they ended, stops them with their session. */
export interface BackgroundTasks {
  /** Throws when too many run already; asked before a task is begun. */
  requireRoom(): void;
  /** Returns the task's id. */
  add(task: NewTask): string;
  running(session: Session): readonly RunningTask[];
  /** Whether an awaited task of the session runs, or has ended and the model does not know. */
  isAwaited(session: Session): boolean;
  /** Resolves when an awaited task has ended that the model does not know of; at once when there is one, or none runs. */
  nextEnd(session: Session): Promise<void>;
}

/** Provided by the built-in `background-tasks`. */
export const backgroundTasksService: Service<BackgroundTasks> = defineService("plugsmith/background-tasks");
