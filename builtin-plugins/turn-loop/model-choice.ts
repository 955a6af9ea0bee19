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

type Provider = Contributed<Model>;

/** Layers of settings that no repository can write. */
const PERSONAL_LAYERS: ReadonlySet<string> = new Set(["managed", "flags", "user"]);

/** Finds the model that a session, or a person's settings, ask for. */
export class ModelChoice {
  readonly #context: PluginContext;
  readonly #settings: Settings | undefined;

  constructor(context: PluginContext, settings: Settings | undefined) {
    this.#context = context;
    this.#settings = settings;
  }

  /**
   * The model `named`, else that of the turn, of the session, of the settings, else the default of a provider that is available. A
   * provider without a default answers only when a person names it, and then for the whole session: a repository, a skill or an
   * agent's definition can neither pick it nor leave it. Throws `ModelError` that says what to do when nobody can answer.
   */
  async choose(session: Session | undefined, named?: string): Promise<ChosenModel> {
    const providers = await this.#providers();
    const askedFor = this.#askedFor(session, providers);
    if (askedFor !== undefined) return available(askedFor);
    const ordinary = providers.filter(isOrdinary);
    const wanted = named ?? session?.turn.model ?? session?.options.model ?? this.#fromSettings();
    return wanted === undefined ? byDefault(ordinary) : byName(wanted, ordinary, providers);
  }

  /** The model that a person names, whoever provides it. Throws `ModelError`. */
  async named(model: string): Promise<ChosenModel> {
    const providers = await this.#providers();
    const [special] = candidates(
      model,
      providers.filter((provider) => !isOrdinary(provider)),
    );
    return special === undefined ? byName(model, providers.filter(isOrdinary), providers) : available(special);
  }

  /** What a person may name beside ids. */
  async shortNames(): Promise<readonly string[]> {
    return shortNames(await this.#providers());
  }

  async #providers(): Promise<readonly Provider[]> {
    await this.#context.emit(modelsNeeded, {});
    const providers = (await this.#context.read(modelPoint)).all();
    if (providers.length > 0) return providers;
    throw new ModelError("model_not_found", "no enabled plugin provides a model; enable `model-anthropic`");
  }

  #fromSettings(): string | undefined {
    const value = this.#settings?.get("model");
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** What the person named, when it belongs to a provider that has to be asked for. */
  #askedFor(session: Session | undefined, providers: readonly Provider[]): ChosenModel | undefined {
    const [strongest] = this.#settings?.layers("model") ?? [];
    const personal = strongest !== undefined && PERSONAL_LAYERS.has(strongest.layer) ? strongest.value : undefined;
    const asked = (session === undefined ? undefined : rootOf(session).options.model) ?? personal;
    if (typeof asked !== "string") return undefined;
    const special = providers.filter((provider) => !isOrdinary(provider));
    return candidates(asked, special)[0];
  }
}

/** One that answers also where nobody named it. */
function isOrdinary({ value }: Provider): boolean {
  return value.defaultModel !== undefined;
}

function shortNames(providers: readonly Provider[]): readonly string[] {
  return providers.flatMap(({ value }) => Object.keys(value.aliases)).sort();
}

function rootOf(session: Session): Session {
  return session.parent === undefined ? session : rootOf(session.parent);
}

function available(chosen: ChosenModel): ChosenModel {
  const reason = chosen.provider.unavailable();
  if (reason === undefined) return chosen;
  throw new ModelError("authentication_failed", `\`${chosen.model}\` cannot answer: ${reason}`);
}

function byDefault(providers: readonly Provider[]): ChosenModel {
  const reasons: string[] = [];
  for (const { value: provider } of providers) {
    const { defaultModel = "" } = provider;
    const reason = provider.unavailable();
    if (reason === undefined) return { provider, model: provider.aliases[defaultModel] ?? defaultModel };
    reasons.push(reason);
  }
  const why = reasons.length > 0 ? reasons.join("; ") : "name one with `--model`";
  throw new ModelError("authentication_failed", `no model can answer: ${why}`);
}

function byName(wanted: string, ordinary: readonly Provider[], all: readonly Provider[]): ChosenModel {
  const found = candidates(wanted, ordinary);
  const ready = found.find(({ provider }) => provider.unavailable() === undefined) ?? found[0];
  if (ready !== undefined) return available(ready);
  if (candidates(wanted, all).length > 0) {
    throw new ModelError(
      "model_not_found",
      `the model \`${wanted}\` answers only a person who names it with \`--model\``,
    );
  }
  throw new ModelError(
    "model_not_found",
    `no provider knows the model \`${wanted}\`; short names are ${shortNames(ordinary).join(", ")}`,
  );
}

/** `provider:model`, an alias, or an id that a provider serves. */
function candidates(wanted: string, providers: readonly Provider[]): readonly ChosenModel[] {
  const colon = wanted.indexOf(":");
  const owner = colon < 0 ? undefined : providers.find(({ name }) => name === wanted.slice(0, colon));
  if (owner !== undefined) {
    const model = wanted.slice(colon + 1);
    return [{ provider: owner.value, model: aliasOf(owner.value, model) ?? model }];
  }
  return providers.flatMap(({ value: provider }) => {
    const model = aliasOf(provider, wanted) ?? (provider.serves(wanted) ? wanted : undefined);
    return model === undefined ? [] : [{ provider, model }];
  });
}

function aliasOf({ aliases }: Model, name: string): string | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}
