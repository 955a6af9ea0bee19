import {
  messageOf,
  ModelError,
  modelSwitched,
  modelSwitchGate,
  personService,
  type Expansion,
  type ModelSwitch,
  type ModelSwitches,
  type ModelSwitchRequest,
  type PluginContext,
  type Session,
} from "plugsmith/plugin-api";
import type { LastRequests } from "./last-requests.ts";
import type { ModelChoice } from "./model-choice.ts";

const COMMAND = /^\/model(?:\s+(\S+))?$/u;

/** Changes the model of sessions, where the gate lets it. */
export class ModelSwitcher implements ModelSwitches {
  readonly #context: PluginContext;
  readonly #models: ModelChoice;
  readonly #requests: LastRequests;

  constructor(context: PluginContext, models: ModelChoice, requests: LastRequests) {
    this.#context = context;
    this.#models = models;
    this.#requests = requests;
  }

  async switchModel({ session, model, source, signal }: ModelSwitchRequest): Promise<string> {
    const { model: to } = await this.#models.named(model);
    const from = await this.#present(session);
    if (from === to) return to;
    const change: ModelSwitch = { session, from, to, requested: model, source, ...this.#requests.of(session) };
    const { decision, reason = "no reason was given" } = await this.#context.emit(modelSwitchGate, change, { signal });
    const isRefused = decision === "deny" || (decision === "ask" && !(await this.#isConfirmed(change, reason, signal)));
    if (isRefused) throw new ModelError("invalid_request", `the model stays \`${from}\`: ${reason}`);
    session.setOptions({ model });
    await this.#context.emit(modelSwitched, change, { signal });
    return to;
  }

  /** `/model` says which model answers, `/model NAME` changes it. */
  async command(session: Session, text: string, signal: AbortSignal): Promise<Expansion | undefined> {
    const match = COMMAND.exec(text.trim());
    if (match === null) return undefined;
    const [, model = ""] = match;
    const expansion = { name: "model", kind: "command", args: model, content: [{ type: "text", text }] } as const;
    try {
      if (model !== "") {
        const to = await this.switchModel({ session, model, source: "command", signal });
        return { ...expansion, answer: `\`${to}\` answers from now on` };
      }
      const names = await this.#models.shortNames();
      const present = await this.#present(session);
      return {
        ...expansion,
        answer: `\`${present}\` answers; \`/model NAME\` changes it: ${names.join(", ")}, or an id`,
      };
    } catch (error) {
      signal.throwIfAborted();
      const failed = messageOf(error);
      return { ...expansion, answer: failed, failed };
    }
  }

  /** One that cannot answer is what a switch may be the way out of. */
  async #present(session: Session): Promise<string> {
    try {
      return (await this.#models.choose(session)).model;
    } catch (error) {
      if (error instanceof ModelError) return session.options.model ?? "none";
      throw error;
    }
  }

  /** Only who typed the command is there to be asked. */
  async #isConfirmed({ source, session, to }: ModelSwitch, reason: string, signal?: AbortSignal): Promise<boolean> {
    const person = source === "command" ? await this.#context.find(personService) : undefined;
    const answer = await person?.ask({
      kind: "question",
      title: `switch to \`${to}\`?`,
      detail: [reason],
      agentPath: session.agentPath,
      choices: [
        { id: "yes", label: "yes" },
        { id: "no", label: "no" },
      ],
      signal: signal ?? session.signal,
    });
    return answer?.choice === "yes";
  }
}
