import * as z from "zod";
import { diagnosticShape, errorCodeShape } from "./diagnostic.ts";
import { failureShape } from "./failure.ts";

const usage = z.strictObject({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
});

/** How a turn ended: the document of `-p --output-format json`, and the last line of `stream-json`. */
const resultShape: z.ZodType = z
  .strictObject({
    type: z.literal("result"),
    ok: z.boolean().describe("Whether the exit code is 0"),
    sessionId: z.string(),
    reason: z.enum(["done", "max-turns", "aborted", "blocked", "failed", "stopped"]),
    text: z.string().describe("The last text of the model"),
    steps: z.int().min(0).describe("Model calls"),
    usage,
    message: z.string().optional().describe("Why, for `blocked`, `failed` and `stopped`"),
    failure: z.string().optional().describe("The kind of failure, e.g. `authentication_failed`"),
    hint: z.string().optional(),
  })
  .meta({ id: "session-result", description: "How a turn of `plugsmith -p` ended" });

const stepType = z.enum([
  "prompt",
  "model",
  "assistant",
  "tool-start",
  "tool-progress",
  "tool-end",
  "tool-results",
  "notice",
]);

/** A line of `stream-json` before the last one. */
const eventShape: z.ZodType = z
  .union([
    z.looseObject({ type: stepType, sessionId: z.string() }),
    z.strictObject({
      type: z.literal("agent"),
      sessionId: z.string(),
      agentId: z.string().describe("The session of the agent"),
      agentPath: z.array(z.string()).min(1).describe("Names of the agents down to it"),
      event: z
        .looseObject({ type: stepType })
        .describe("What it does, in the same form as events of the session itself"),
    }),
  ])
  .meta({ id: "session-event", description: "What happens during a turn, as `TurnEvent` of the plugin interface" });

const state = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("resolved"), dependencies: z.array(z.string()) }),
  z.strictObject({ kind: z.literal("loaded"), module: z.boolean() }),
  z.strictObject({ kind: z.literal("activated"), ms: z.number() }),
  z.strictObject({
    kind: z.literal("held"),
    reason: z.enum(["policy", "consent", "trust", "config", "circuit"]),
    message: z.string(),
    hint: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("failed"),
    at: z.enum(["resolve", "load", "activate", "dispose"]),
    blockedBy: z.string().optional(),
    code: errorCodeShape,
    message: z.string(),
    hint: z.string().optional(),
  }),
]);

/** The document of `plugsmith boot --json`. */
const bootShape: z.ZodType = z
  .strictObject({
    type: z.literal("boot"),
    ok: z.boolean().describe("Whether the exit code is 0"),
    bootMs: z.number(),
    plugins: z.array(
      z.strictObject({
        id: z.string(),
        version: z.string(),
        tier: z.string().describe("Where it comes from, e.g. `builtin`, `installed`, `session`"),
        state,
        dependencies: z.array(z.string()),
        provides: z.record(z.string(), z.int().min(1)).describe("Components by kind"),
        code: z.boolean().describe("Whether it brings code"),
        unclaimed: z.array(z.string()).describe("Kinds of its components that no enabled plugin takes"),
      }),
    ),
    missing: z.array(z.string()).describe("Services that enabled plugins need and none provides"),
    unownedPoints: z.array(z.string()).describe("Points that enabled plugins contribute to and none owns"),
    unansweredGates: z.array(z.string()).describe("Gates of guarded points that no plugin answers"),
    diagnostics: z.array(diagnosticShape),
  })
  .meta({ id: "session-boot", description: "What a session would load" });

/** What `plugsmith` prints in JSON when it ends with an error. */
const sessionErrorShape: z.ZodType = z
  .strictObject({ type: z.literal("error"), ok: z.literal(false), error: failureShape })
  .meta({ id: "session-error", description: "What `plugsmith` prints instead when it ends with an error" });

/** Any document or line of `plugsmith` in JSON. */
export const SESSION_DOCUMENTS: readonly z.ZodType[] = [bootShape, resultShape, eventShape, sessionErrorShape];
