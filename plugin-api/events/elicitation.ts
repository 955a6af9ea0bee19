import { firstEvent, type FirstEvent } from "../event.ts";
import type { Session } from "../session.ts";

/** A question of an MCP server to the person. */
export interface Elicitation {
  /** The session whose call the server works on, where that is known. */
  readonly session?: Session | undefined;
  /** As people name it: `name`, or `plugin:<plugin>:<name>`. */
  readonly server: string;
  /** `form`: fields to fill in; `url`: an address to open. */
  readonly mode: "form" | "url";
  readonly message: string;
  readonly url?: string | undefined;
  readonly id?: string | undefined;
  /** JSON Schema of a form. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
}

/** What the server is told; `content` goes with `accept` of a form only. */
export interface ElicitationAnswer {
  readonly action: "accept" | "decline" | "cancel";
  readonly content?: Readonly<Record<string, unknown>> | undefined;
}

/** Answers a server's question in the person's place; unanswered, the person is asked. */
export const elicitationAsked: FirstEvent<Elicitation, ElicitationAnswer> = firstEvent("plugsmith/elicitation-asked", {
  matchOn: ({ server }) => server,
  budgetMs: 600_000,
});

/** Replaces what the person answered before the server hears it. */
export const elicitationAnswered: FirstEvent<Elicitation & { readonly answer: ElicitationAnswer }, ElicitationAnswer> =
  firstEvent("plugsmith/elicitation-answered", { matchOn: ({ server }) => server, budgetMs: 600_000 });
