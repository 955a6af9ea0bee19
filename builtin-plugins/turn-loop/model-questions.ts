import type { ModelQuestion, Models } from "plugsmith/plugin-api";
import { textOf } from "./blocks.ts";
import type { ModelChoice } from "./model-choice.ts";
import { untilAborted } from "./turn-signal.ts";

/** Answers short questions with a model that has no tools. */
export class ModelQuestions implements Models {
  readonly #models: ModelChoice;

  constructor(models: ModelChoice) {
    this.#models = models;
  }

  /** Throws `ModelError`, or the reason of the signal. */
  async ask({ model, system, messages, maxTokens, session, signal }: ModelQuestion): Promise<string> {
    const chosen = await this.#models.choose(session, model);
    const stream = chosen.provider.stream({
      model: chosen.model,
      system: system === undefined ? [] : [system],
      messages,
      tools: [],
      maxTokens,
      signal,
    });
    for (;;) {
      const { done, value } = await untilAborted(signal, stream.next());
      if (done === true) return textOf(value.content);
    }
  }
}
