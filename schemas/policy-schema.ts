import * as z from "zod";

/** Minutes, or a text such as `24h`. */
export const minimumAgeSchema: z.ZodType = z.union([z.number().min(0), z.string().regex(/^\d{1,6}[mhd]$/)]);

const word = z.enum(["required", "allowed", "blocked"]);
const digest = z.string().regex(/^sha256-[0-9a-f]{64}$/);
const digests = z.union([digest, z.array(digest).min(1)]);

/** The key `plugins` of a managed policy. */
export const pluginRulesSchema: z.ZodType = z
  .record(
    z.string(),
    z.union([
      word,
      z.strictObject({
        rule: word.optional().describe("Default allowed"),
        version: z.string().optional().describe("Range that its version has to lie in"),
        digest: digests.optional().describe("Digest of its files, as `tree` in `plugins.lock`, or several"),
        accept: digests
          .optional()
          .describe("The administrator's yes to what it runs: the digest that consent asks for"),
        minimumReleaseAge: minimumAgeSchema.optional().describe("Counts for it in place of the file's; wants a reason"),
        reason: z.string().optional().describe("What people are shown"),
      }),
    ]),
  )
  .describe("Rules by `name@market`, for the plugins of a marketplace by `*@market`, for all of them by `*`");
