import * as z from "zod";

const ref = z.string().min(1).describe("Branch or tag; the default branch when absent");
const sha = z
  .string()
  .regex(/^[0-9a-fA-F]{40}$/)
  .describe("Commit id in full");

/** Sources of a plugin in a catalog entry (formats.md §2.3). */
export const pluginSourceSchema: z.ZodType = z
  .union([
    z.string().min(1).describe("Directory inside the marketplace, e.g. `./plugins/name`"),
    z.looseObject({
      source: z.literal("github"),
      repo: z.string().describe("owner/repo"),
      ref: ref.optional(),
      sha: sha.optional(),
      path: z.string().optional(),
    }),
    z.looseObject({
      source: z.literal("url"),
      url: z.string().describe("Any git URL"),
      ref: ref.optional(),
      sha: sha.optional(),
      path: z.string().optional(),
    }),
    z.looseObject({
      source: z.literal("git-subdir"),
      url: z.string().describe("Git URL or owner/repo"),
      path: z.string(),
      ref: ref.optional(),
      sha: sha.optional(),
    }),
    z.looseObject({
      source: z.literal("npm"),
      package: z.string(),
      version: z.string().optional(),
      registry: z.string().optional(),
    }),
    z.looseObject({
      source: z.literal("archive"),
      url: z.string(),
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/)
        .optional(),
    }),
    z.looseObject({ source: z.literal("command"), command: z.string().min(1).max(500) }),
  ])
  .meta({ title: "Plugin source" });

/** Sources of a marketplace in settings, policy and `plugins.json` (formats.md §8.3). */
export const marketplaceSourceSchema: z.ZodType = z
  .union([
    z.looseObject({
      source: z.literal("github"),
      repo: z.string().describe("owner/repo"),
      ref: ref.optional(),
      path: z.string().optional(),
    }),
    z.looseObject({
      source: z.literal("git"),
      url: z.string(),
      ref: ref.optional(),
      path: z.string().optional(),
    }),
    z.looseObject({ source: z.literal("url"), url: z.string() }),
    z.looseObject({ source: z.literal("directory"), path: z.string() }),
    z.looseObject({ source: z.literal("file"), path: z.string() }),
    z.looseObject({
      source: z.literal("npm"),
      package: z.string().describe("Its root is a marketplace"),
      version: z.string().optional().describe("Version, range or tag; `latest` when absent"),
      registry: z.string().optional().describe("The public one when absent"),
    }),
    z.looseObject({
      source: z.literal("settings"),
      name: z.string().describe("Name of the marketplace"),
      plugins: z.array(z.looseObject({ name: z.string(), source: pluginSourceSchema })),
    }),
  ])
  .meta({ title: "Marketplace source" });

/** Elements of allow and block lists: sources, whole owners and patterns. */
export const marketplaceRuleSchema: z.ZodType = z
  .union([
    marketplaceSourceSchema,
    z.looseObject({
      source: z.literal("github"),
      repo: z.string().regex(/^[A-Za-z0-9-]+\/\*$/),
    }),
    z.looseObject({ source: z.literal("hostPattern"), hostPattern: z.string() }),
    z.looseObject({ source: z.literal("pathPattern"), pathPattern: z.string() }),
    z.looseObject({ source: z.literal("settings"), name: z.string() }),
    z.looseObject({ source: z.literal("skills-dir") }),
  ])
  .meta({ title: "Marketplace rule" });
