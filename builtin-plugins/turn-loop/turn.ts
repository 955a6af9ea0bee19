import {
  backgroundTasksService,
  messageOf,
  ModelError,
  personService,
  stopGate,
  turnFailed,
  type AgentEvent,
  type ContentBlock,
  type Message,
  type ModelResponse,
  type PluginContext,
  type Session,
  type TurnEvent,
  type TurnRequest,
  type TurnResult,
} from "plugsmith/plugin-api";
import {
  callsOf,
  keptContent,
  NO_USAGE,
  reminders,
  resultBlock,
  sum,
  textBlock,
  textOf,
  type ToolUseBlock,
} from "./blocks.ts";
import { EventQueue } from "./event-queue.ts";
import { settle } from "./settle.ts";
import type { LastRequests } from "./last-requests.ts";
import type { ModelChoice } from "./model-choice.ts";
import { ModelStep } from "./model-step.ts";
import type { Prompts } from "./prompt.ts";
import type { ToolList } from "./tool-list.ts";
import { ToolRound } from "./tool-round.ts";
import { untilAborted } from "./turn-signal.ts";

/** What every turn needs of the plugin. */
export interface TurnParts {
  readonly context: PluginContext;
  readonly models: ModelChoice;
  readonly prompts: Prompts;
  readonly tools: ToolList;
  readonly requests: LastRequests;
  /** Hands events of agents to the turn that runs in a session, if one does. */
  readonly report: (session: Session, event: AgentEvent) => void;
}

/** How often a turn is kept going by those who may not want it to end. */
const MAX_STOP_DENIALS = 8;
const MAX_CUT_ANSWERS = 3;
const MAX_WAITING_EVENTS = 1_000;
const GO_ON_AFTER_CUT = "Your answer was cut off by its limit of tokens. Go on exactly where it stopped.";
const GO_ON_AFTER_PAUSE = "Go on.";

/** One turn: the way from a prompt to the end of the model's work. */
export class Turn {
  readonly #parts: TurnParts;
  readonly #request: TurnRequest;
  readonly #session: Session;
  readonly #signal: AbortSignal;
  #steps = 0;
  #usage = NO_USAGE;
  #text = "";
  #stopDenials = 0;
  #cutAnswers = 0;
  #step: ModelStep | undefined;
  #round: ToolRound | undefined;
  /** Events of agents in the background that came between two events of this turn. */
  readonly #aside: AgentEvent[] = [];
  #waiting: EventQueue<AgentEvent> | undefined;

  constructor(parts: TurnParts, request: TurnRequest, signal: AbortSignal) {
    this.#parts = parts;
    this.#request = request;
    this.#session = request.session;
    this.#signal = signal;
  }

