import * as z from "zod";
import { BACKENDS } from "./secret-backend.ts";

const backend = z.enum(BACKENDS);
const words = z.array(z.string()).min(1).describe("A program and its arguments, never a line for a shell");

const shared = {
  backend: backend.optional().describe("Where secrets of plugins lie; default keychain"),
  command: z
    .looseObject({
      get: words,
      set: words.optional(),
      delete: words.optional(),
      notFound: z.array(z.int().min(1)).optional().describe("Exit codes that mean that there is none"),
    })
    .optional()
    .describe("What is run for `command`; `{entry}`, or `{plugin}` and `{name}`, stand in the arguments"),
};

/** `secrets` of a person; files of a project have no say. */
export const secretsSetting: z.ZodType = z.looseObject(shared);

/** `secrets` of an administrator. */
export const managedSecrets: z.ZodType = z.looseObject({
  ...shared,
  allowedBackends: z
    .array(backend)
    .optional()
    .describe("The back ends that people may choose; of several lists all count"),
});
