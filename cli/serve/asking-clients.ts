import { AsyncLocalStorage } from "node:async_hooks";
import type { Registration } from "../../plugin-api/disposable.ts";
import type { Answer, Person, Question } from "../../plugin-api/services/person.ts";

/** A client as a question finds it. */
export interface AskingClient {
  /** Puts a question to the person in front of the client; absent where the client cannot. */
  readonly ask: ((question: Question) => Promise<Answer>) | undefined;
}

/** Leads questions of the host to the client whose call they are about; while no client can ask, the host has no person. */
export class AskingClients {
  readonly #provide: (person: Person) => Registration;
  readonly #calling = new AsyncLocalStorage<AskingClient>();
  readonly #able = new Set<AskingClient>();
  #provided: Registration | undefined;

  constructor(provide: (person: Person) => Registration) {
    this.#provide = provide;
  }

  /** Adds a client that has said what it can. */
  add(client: AskingClient): void {
    if (client.ask === undefined) return;
    this.#able.add(client);
    this.#provided ??= this.#provide({ ask: (question) => this.#ask(question) });
  }

  remove(client: AskingClient): void {
    if (!this.#able.delete(client) || this.#able.size > 0) return;
    this.#provided?.dispose();
    this.#provided = undefined;
  }

  /** Does something for a client, so that questions about it go there. */
  run<Result>(client: AskingClient, work: () => Promise<Result>): Promise<Result> {
    return this.#calling.run(client, work);
  }

  /** What nobody's call asks, e.g. a server on its own, goes to the only client that can be asked. */
  async #ask(question: Question): Promise<Answer> {
    const [first, ...others] = this.#able;
    const client = this.#calling.getStore() ?? (others.length === 0 ? first : undefined);
    if (client?.ask !== undefined) return client.ask(question);
    if (question.kind !== "permission") return undefined;
    return { choice: "deny", text: `${question.title}, and nobody can be asked through this client` };
  }
}
