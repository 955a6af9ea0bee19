import {
  messageOf,
  type Contributed,
  type Log,
  type MonitorContribution,
  type Processes,
  type RunningProcess,
  type Session,
  type Workspace,
} from "plugsmith/plugin-api";
import { MonitorLines } from "./monitor-lines.ts";

/** Under this key a session notes each skill that was invoked in it. */
const INVOKED = "plugsmith/skill-invoked";
const ON_SKILL = "on-skill-invoke:";

interface Running {
  readonly monitor: Contributed<MonitorContribution>;
  readonly lines: MonitorLines;
  readonly process: RunningProcess;
}

/** What monitors are run with. */
export interface MonitorSurroundings {
  readonly processes: Processes;
  readonly workspace: Workspace;
  readonly log: Log;
}

/** The monitors of one session: each is started once, and runs until the session ends (formats.md §1.8). */
export class SessionMonitors {
  readonly #session: Session;
  readonly #surroundings: MonitorSurroundings;
  readonly #running = new Map<string, Running>();

  constructor(session: Session, surroundings: MonitorSurroundings) {
    this.#session = session;
    this.#surroundings = surroundings;
  }

  /**
   * Starts those whose time has come; one that was started already is left alone. `environments` is what programs of each plugin
   * inherit, by its id.
   */
  start(
    monitors: readonly Contributed<MonitorContribution>[],
    environments: ReadonlyMap<string, Workspace["environment"]>,
  ): void {
    const invoked = new Set(this.#session.notes(INVOKED).flatMap(skillNames));
    for (const monitor of monitors) {
      const { when } = monitor.value;
      const isDue = when.startsWith(ON_SKILL) ? invoked.has(when.slice(ON_SKILL.length)) : true;
      // A folder of a project starts nothing that runs by itself (formats.md §8.4).
      if (isDue && monitor.plugin.tier !== "loose" && !this.#running.has(keyOf(monitor)))
        this.#run(monitor, environments.get(monitor.plugin.id) ?? {});
    }
  }

  /** What they said since the last time, a text a monitor. */
  take(): readonly string[] {
    return [...this.#running.values()].flatMap(({ monitor, lines }) => {
      const said = lines.take();
      const { name, description } = monitor.value;
      return said.length === 0 ? [] : [`Monitor \`${name}\` (${description}) says:\n${said.join("\n")}`];
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ process }) => process.stop()));
  }

  #run(monitor: Contributed<MonitorContribution>, environment: Workspace["environment"]): void {
    const { processes, workspace, log } = this.#surroundings;
    const { plugin, value } = monitor;
    const label = `monitor ${value.name} of ${plugin.id}`;
    const lines = new MonitorLines();
    const process = processes.start({
      plugin,
      purpose: `monitor ${value.name}`,
      command: "bash",
      args: ["-c", value.command],
      directory: this.#session.directory,
      environment: {
        ...environment,
        CLAUDE_PLUGIN_ROOT: plugin.directory,
        PLUGIN_ROOT: plugin.directory,
        CLAUDE_PLUGIN_DATA: plugin.dataDirectory,
        PLUGIN_DATA: plugin.dataDirectory,
        CLAUDE_PROJECT_DIR: workspace.projectDirectory,
        PROJECT_DIR: workspace.projectDirectory,
      },
      signal: this.#session.signal,
      stdin: "ignore",
    });
    const decoder = new TextDecoder();
    process.onOutput((chunk) => lines.add(decoder.decode(chunk, { stream: true })));
    process.onErrorOutput((chunk) => log.debug(`${label}: ${Buffer.from(chunk).toString("utf8").trimEnd()}`));
    process.ended.then(
      ({ code }) => log.debug(`${label} ended with ${String(code)}`),
      (error: unknown) => log.warn(`${label} could not be started: ${messageOf(error)}`),
    );
    this.#running.set(keyOf(monitor), { monitor, lines, process });
  }
}

function keyOf({ plugin, name }: Contributed<MonitorContribution>): string {
  return `${plugin.id} ${name}`;
}

/** A note is `<plugin id> <key of the skill> <digest of its text>`; the key ends with the skill's name. */
function skillNames(note: unknown): readonly string[] {
  const [id = "", key = ""] = typeof note === "string" ? note.split(" ") : [];
  const name = key.slice(Math.max(key.lastIndexOf("/"), key.lastIndexOf(":")) + 1);
  return [name, `${id.slice(0, id.lastIndexOf("@"))}:${name}`];
}
