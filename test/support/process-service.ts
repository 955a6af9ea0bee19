import { openProcesses, type OpenProcesses } from "../../core/platform/processes.ts";
import type { HostService } from "../../core/services/service-registry.ts";
import { processService, type Processes, type ProcessRequest, type Workspace } from "../../plugin-api/index.ts";

/** The host's own service of programs, without policy; remembers what was started and what still runs. */
export class ProcessService implements AsyncDisposable {
  readonly started: ProcessRequest[] = [];
  readonly #opened: OpenProcesses;
  #running = 0;

  constructor(workspace: Pick<Workspace, "trusted" | "projectDirectory">) {
    this.#opened = openProcesses({
      decide: () => ({ allowed: true }),
      workspace,
      audit: { append: () => undefined, heads: () => [] },
      failed: (plugin, error) => {
        throw new Error(`${plugin} failed`, { cause: error });
      },
    });
  }

  get running(): number {
    return this.#running;
  }

  get service(): HostService {
    const { open } = this.#opened.service;
    return {
      key: processService.key,
      open: (plugin, signal) => {
        // The service that `openProcesses` makes.
        const processes = open(plugin, signal) as Processes;
        return { start: (request: ProcessRequest) => this.#start(processes, request) };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.dispose();
  }

  #start(processes: Processes, request: ProcessRequest) {
    const running = processes.start(request);
    this.started.push(request);
    this.#running += 1;
    const ended = (): void => void (this.#running -= 1);
    running.ended.then(ended, ended);
    return running;
  }
}
