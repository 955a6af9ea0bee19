export { type Explanation, type ExplanationLine, explanationText, type Remedy } from "./explanation.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { SolveMode } from "./listing.ts";
export type { Candidate, Cause, CauseKind, FactLocation, Requirement, VersionProvider } from "./provider.ts";
export { MAX_RANGE_CHARACTERS, type ParsedRange, parsePoint, parseRange } from "./range.ts";
export type { SolveOutcome, SolveRequest, SolveStats } from "./request.ts";
export { solve } from "./solver.ts";
export { hasVersion, type Version, type VersionSet } from "./version-set.ts";
