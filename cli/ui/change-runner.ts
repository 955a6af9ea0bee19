import { randomUUID } from "node:crypto";
import { followed } from "../../marketplace/agents/follow.ts";
import type { Target } from "../../marketplace/install/change.ts";
import type { ConsentItem, Plan } from "../../marketplace/plan/plan.ts";
import { codeMode } from "../code-mode.ts";
import type { Engine } from "../compose.ts";
import { combinedDigest } from "../consent-digest.ts";
import type { Person } from "../consent.ts";
import { agentLines } from "../print/agent-text.ts";
import { consentReason } from "../print/consent-text.ts";
import { reportOf } from "../print/error-report.ts";
import { renderMarks } from "../print/style.ts";
import { refusePlaces } from "../strange-places.ts";
import type { Answer, ChangeEvent, ChangeOrder } from "./change-event.ts";
import { changeOf } from "./change-order.ts";

/** What a change is run with. */
export interface ChangeRunnerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly dryRun: boolean;
  readonly targetOf: (scope: ChangeOrder["scope"]) => Target;
  /** Composes the engine of one change, which ends it; `tell` gets progress and remarks. */
  readonly compose: (person: Person, tell: (event: ChangeEvent) => void, signal: AbortSignal) => Promise<Engine>;
}

interface Question {
  readonly digest: string | undefined;
  readonly resolve: (yes: boolean) => void;
}

/**
 * Runs the changes that pages ask for through the same pipeline as the terminal, one after the other: what a person sees is
 * planned on what the change before it left. Owns the questions that wait for an answer.
 */
export class ChangeRunner {
  readonly #options: ChangeRunnerOptions;
  readonly #questions = new Map<string, Question>();
  #last: Promise<void> = Promise.resolve();
  #running = 0;

  constructor(options: ChangeRunnerOptions) {
    this.#options = options;
  }

  /** Whether a change waits or is under way. */
  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** Resolves when every change so far is over. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Carries out one order; `send` gets every event. Resolves when it is over; the signal ends it with nothing changed. */
  async run(order: ChangeOrder, send: (event: ChangeEvent) => void, signal: AbortSignal): Promise<void> {
    if (this.#running > 0) send({ kind: "progress", message: "waiting for the change in another tab" });
    this.#running += 1;
    const mine = this.#last.then(() => this.#attempt(order, send, signal));
    this.#last = mine;
    try {
      await mine;
    } finally {
      this.#running -= 1;
    }
  }

  /** Gives an answer to whoever waits for it; `false` when nobody does. A yes with another digest than was asked is a no. */
  answer({ question, yes, digest }: Answer): boolean {
    const asked = this.#questions.get(question);
    if (asked === undefined) return false;
    this.#questions.delete(question);
    asked.resolve(yes && (asked.digest === undefined || asked.digest === digest));
    return true;
  }

  async #attempt(order: ChangeOrder, send: (event: ChangeEvent) => void, signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted();
      await this.#carryOut(order, send, signal);
    } catch (error) {
      const { code, message, hint } = await reportOf(error);
      send({ kind: "failed", code, message, ...(hint === undefined ? {} : { hint }) });
    }
  }

  async #carryOut(order: ChangeOrder, send: (event: ChangeEvent) => void, signal: AbortSignal): Promise<void> {
    const { environment, dryRun, targetOf, compose } = this.#options;
    let items: readonly ConsentItem[] = [];
    const person: Person = {
      interactive: true,
      accepted: [],
      command: "plugin",
      detail: "short",
      show: (shown) => {
        items = shown;
      },
      ask: () => {
        const digest = combinedDigest(items);
        return this.#ask(digest, signal, (question) =>
          send({ kind: "consent", question, digest, reason: consentReason(items, " on this machine as you"), items }),
        );
      },
    };
    const engine = await compose(person, send, signal);
    try {
      const target = targetOf(order.scope);
      const confirm = async (plan: Plan): Promise<boolean> => {
        if (plan.steps.every(({ action }) => action === "keep")) return true;
        const mode = await codeMode(plan, environment);
        return this.#ask(undefined, signal, (question) =>
          send({ kind: "plan", question, plan, ...(mode === undefined ? {} : { codeMode: mode }) }),
        );
      };
      const { report, carried } = await followed(await engine.agents(), {
        target,
        dryRun,
        change: (foresee) =>
          engine.change(target, changeOf(order), {
            dryRun,
            confirm,
            allowPlaces: refusePlaces,
            foresee,
          }),
        onTelling: () => send({ kind: "progress", message: "telling other agents" }),
      });
      const { outcome, plan, generation, repaired } = report;
      if (repaired.length > 0) send({ kind: "remark", message: `missing or damaged: ${repaired.join(", ")}` });
      for (const message of agentLines(carried)) send({ kind: "remark", message: renderMarks(message, false) });
      send({ kind: "done", outcome, plan, generation });
    } finally {
      await engine.close();
    }
  }

  /** Asks and waits; whoever leaves has said no. */
  async #ask(digest: string | undefined, signal: AbortSignal, pose: (question: string) => void): Promise<boolean> {
    const question = randomUUID();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const leave = (): void => resolve(false);
    signal.addEventListener("abort", leave, { once: true });
    this.#questions.set(question, { digest, resolve });
    try {
      pose(question);
      return signal.aborted ? false : await promise;
    } finally {
      signal.removeEventListener("abort", leave);
      this.#questions.delete(question);
    }
  }
}