  /** Passes an event of an agent below on; too many at once are dropped. */
  offer(event: AgentEvent): void {
    const passed = (this.#round ?? this.#waiting)?.offer(event) === true;
    if (!passed && this.#aside.length < MAX_WAITING_EVENTS) this.#aside.push(event);
  }

  /** The session's messages are valid whenever and however it ends, also when whoever reads it stops reading. */
  async *run(): AsyncGenerator<TurnEvent, TurnResult> {
    let closing = "[interrupted]";
    try {
      const result = yield* this.#work();
      closing = `[${result.message ?? "the turn ended here"}]`;
      yield* this.#settled(closing);
      return result;
    } catch (error) {
      if (this.#signal.aborted) {
        yield* this.#settled(closing);
        return this.#result("aborted");
      }
      const message = messageOf(error);
      closing = `[no answer: ${message}]`;
      // By its field, not its class: a provider may bring a copy of the interface of its own.
      const failure = error instanceof Error && "failure" in error ? String(error.failure) : "unknown";
      yield* this.#settled(closing);
      await this.#parts.context.emit(turnFailed, { session: this.#session, failure, message });
      return { ...this.#result("failed", message), failure };
    } finally {
      settle(this.#session, closing, this.#step?.heard ?? "", this.#round);
    }
  }

  async *#work(): AsyncGenerator<TurnEvent, TurnResult> {
    const { context, prompts } = this.#parts;
    this.#signal.throwIfAborted();
    settle(this.#session, "[interrupted]", "", undefined);
    if (this.#session.parent === undefined) this.#session.setTurn({ allow: [], deny: [] });
    const prompt = await prompts.prepare(this.#request, this.#signal);
    if (prompt.kind === "blocked") return this.#result("blocked", prompt.reason);
    yield* this.#say(prompt.content);
    if (prompt.kind === "answer") return yield* this.#answered(prompt.answer, prompt.failed);
    await prompts.system(this.#session, this.#signal);
    for (;;) {
      this.#signal.throwIfAborted();
      if (this.#steps === this.#request.maxTurns) {
        return this.#result("max-turns", `stopped after ${String(this.#steps)} model calls`);
      }
      const response = yield* this.#ask();
      const calls = callsOf(this.#session.messages.at(-1));
      const end = calls.length > 0 ? yield* this.#call(calls) : yield* this.#mayEnd(response);
      if (end === undefined) continue;
      if (end.reason === "done" && this.#stopDenials > MAX_STOP_DENIALS) {
        yield {
          type: "notice",
          text: "the turn ends although it was asked to go on, too many times",
          plugin: context.plugin.id,
        };
      }
      return end;
    }
  }

  async *#ask(): AsyncGenerator<TurnEvent, ModelResponse> {
    const { context, models, tools, requests } = this.#parts;
    const session = this.#session;
    const chosen = await models.choose(session);
    const aside = (): readonly AgentEvent[] => this.#aside.splice(0);
    const shared = { session, chosen, signal: this.#signal, log: context.log, aside };
    this.#step = new ModelStep({ ...shared, tools: tools.of(session) });
    const response = yield* this.#step.run();
    this.#steps += 1;
    this.#usage = sum(this.#usage, response.usage);
    requests.heard(session, response.usage);
    const message: Message = { role: "assistant", content: keptContent(response) };
    session.append(message);
    this.#step = undefined;
    const text = textOf(message.content);
    if (text !== "") this.#text = text;
    yield { type: "assistant", message, usage: response.usage };
    return response;
  }

  /** Runs the calls of a step and appends their results; a listener can end the turn after it. */
  async *#call(calls: readonly ToolUseBlock[]): AsyncGenerator<TurnEvent, TurnResult | undefined> {
    const { context, tools, prompts } = this.#parts;
    const session = this.#session;
    const report = (event: AgentEvent): void => this.#parts.report(session, event);
    const round = new ToolRound({ context, session, calls, tools: tools.of(session), signal: this.#signal, report });
    this.#round = round;
    yield* this.#aside.splice(0);
    const { texts, stop } = yield* round.run();
    const appended = await prompts.texts(session, "tool-results", this.#signal);
    const results = calls.map(({ id }) => resultBlock(id, round.result(id)));
    const message: Message = { role: "user", content: [...results, ...reminders([...texts, ...appended])] };
    session.append(message);
    this.#round = undefined;
    yield { type: "tool-results", message };
    return stop === undefined ? undefined : this.#result("stopped", stop);
  }

  /** An answer without calls: over, unless it was cut or somebody wants the model to go on. */
  async *#mayEnd({ stopReason }: ModelResponse): AsyncGenerator<TurnEvent, TurnResult | undefined> {
    if (stopReason === "refusal") return this.#result("stopped", "the model declined to answer");
    if (stopReason === "pause_turn") {
      yield* this.#say([textBlock(GO_ON_AFTER_PAUSE)]);
      return undefined;
    }
    if (stopReason === "max_tokens") {
      this.#cutAnswers += 1;
      if (this.#cutAnswers > MAX_CUT_ANSWERS) {
        throw new ModelError(
          "max_output_tokens",
          `the answer was cut off ${String(this.#cutAnswers)} times; ask for less at once`,
        );
      }
      yield* this.#say([textBlock(GO_ON_AFTER_CUT)]);
      return undefined;
    }
    const question = { session: this.#session, lastText: this.#text, active: this.#stopDenials > 0 };
    const gate = await this.#parts.context.emit(stopGate, question, { signal: this.#signal });
    const denial = gate.decision === "deny" ? [gate.reason ?? "the work is not done yet"] : [];
    const texts = [...denial, ...(gate.context ?? [])].filter((text) => text.trim() !== "");
    if (texts.length === 0) return yield* this.#afterBackground();
    this.#stopDenials += 1;
    if (this.#stopDenials > MAX_STOP_DENIALS) return this.#result("done");
    yield* this.#say(reminders(texts));
    return undefined;
  }

  /** Where nobody sits in front of the session, it is over when awaited tasks are, and the model has heard of their end. */
  async *#afterBackground(): AsyncGenerator<TurnEvent, TurnResult | undefined> {
    const { context, prompts } = this.#parts;
    const session = this.#session;
    const tasks = await context.find(backgroundTasksService);
    while (tasks?.isAwaited(session) === true) {
      if (session.parent === undefined && (await context.find(personService)) !== undefined) break;
      yield* this.#until(tasks.nextEnd(session));
      const texts = reminders(await prompts.texts(session, "background", this.#signal));
      if (texts.length === 0) break;
      yield* this.#say(texts);
      return undefined;
    }
    yield* this.#aside.splice(0);
    return this.#result("done");
  }

  /** Passes events of agents on until something has happened. */
  async *#until(happened: Promise<void>): AsyncGenerator<TurnEvent, void> {
    const queue = new EventQueue<AgentEvent>(MAX_WAITING_EVENTS);
    for (const event of this.#aside.splice(0)) queue.push(event);
    this.#waiting = queue;
    const waiting = untilAborted(this.#signal, happened).finally(() => queue.end());
    // Whoever leaves early has aborted the signal, and nobody is left to hear of it.
    waiting.catch(() => undefined);
    try {
      yield* queue.drain();
      await waiting;
    } finally {
      this.#waiting = undefined;
    }
  }

  async *#answered(answer: string, failed: string | undefined): AsyncGenerator<TurnEvent, TurnResult> {
    const message: Message = { role: "assistant", content: [textBlock(answer.trim() === "" ? "(no answer)" : answer)] };
    this.#session.append(message);
    this.#text = answer;
    yield { type: "assistant", message, usage: NO_USAGE };
    return this.#result(failed === undefined ? "done" : "failed", failed);
  }

  async *#say(content: readonly ContentBlock[]): AsyncGenerator<TurnEvent, void> {
    const message: Message = { role: "user", content };
    this.#session.append(message);
    yield { type: "prompt", message };
  }

  async *#settled(closing: string): AsyncGenerator<TurnEvent, void> {
    for (const message of settle(this.#session, closing, this.#step?.heard ?? "", this.#round)) {
      yield message.role === "user"
        ? { type: "tool-results", message }
        : { type: "assistant", message, usage: NO_USAGE };
    }
  }

  #result(reason: TurnResult["reason"], message?: string): TurnResult {
    return {
      reason,
      text: this.#text,
      steps: this.#steps,
      usage: this.#usage,
      ...(message !== undefined && { message }),
    };
  }
}
