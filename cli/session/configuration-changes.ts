import { configurationGate, type ConfigurationSource } from "../../plugin-api/events/session.ts";
import type { Emitting } from "../../plugin-api/event.ts";
import type { Log } from "../../plugin-api/plugin.ts";
import type { Session } from "../../plugin-api/session.ts";
import { messageOf } from "./message-of.ts";

/** Asks plugins whether a change of the configuration counts; before the host is there, every one does. */
export class ConfigurationChanges {
  readonly #session: () => Session | undefined;
  readonly #log: Log;
  #host: Emitting | undefined;

  constructor(session: (() => Session | undefined) | undefined, log: Log) {
    this.#session = session ?? (() => undefined);
    this.#log = log;
  }

  ask(host: Emitting): void {
    this.#host = host;
  }

  /** Never rejects: where nobody can be asked, the old values stay. */
  async admits(source: ConfigurationSource, file: string): Promise<boolean> {
    if (this.#host === undefined) return true;
    try {
      const session = this.#session();
      const { decision, reason } = await this.#host.emit(configurationGate, { session, source, file });
      if (decision !== "deny") return true;
      this.#log.info(`the change of \`${file}\` has no effect in this run: ${reason ?? "a plugin refused it"}`);
    } catch (error) {
      this.#log.warn(`the change of \`${file}\` has no effect in this run: ${messageOf(error)}`);
    }
    return false;
  }

  /** Whether any of several changes counts. */
  async admitsSome(source: ConfigurationSource, files: readonly string[]): Promise<boolean> {
    const answers = await Promise.all(files.map((file) => this.admits(source, file)));
    return answers.includes(true);
  }

  /** Tells of a change that nobody can refuse. */
  tell(source: ConfigurationSource, file: string): void {
    void this.admits(source, file);
  }
}
