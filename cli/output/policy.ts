import * as z from "zod";
import { POLICY_AGENTS } from "../../marketplace/agents/policy/policy-agent.ts";
import { diagnosticShape } from "./diagnostic.ts";

const line = z.int().min(1);

/** What the verbs about policy print beside what every verb does. */
export const POLICY_DOCUMENTS: Readonly<Record<string, readonly Readonly<Record<string, z.ZodType>>[]>> = {
  "policy show": [
    {
      files: z.array(
        z.strictObject({
          file: z.string(),
          keys: z.array(z.strictObject({ key: z.string(), says: z.string(), line: line.optional() })),
        }),
      ),
      diagnostics: z.array(diagnosticShape),
    },
  ],
  "policy explain": [
    {
      answers: z.array(
        z.strictObject({
          about: z.string(),
          action: z.string(),
          allowed: z.boolean(),
          forced: z.literal(true).optional().describe("Nobody may switch it off"),
          reason: z.string().optional(),
          rule: z.strictObject({ key: z.string(), file: z.string(), line: line.optional() }).optional(),
        }),
      ),
      rules: z
        .array(
          z.strictObject({
            about: z.string(),
            says: z.string(),
            key: z.string(),
            file: z.string(),
            line: line.optional(),
          }),
        )
        .describe(
          "What `plugins` says of the plugins, how old their releases have to be, and where their secrets may lie",
        ),
    },
  ],
  "policy compile": [
    {
      for: z.enum(POLICY_AGENTS),
      format: z.enum(["json", "toml"]),
      place: z.strictObject({ linux: z.string(), macos: z.string(), windows: z.string() }),
      file: z.string().optional(),
      written: z.boolean().optional().describe("With `--out`; not with `--dry-run`, nor when `--strict` fails"),
      text: z.string().describe("The managed file"),
      losses: z.array(
        z.strictObject({
          key: z.string(),
          file: z.string().optional(),
          line: line.optional(),
          effect: z.enum(["weaker", "stricter"]),
          reason: z.string(),
          hint: z.string().optional(),
        }),
      ),
    },
  ],
  "policy test": [
    {
      file: z.string(),
      policies: z.array(z.string()),
      results: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), got: z.string(), line })),
    },
  ],
};
