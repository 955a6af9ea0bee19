import {
  ModelError,
  modelPoint,
  modelsNeeded,
  type Contributed,
  type Model,
  type PluginContext,
  type Session,
  type Settings,
} from "plugsmith/plugin-api";

/** A model and who answers for it. */
export interface ChosenModel {
  readonly provider: Model;
  /** As the provider knows it. */
  readonly model: string;
}

/** Finds the model that a session, or a person's settings, ask for. */
export class ModelChoice {
  readonly #context: PluginContext;
  readonly #settings: Settings | undefined;

  constructor(context: PluginContext, settings: Settings | undefined) {
    this.#context = context;
    this.#settings = settings;
  }

  /** What is wanted for a session: the turn's, the session's, then that of the settings. */
  wanted(session: Session | undefined): string | undefined {
    const named = session?.turn.model ?? session?.options.model;
    if (named !== undefined) return named;
    const set = this.#settings?.get("model");
    return typeof set === "string" && set !== "" ? set : undefined;
  }

  /** Throws `ModelError` that says what to do when nobody can answer. */
  async choose(wanted: string | undefined): Promise<ChosenModel> {
    await this.#context.emit(modelsNeeded, {});
    const providers = (await this.#context.read(modelPoint)).all();
    if (providers.length === 0) {
      throw new ModelError("model_not_found", "no enabled plugin provides a model; enable `model-anthropic`");
    }
    return wanted === undefined ? byDefault(providers) : named(wanted, providers);
  }
}

function byDefault(providers: readonly Contributed<Model>[]): ChosenModel {
  const reasons: string[] = [];
  for (const { value: provider } of providers) {
    if (provider.defaultModel === undefined) continue;
    const reason = provider.unavailable();
    if (reason === undefined) return { provider, model: provider.aliases[provider.defaultModel] ?? provider.defaultModel };
    reasons.push(reason);
  }
  const why = reasons.length > 0 ? reasons.join("; ") : "name one with `--model`";
  throw new ModelError("authentication_failed", `no model can answer: ${why}`);
}

/** `provider:model`, an alias, or an id that a provider serves; who is available comes first. */
function named(wanted: string, providers: readonly Contributed<Model>[]): ChosenModel {
  const found = candidates(wanted, providers);
  const [first] = found;
  if (first === undefined) {
    const names = providers.flatMap(({ value }) => Object.keys(value.aliases)).sort();
    throw new ModelError("model_not_found", `no provider knows the model \`${wanted}\`; short names are ${names.join(", ")}`);
  }
  const available = found.find(({ provider }) => provider.unavailable() === undefined);
  if (available !== undefined) return available;
  throw new ModelError("authentication_failed", `\`${wanted}\` cannot answer: ${String(first.provider.unavailable())}`);
}

function candidates(wanted: string, providers: readonly Contributed<Model>[]): readonly ChosenModel[] {
  const colon = wanted.indexOf(":");
  const prefix = colon < 0 ? wanted : wanted.slice(0, colon);
  const owner = providers.find(({ name }) => name === prefix);
  if (colon >= 0 && owner !== undefined) {
    const model = wanted.slice(colon + 1);
    return [{ provider: owner.value, model: owner.value.aliases[model] ?? model }];
  }
  return providers.flatMap(({ value: provider }) => {
    const alias = Object.hasOwn(provider.aliases, wanted) ? provider.aliases[wanted] : undefined;
    const model = alias ?? (provider.serves(wanted) ? wanted : undefined);
    return model === undefined ? [] : [{ provider, model }];
  });
}
