import * as z from "zod";
import { diagnosticShape } from "./diagnostic.ts";

const optionState = {
  plugin: z.string(),
  key: z.string(),
  title: z.string(),
  type: z.enum(["string", "number", "boolean", "directory", "file"]),
  required: z.boolean(),
  sensitive: z.boolean(),
  state: z
    .enum(["set", "default", "unset", "unknown"])
    .describe("`unknown` when where secrets are kept does not answer"),
  from: z
    .string()
    .optional()
    .describe("File that the value stands in, or the name of the back end that keeps the secret"),
  value: z
    .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
    .optional()
    .describe("Never that of a secret"),
};
const diagnostics = z.array(diagnosticShape);

/** Options that have to be set before everything works, in the document of `plugin add`. */
export const unsetOptions: z.ZodType = z
  .array(
    z.strictObject({
      plugin: z.string(),
      key: z.string(),
      title: z.string(),
      sensitive: z.boolean(),
      command: z.string().describe("What sets it"),
    }),
  )
  .optional();

/** What the verbs about options print beside what every verb does. */
export const CONFIG_DOCUMENTS: Readonly<Record<string, readonly Readonly<Record<string, z.ZodType>>[]>> = {
  "config list": [{ options: z.array(z.strictObject(optionState)), diagnostics }],
  "config get": [{ ...optionState, diagnostics }],
  "config set": [
    {
      outcome: z.enum(["done", "nothing", "dry-run"]),
      plugin: z.string(),
      set: z.array(z.strictObject({ key: z.string(), to: z.string().describe("File, or back end of a secret") })),
    },
  ],
  "config unset": [
    {
      outcome: z.enum(["done", "nothing", "dry-run"]),
      plugin: z.string(),
      key: z.string(),
      from: z.string(),
      still: z.string().optional().describe("File of the person that goes on setting it"),
    },
  ],
};
