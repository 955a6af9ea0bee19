import type { Diagnostic } from "../schemas/diagnostic.ts";
import type { CodedError } from "../schemas/errors.ts";

/** Why a plugin is not used although it is enabled. */
export type HeldReason = "policy" | "consent" | "trust" | "config" | "circuit";

/** The step at which a plugin failed. */
export type FailedStep = "resolve" | "load" | "activate" | "dispose";

/** Where a plugin stands (DESIGN §6); data only where it exists. */
export type PluginState =
  | { readonly kind: "discovered"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "resolved"; readonly dependencies: readonly string[] }
  | { readonly kind: "loaded"; readonly module: boolean }
  | { readonly kind: "activated"; readonly ms: number }
  | { readonly kind: "disposed" }
  | { readonly kind: "held"; readonly reason: HeldReason; readonly message: string; readonly hint?: string | undefined }
  | {
      readonly kind: "failed";
      readonly at: FailedStep;
      readonly error: CodedError;
      readonly blockedBy?: string | undefined;
    };

/** What happens to a plugin. */
export type Transition =
  | { readonly to: "resolved"; readonly dependencies: readonly string[] }
  | { readonly to: "loaded"; readonly module: boolean }
  | { readonly to: "activated"; readonly ms: number }
  | { readonly to: "crashed"; readonly dependencies: readonly string[] }
  | { readonly to: "disposed" }
  | { readonly to: "held"; readonly reason: HeldReason; readonly message: string; readonly hint?: string | undefined }
  | {
      readonly to: "failed";
      readonly at: FailedStep;
      readonly error: CodedError;
      readonly blockedBy?: string | undefined;
    };

const FROM: Readonly<Record<Transition["to"], ReadonlySet<PluginState["kind"]>>> = {
  resolved: new Set(["discovered"]),
  loaded: new Set(["resolved"]),
  activated: new Set(["loaded"]),
  crashed: new Set(["loaded", "activated"]),
  disposed: new Set(["discovered", "resolved", "loaded", "activated", "held", "failed"]),
  held: new Set(["discovered", "resolved", "loaded", "activated"]),
  failed: new Set(["discovered", "resolved", "loaded", "activated"]),
};

/** The next state; a transition that does not exist is a defect of the host and throws. */
export function next(state: PluginState, transition: Transition): PluginState {
  if (!FROM[transition.to].has(state.kind)) {
    throw new Error(`a plugin that is ${state.kind} cannot become ${transition.to}`);
  }
  switch (transition.to) {
    case "crashed":
      return { kind: "resolved", dependencies: transition.dependencies };
    case "resolved":
      return { kind: "resolved", dependencies: transition.dependencies };
    case "loaded":
      return { kind: "loaded", module: transition.module };
    case "activated":
      return { kind: "activated", ms: transition.ms };
    case "disposed":
      return { kind: "disposed" };
    case "held":
      return { kind: "held", reason: transition.reason, message: transition.message, hint: transition.hint };
    case "failed":
      return { kind: "failed", at: transition.at, error: transition.error, blockedBy: transition.blockedBy };
  }
}
