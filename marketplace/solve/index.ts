export { type Explanation, explanationText } from "./explanation.ts";
export type { SolveMode } from "./listing.ts";
export type { Candidate, Cause, Requirement, VersionProvider } from "./provider.ts";
export type { SolveOutcome, SolveRequest } from "./request.ts";
export { solve } from "./solver.ts";
