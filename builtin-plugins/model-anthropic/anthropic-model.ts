import { setTimeout as pause } from "node:timers/promises";
import type Anthropic from "@anthropic-ai/sdk";
import {
  messageOf,
  ModelError,
  type Model,
  type ModelEvent,
  type ModelRequest,
  type ModelResponse,
} from "plugsmith/plugin-api";
import { Answer, BrokenAnswer } from "./answer.ts";
import { contextWindowTokens, defaultModel, modelAliases } from "./catalog.ts";
import { failed, modelError } from "./failure.ts";
import { requestBody } from "./request-body.ts";

const PUBLIC_URL = "https://api.anthropic.com";
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A service that asks for a longer wait has failed, as far as a person in front of it is concerned. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** How the model is reached. */
export interface AnthropicModelOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly maxRetries: number;
  readonly silenceMs: number;
}

/** Claude through the official SDK, which is loaded at the first request. */
export class AnthropicModel implements Model {
  readonly aliases: Readonly<Record<string, string>>;
  readonly defaultModel: string;
  readonly #options: AnthropicModelOptions;
  #client: Promise<Anthropic> | undefined;

  constructor(options: AnthropicModelOptions) {
    this.#options = options;
    this.aliases = modelAliases(options.environment);
    this.defaultModel = defaultModel(options.environment);
  }

  serves(model: string): boolean {
    return model.startsWith("claude-");
  }

  unavailable(): string | undefined {
    const { ANTHROPIC_API_KEY: key, ANTHROPIC_AUTH_TOKEN: token } = this.#options.environment;
    if ((key ?? "") !== "" || (token ?? "") !== "") return undefined;
    return "there is no key for Claude: set the environment variable `ANTHROPIC_API_KEY` (or `ANTHROPIC_AUTH_TOKEN` for a gateway)";
  }

  contextWindow(model: string): number {
    return contextWindowTokens(model);
  }

  /**
   * Streams one answer. A rate limit, an overload or a broken connection starts the whole request again, also in the middle of the
   * answer: nothing of it was used yet. Whoever shows deltas drops them at `retry`.
   */
  async *stream(request: ModelRequest): AsyncGenerator<ModelEvent, ModelResponse> {
    const { signal } = request;
    const body = requestBody(request);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return yield* this.#attempt(body, signal);
      } catch (error) {
        signal.throwIfAborted();
        // It says what is wrong already, and another attempt would not change it.
        if (error instanceof ModelError) throw error;
        const reason = failed(error);
        const delayMs = reason.retryAfterMs ?? backOffMs(attempt);
        if (!reason.retried || attempt > this.#options.maxRetries || delayMs > LONGEST_RETRY_AFTER_MS) {
          throw modelError(reason, error);
        }
        yield { type: "retry", attempt, delayMs, reason: reason.message };
        await pause(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  async *#attempt(
    body: Anthropic.MessageCreateParamsStreaming,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent, ModelResponse> {
    const client = await (this.#client ??= this.#connect());
    const silence = new AbortController();
    const abort = (): void => silence.abort(signal.reason);
    const tooQuiet = (): void => silence.abort(new BrokenAnswer(`silence for ${String(this.#options.silenceMs)} ms`));
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    const timer = setTimeout(tooQuiet, this.#options.silenceMs);
    try {
      const answer = new Answer();
      for await (const event of await client.messages.create(body, { signal: silence.signal })) {
        timer.refresh();
        const seen = answer.take(event);
        if (seen !== undefined) yield seen;
      }
      // The SDK ends an aborted stream like a finished one.
      silence.signal.throwIfAborted();
      return answer.finish();
    } catch (error) {
      silence.signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Everything is given, so that the SDK looks into neither the environment nor its own configuration files. */
  async #connect(): Promise<Anthropic> {
    const Client = await loadSdk();
    const {
      ANTHROPIC_API_KEY: key = "",
      ANTHROPIC_AUTH_TOKEN: token,
      ANTHROPIC_BASE_URL: url,
    } = this.#options.environment;
    return new Client({
      ...(key === "" ? { authToken: token } : { apiKey: key }),
      baseURL: url ?? PUBLIC_URL,
      maxRetries: 0,
      logLevel: "off",
      openTelemetry: false,
    });
  }
}

/** Doubles from half a second, with up to a quarter less so that many clients do not come back at once. */
function backOffMs(attempt: number): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return Math.round(pauseMs * (1 - Math.random() / 4));
}

async function loadSdk(): Promise<typeof Anthropic> {
  try {
    return (await import("@anthropic-ai/sdk")).default;
  } catch (error) {
    const why = messageOf(error);
    throw new ModelError(
      "unknown",
      `the package that talks to Claude cannot be loaded; install Plugsmith anew: ${why}`,
      {
        cause: error,
      },
    );
  }
}
