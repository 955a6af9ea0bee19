import * as z from "zod";
import { diagnosticShape } from "./diagnostic.ts";

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/u);

/** What the verbs about the audit log print beside what every verb does. */
export const AUDIT_DOCUMENTS: Readonly<Record<string, readonly Readonly<Record<string, z.ZodType>>[]>> = {
  "audit query": [
    {
      records: z
        .array(
          z.strictObject({
            at: z.string(),
            action: z.string(),
            subject: z.string(),
            outcome: z.string(),
            detail: z.record(z.string(), z.unknown()).optional(),
            segment: z.string(),
            sequence: z.int().min(1),
            hash,
            edited: z.boolean().describe("Whether its hash is not that of its content"),
          }),
        )
        .describe("Oldest first"),
      matching: count.describe("More than there are `records` when there was a limit"),
      unreadable: count.describe("Lines that are no records"),
    },
  ],
  "audit verify": [
    {
      segments: count,
      records: count,
      unanchored: count.describe("Records after the last anchor of their segment: a cut there leaves no trace"),
      generations: count.describe("How many the log was held against"),
      prunings: z.array(
        z.strictObject({
          at: z.string(),
          before: z.string().describe("The name that the oldest segment may have had since"),
          segments: count,
          records: count,
          digest: hash.describe("Over a line `<segment> <hash of its last record>` for each that was removed"),
          problems: count.describe("Errors of the log that a person accepted"),
          anchored: z.boolean(),
        }),
      ),
      diagnostics: z.array(diagnosticShape),
    },
  ],
  "audit export": [
    { outcome: z.enum(["written", "dry-run"]), records: count, file: z.string() },
    { outcome: z.enum(["sent", "dry-run"]), records: count, url: z.string() },
  ],
  "audit prune": [
    {
      outcome: z.enum(["done", "nothing", "dry-run"]),
      before: z.string(),
      segments: count,
      records: count,
      bytes: count,
      digest: hash.describe("As in `audit verify`"),
    },
  ],
};
