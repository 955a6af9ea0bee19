/** Installed plugins: what there is, and changes of it. */
export { openPlugsmith, type OpenOptions, type Plugsmith } from "./open-plugsmith.ts";
export type { Generation, GenerationPlugin } from "../schemas/generation.ts";
export type { Change, ChangeReport, PluginRequest, StrangePlace, Target } from "../marketplace/install/change.ts";
export type { ConsentItem, Plan, PlanStep, Scope } from "../marketplace/plan/plan.ts";
/** Sessions with an agent made of plugins. */
export { createHost, type HostOptions, type PlugsmithHost } from "./session/create-host.ts";
export type { HostSession } from "./session/host-session.ts";
/** What went wrong. */
export { CodedError, isCodedError, type ErrorCode } from "../schemas/errors.ts";
export type { Diagnostic } from "../schemas/diagnostic.ts";
