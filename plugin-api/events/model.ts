import { gateEvent, observeEvent, type GateEvent, type ObserveEvent } from "../event.ts";
import type { Session } from "../session.ts";

/**
 * A model is about to be chosen. Providers name it under `listens` in their manifest, so that they are activated now and not at boot;
 * there is nothing to hear. Whoever reads `modelPoint` emits it first.
 */
export const modelsNeeded: ObserveEvent<Readonly<Record<string, never>>> = observeEvent("plugsmith/models-needed");

/** A change of the model of a session that lasts. */
export interface ModelSwitch {
  readonly session: Session;
  /** Ids as providers know them. */
  readonly from: string;
  readonly to: string;
  /** As it was asked for, e.g. a short name. */
  readonly requested: string;
  /** A person's `/model`, or the program that runs the host. */
  readonly source: "command" | "sdk";
  /** What the next request sends again, as far as the last answer of this run tells. */
  readonly contextTokens: number;
  /** Whether the provider probably still holds the prompt of the last request. */
  readonly isCacheWarm: boolean;
}

/** May the model be switched? */
export const modelSwitchGate: GateEvent<ModelSwitch> = gateEvent("plugsmith/model-switch-gate", {
  matchOn: ({ to }) => to,
  budgetMs: 600_000,
});

/** The model was switched. */
export const modelSwitched: ObserveEvent<ModelSwitch> = observeEvent("plugsmith/model-switched", {
  matchOn: ({ to }) => to,
  budgetMs: 600_000,
});
