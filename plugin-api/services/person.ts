import type { Choice } from "../event.ts";
import { defineService, type Service } from "../service.ts";

/** A question to the person in front of the session. */
export interface Question {
  readonly kind: "permission" | "question" | "trust" | "sign-in";
  /** One line. */
  readonly title: string;
  /** Lines below it: the command, the difference. */
  readonly detail: readonly string[];
  /** Names of the agents that ask, outermost first; empty for the main conversation. */
  readonly agentPath: readonly string[];
  readonly choices: readonly Choice[];
  /** Aborting takes the question back. */
  readonly signal: AbortSignal;
}

/** The id of a choice, or nothing when the person is not there or went away. */
export type Answer = { readonly choice: string; readonly text?: string | undefined } | undefined;

/** The person: provided by a frontend. Questions are put first in, first out, without a time limit. */
export interface Person {
  ask(question: Question): Promise<Answer>;
}

/** Whoever provides it can answer; without a provider every question counts as refused. */
export const personService: Service<Person> = defineService("plugsmith/person");
