import * as z from "zod";
import type { CaseOutcome } from "../author/outcome.ts";
import { diagnosticShape } from "./diagnostic.ts";
import { collisionShape, executableShape, providesShape } from "./plan.ts";

const line = z.int().min(1);

const outcome: z.ZodType<CaseOutcome> = z.strictObject({
  name: z.string(),
  ok: z.boolean(),
  mismatches: z.array(
    z.strictObject({
      what: z.string().describe("The key of `expect`, or `plugin` when the case could not go to its end"),
      expected: z.string(),
      got: z.string(),
    }),
  ),
  ms: z.int().min(0),
  file: z.string().describe("Relative to the plugin"),
  line,
});

/** What `plugin test` prints beside what every verb does. */
export const testMembers: Readonly<Record<string, z.ZodType>> = {
  plugins: z.array(
    z.strictObject({
      name: z.string(),
      directory: z.string(),
      cases: z.array(outcome),
      diagnostics: z.array(diagnosticShape).describe("What is wrong with its test files"),
    }),
  ),
  routing: z.strictObject({
    prompts: z.array(
      z.strictObject({
        plugin: z.string(),
        prompt: z.string(),
        expected: z.string().describe("`plugin:skill`, or `none`"),
        got: z.string(),
        second: z.string().optional().describe("The next best"),
        ok: z.boolean(),
        file: z.string(),
        line,
      }),
    ),
    matrix: z.array(
      z.strictObject({
        expected: z.string(),
        right: z.int().min(0),
        wrong: z.record(z.string(), z.int().min(1)).describe("Skill that fired instead, or `none` → prompts"),
      }),
    ),
  }),
};

/** What `plugin dev` prints when it ends. */
export const devMembers: Readonly<Record<string, z.ZodType>> = {
  name: z.string().describe("Empty while the plugin would not load"),
  provides: providesShape,
  executables: z.array(executableShape),
  collisions: z.array(collisionShape),
  stolen: z
    .array(z.strictObject({ by: z.string(), from: z.string(), prompts: z.array(z.string()) }))
    .describe("Declared prompts of installed plugins that it would answer"),
  tokens: z.int().describe("Estimate of what every session pays"),
  diagnostics: z.array(diagnosticShape),
  changes: z.int().min(0).describe("How often something changed while it was watched"),
};
