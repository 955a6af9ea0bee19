import {
  firstEvent,
  gateEvent,
  observeEvent,
  transformEvent,
  type FirstEvent,
  type GateEvent,
  type ObserveEvent,
  type TransformEvent,
} from "../event.ts";
import type { GuardedRequest } from "../point.ts";
import type { Session } from "../session.ts";
import type { ToolResult } from "../tool.ts";

/** One call of a tool. */
export interface ToolUse {
  readonly session: Session;
  readonly callId: string;
  readonly name: string;
  /** Older names of a built-in tool, by which hooks may mean it; others cannot pass for a tool that they are not. */
  readonly aliases?: readonly string[] | undefined;
  /** Paths in it are absolute. */
  readonly input: unknown;
  readonly readOnly: boolean;
}

/** The gate of `toolPoint`: answered by the permissions plugin alone, unanswered means deny (DESIGN §6). */
export const toolPermission: GateEvent<GuardedRequest> = gateEvent("plugsmith/tool-permission", {
  matchOn: ({ name }) => name,
  budgetMs: Infinity,
});

/** A person was asked on behalf of a guarded point and chose `allow`, `deny` or one of the gate's offers. */
export const guardedAnswered: ObserveEvent<{ readonly request: GuardedRequest; readonly choice: string }> =
  observeEvent("plugsmith/guarded-answered", { matchOn: ({ request }) => request.name });

/** What others think of a call before the permissions plugin decides; public `PreToolUse` hooks answer here. */
export const toolOpinion: GateEvent<ToolUse> = gateEvent("plugsmith/tool-opinion", {
  matchOn: ({ name }) => name,
  budgetMs: Infinity,
});

/** Answers the question to the person in the person's place; public `PermissionRequest` hooks answer here. */
export const permissionAnswer: FirstEvent<
  ToolUse,
  { readonly allow: boolean; readonly message?: string | undefined; readonly input?: unknown }
> = firstEvent("plugsmith/permission-answer", { matchOn: ({ name }) => name, budgetMs: 600_000 });

/** A call was denied. */
export const permissionDenied: ObserveEvent<ToolUse & { readonly reason: string }> = observeEvent(
  "plugsmith/permission-denied",
  { matchOn: ({ name }) => name, budgetMs: 600_000 },
);

/** A call succeeded or failed; listeners may replace the result, add texts for the model, or stop the turn. */
export interface ToolOutcome extends ToolUse {
  readonly result: ToolResult;
  readonly durationMs: number;
  readonly texts: readonly string[];
  /** Set to end the turn after this step. */
  readonly stop?: string | undefined;
}

/** After a call that gave a result without error. */
export const toolDone: TransformEvent<ToolOutcome> = transformEvent("plugsmith/tool-done", {
  matchOn: ({ name }) => name,
  budgetMs: 600_000,
});

/** After a call that failed. */
export const toolFailed: TransformEvent<ToolOutcome> = transformEvent("plugsmith/tool-failed", {
  matchOn: ({ name }) => name,
  budgetMs: 600_000,
});

/** After all calls of one step, before their results go to the model. */
export const toolBatch: TransformEvent<{
  readonly session: Session;
  readonly outcomes: readonly ToolOutcome[];
  readonly texts: readonly string[];
  readonly stop?: string | undefined;
}> = transformEvent("plugsmith/tool-batch", { budgetMs: 600_000 });

/** Files that a call read or wrote, absolute and real; path-gated skills and language servers listen. */
export const filesTouched: ObserveEvent<{
  readonly session: Session;
  readonly files: readonly string[];
  readonly change: "read" | "write";
}> = observeEvent("plugsmith/files-touched", { budgetMs: 10_000 });
