import * as z from "zod";

/** A plugin that has something newer than what is installed. */
export const outdatedShape: z.ZodType = z.strictObject({
  id: z.string(),
  root: z.string(),
  installed: z.string(),
  wanted: z.string().describe("The newest version that every range admits"),
  newest: z.string(),
  changed: z.boolean().describe("Other bytes under the same version"),
  movedTag: z.string().optional(),
  renamedTo: z.string().optional(),
  problem: z.string().optional(),
  launchers: z
    .array(
      z.strictObject({
        package: z.string(),
        installed: z.string(),
        wanted: z
          .string()
          .optional()
          .describe("What an update would lock; absent when its registry could not be asked"),
        problem: z.string().optional(),
      }),
    )
    .optional()
    .describe("What its commands start, where an update would lock another version"),
});
