import { observeEvent, type ObserveEvent } from "../event.ts";

/**
 * A model is about to be chosen. Providers name it under `listens` in their manifest, so that they are activated now and not at boot;
 * there is nothing to hear. Whoever reads `modelPoint` emits it first.
 */
export const modelsNeeded: ObserveEvent<Readonly<Record<string, never>>> = observeEvent("plugsmith/models-needed");
